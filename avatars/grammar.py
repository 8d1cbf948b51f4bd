"""How a clause is built: who is its subject, what is said of them (will, can, did), and which verb."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from avatars import dates
from avatars.asks import ask, let_us, named_order, offer, order, please, wish_of
from avatars.cursor import AUXILIARIES, Core, Cursor, is_name, noun_subject
from avatars.cursor import Force as Force
from avatars.cursor import subject as subject_of
from avatars.due_phrase import DuePhrase
from avatars.leads import LEADS
from avatars.names import tag
from avatars.recognizer import Present
from avatars.verbs import (
    GERUNDS,
    PASTS,
    THIRD_PERSON,
    UNCHANGED_PASTS,
    VERB_SOUNDS,
    base_of,
    is_base,
    phrases,
    word_set,
)
from avatars.words import CONNECTORS, Token


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A clause as the grammar reads it."""

    tags: tuple[str, ...]
    """The words, names of people present as "@0"."""
    lead: tuple[str, ...]
    """Markers in front of the subject: "if", "decided", "noted", "hedge", "report", "addressed", "please"."""
    subject: tuple[str, ...]
    """Tags or pronouns: ("@0", "@1"), ("i",), ("the", "customer"); empty for an order."""
    force: Force
    negated: bool
    verb: str
    """Base form, or ""."""
    verb_at: int
    """Its token; the number of tokens when there is none."""
    dues: tuple[DuePhrase, ...]
    asked_at: int
    """Where the grammar began after the lead."""


_TAKES_BASE = frozenset({Force.WILL, Force.GOING, Force.OFFER, Force.CAN, Force.MUST, Force.ASK, Force.ASSIGN})


def read(tokens: Sequence[Token], present: Sequence[Present], now: datetime) -> Reading:
    """Read a clause.

    Args:
        tokens: of one clause.
        present: people whose names may be heard.
        now: the moment it was said, in the office's time zone.
    """
    words = [token.norm for token in tokens]
    tags = tag(words, present)
    dues = dates.find(tags, now)
    cursor = Cursor(tags)
    lead = _read_lead(cursor, dues, present)
    begin = cursor.at
    found = _read_core(cursor, lead)
    subject, force, negated, verb_at = found
    verb = ""
    if verb_at < len(tags):
        tags[verb_at] = VERB_SOUNDS.get(tags[verb_at], tags[verb_at]) if force in _TAKES_BASE else tags[verb_at]
        if force in _TAKES_BASE and not is_base(tags[verb_at]):
            tags[verb_at] = PASTS.get(tags[verb_at], tags[verb_at])
        if tags[verb_at] == "put" and force is not Force.DID and not _has_place(tags, verb_at, dues):
            tags[verb_at] = "book"
        verb = base_of(tags[verb_at]) or tags[verb_at]
    return Reading(
        tags=tuple(tags),
        lead=tuple(lead),
        subject=subject,
        force=force,
        negated=negated,
        verb=verb,
        verb_at=verb_at,
        dues=tuple(dues),
        asked_at=begin,
    )


_PLACES = word_set(
    "on in into onto up down together away at out under over through there here back off aside to behind "
    "next forward first inside around with along across between somewhere"
)


def _has_place(tags: Sequence[str], verb_at: int, dues: Sequence[DuePhrase]) -> bool:
    """ "put" needs a place ("put it on the list"); "put the room by Friday" was "book the room"."""
    inside = {place for due in dues for place in range(due.start, due.end)}
    return any(tags[place] in _PLACES for place in range(verb_at + 1, len(tags)) if place not in inside)


def _read_lead(cursor: Cursor, dues: Sequence[DuePhrase], present: Sequence[Present]) -> list[str]:
    """Step over everything in front of the subject; return its markers."""
    lead: list[str] = []
    moved = True
    while moved and cursor.at < len(cursor.tags):
        moved = False
        for due in dues:
            if due.start == cursor.at and due.end < len(cursor.tags):
                cursor.at, moved = due.end, True
        for parts, mark in LEADS:
            if mark in ("when", "if", "sub") and lead and lead[-1] == mark:
                continue
            if mark == "when" and len(parts) == 1 and cursor.peek(1) in AUXILIARIES:
                continue
            if cursor.take(*parts):
                lead.append(mark)
                moved = True
                break
        if (cursor.peek() in CONNECTORS and cursor.peek() not in ("like", "now")) or (
            cursor.peek() == "now" and cursor.peek(1) != ""
        ):
            cursor.at, moved = cursor.at + 1, True
        elif is_name(cursor.peek()) and _is_avatar(cursor.peek(), present) and "addressed" not in lead:
            cursor.at, moved = cursor.at + 1, True
            lead.append("addressed")
        elif is_name(cursor.peek()) and _is_called(cursor):
            cursor.at, moved = cursor.at + 1 + (cursor.peek(1) == "@"), True
    return lead


def _is_called(cursor: Cursor) -> bool:
    """ "Tom, I will ...", "Tom, David needs to ...": whoever stands first is only spoken to."""
    following = cursor.peek(2) if cursor.peek(1) == "@" else cursor.peek(1)
    return is_name(following) or following in ("i", "we", "you", "let", "the", "not")


def _is_avatar(tag_: str, present: Sequence[Present]) -> bool:
    return tag_ != "@" and present[int(tag_[1:])].kind == "avatar"


def _read_core(cursor: Cursor, lead: list[str]) -> Core:
    """Subject, force, negation and the verb's place."""
    for rule in (please, offer, ask, wish_of, let_us, named_order, _statement, order):
        begin = cursor.at
        found = rule(cursor, lead)
        if found is not None:
            return found
        cursor.at = begin
    return (), Force.NONE, False, len(cursor.tags)


_PROMISES = phrases(
    "promise to, promises to, agrees to, agreed to, offered to, offers to, promised to, volunteered "
    "to, volunteers to, volunteer to, offer to"
)


def _statement(cursor: Cursor, lead: list[str]) -> Core | None:
    """Subject, auxiliary, verb."""
    subject = subject_of(cursor) or noun_subject(cursor)
    if not subject:
        return None
    if subject == ("you",) and cursor.peek() == "@":
        return None
    if cursor.skip_adverbs():
        lead.append("hedge")
    if cursor.peek() in ("well", "wheel", "whale", "we'll") and is_base(cursor.peek(1)):
        cursor.tags[cursor.at] = "will"
    if cursor.take("will") or cursor.take("shall"):
        return _after_will(cursor, lead, subject)
    if cursor.peek() in ("am", "is", "are", "was", "were"):
        return _after_be(cursor, lead, subject)
    if word := cursor.take_any({"can", "could", "should", "must", "might", "may", "would"}):
        force = {"can": Force.CAN, "must": Force.MUST, "would": Force.WOULD, "should": Force.OUGHT}.get(
            word, Force.OUGHT
        )
        if word in ("might", "may", "could"):
            lead.append("hedge")
        negated = cursor.take("not")
        if cursor.skip_adverbs():
            lead.append("hedge")
        if cursor.take("like", "to") or cursor.take("love", "to"):
            return subject, Force.WANT, negated, cursor.at
        if cursor.take("have"):
            return subject, Force.DID, negated, cursor.at
        cursor.take("be", "able", "to")
        if cursor.peek() == "be" and cursor.peek(1) in PASTS:
            return subject, Force.PASSIVE, negated, cursor.at + 1
        return subject, force, negated, cursor.at
    if cursor.peek() in ("need", "needs", "have", "has", "ought") and cursor.peek(1) == "to":
        cursor.at += 2
        if cursor.peek() == "be" and cursor.peek(1) in PASTS:
            return subject, Force.PASSIVE, False, cursor.at + 1
        return subject, Force.MUST, False, cursor.at
    if cursor.take("had", "to"):
        return subject, Force.DID, False, cursor.at
    if cursor.peek() in ("have", "has", "had", "did", "do", "does"):
        return _after_have(cursor, lead, subject)
    if (
        cursor.take("want", "to")
        or cursor.take("wants", "to")
        or cursor.take("plan", "to")
        or cursor.take("plans", "to")
    ):
        return subject, Force.WANT, False, cursor.at
    for phrase in _PROMISES:
        if cursor.take(*phrase):
            return subject, Force.ASSIGN, False, cursor.at
    word = cursor.peek()
    if word in PASTS and word not in UNCHANGED_PASTS:
        return subject, Force.DID, False, cursor.at
    if word in THIRD_PERSON or is_base(word):
        return subject, Force.DOES, False, cursor.at
    return None


def _after_will(cursor: Cursor, lead: list[str], subject: tuple[str, ...]) -> Core:
    negated = cursor.take("not") or cursor.take("never")
    if cursor.skip_adverbs():
        lead.append("hedge")
    negated = negated or cursor.take("not") or cursor.take("never")
    for phrase in (
        ("be", "happy", "to"), ("be", "glad", "to"), ("be", "able", "to"), ("try", "to"), ("try", "and"),
        ("go", "ahead", "and"), ("have", "to"), ("need", "to"), ("be", "going", "to"), ("make", "sure", "to"),
        ("be", "the", "one", "to"), ("be", "responsible", "for"), ("be", "in", "charge", "of"), ("go", "and"),
    ):  # fmt: skip
        if cursor.take(*phrase):
            break
    if cursor.peek() == "be" and cursor.peek(1) in GERUNDS:
        cursor.at += 1
    elif cursor.peek() == "be" and cursor.peek(1) in PASTS and subject[:1] != ("i",):
        return subject, Force.PASSIVE, negated, cursor.at + 1
    return subject, Force.WILL, negated, cursor.at


def _after_be(cursor: Cursor, lead: list[str], subject: tuple[str, ...]) -> Core:
    past = cursor.take_any({"am", "is", "are", "was", "were"}) in ("was", "were")
    negated = cursor.take("not")
    cursor.skip_adverbs()
    if cursor.take("going", "to"):
        cursor.skip_adverbs()
        return subject, Force.DID if past else Force.GOING, negated, cursor.at
    if cursor.take("responsible", "for") or cursor.take("in", "charge", "of") or cursor.take("supposed", "to"):
        return subject, Force.DID if past else Force.ASSIGN, negated, cursor.at
    if cursor.take("happy", "to") or cursor.take("glad", "to"):
        return subject, Force.DID if past else Force.ASSIGN, negated, cursor.at
    if cursor.peek() == "to" and is_base(cursor.peek(1)):
        return subject, Force.ASSIGN, negated, cursor.at + 1
    if cursor.peek() in GERUNDS:
        return subject, Force.DID if past else Force.DOING, negated, cursor.at
    return subject, Force.DID if past else Force.NONE, negated, len(cursor.tags)


def _after_have(cursor: Cursor, lead: list[str], subject: tuple[str, ...]) -> Core:
    begin, word = cursor.at, cursor.peek()
    cursor.at += 1
    negated = cursor.take("not")
    if cursor.skip_adverbs():
        lead.append("hedge")
    if word in ("have", "has", "had") and (cursor.peek() in PASTS or cursor.peek() in ("been", "already")):
        if cursor.peek() in ("agreed", "offered", "promised", "volunteered") and cursor.peek(1) == "to":
            return subject, Force.ASSIGN, negated, cursor.at + 2
        return subject, Force.DID, negated, cursor.at
    if word == "had" or word == "did":
        return subject, Force.DID, negated, cursor.at
    if word in ("do", "does") and negated:
        return subject, Force.DOES, negated, cursor.at
    return subject, Force.DOES, negated, begin
