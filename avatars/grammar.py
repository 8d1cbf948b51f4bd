"""How a clause is built: who is its subject, what is said of them (will, can, did), and which verb."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from avatars import dates
from avatars.dates import DuePhrase
from avatars.names import is_common, tag
from avatars.recognizer import Present
from avatars.verbs import GERUNDS, PASTS, THIRD_PERSON, UNCHANGED_PASTS, VERB_SOUNDS, base_of, is_base, word_set
from avatars.words import CONNECTORS, Token


class Force(StrEnum):
    """What the clause does with its verb."""

    WILL = "will"
    GOING = "going"
    OFFER = "offer"
    CAN = "can"
    OUGHT = "ought"
    MUST = "must"
    WOULD = "would"
    WANT = "want"
    ASK = "ask"
    ORDER = "order"
    ASSIGN = "assign"
    DOING = "doing"
    DOES = "does"
    DID = "did"
    PASSIVE = "passive"
    PROPOSE = "propose"
    NONE = "none"


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


_ADVERBS = word_set(
    "also then just quickly definitely probably maybe please therefore personally myself gladly certainly surely still "
    "now immediately directly simply happily first always all both again actually really soon kindly perhaps "
    "hopefully quick together finally obviously of course uh um er next later anyway"
)
_HEDGES = word_set("maybe perhaps probably hopefully possibly might")
_DETERMINERS = word_set("the a an our my their his her your this that these those its some no every each any one")
_LEADS: tuple[tuple[str, str], ...] = (
    ("just to confirm", "noted"), ("to confirm", "noted"), ("to recap", "noted"), ("to sum up", "noted"),
    ("for the minutes", "noted"), ("for the record", "noted"), ("action item for", "noted"), ("action item", "noted"),
    ("action point for", "noted"), ("action point", "noted"), ("action for", "noted"), ("next step is that", "noted"),
    ("next step", "noted"), ("to do for", "noted"), ("task for", "noted"), ("new task for", "noted"),
    ("new task", "noted"), ("a task for", "noted"), ("the plan is that", "noted"), ("the plan is", "noted"),
    ("please note that", "noted"), ("please note", "noted"), ("note that", "noted"), ("note down that", "noted"),
    ("please remember that", "noted"), ("remember that", "noted"), ("write down that", "noted"),
    ("please write down that", "noted"), ("write down", "noted"), ("make a note that", "noted"),
    ("take a note that", "noted"), ("please take a note that", "noted"), ("put down that", "noted"),
    ("can you note that", "noted"), ("could you note that", "noted"), ("can you write down that", "noted"),
    ("could you write down that", "noted"), ("please put on the list that", "noted"), ("remind us that", "noted"),
    ("put on the board that", "noted"), ("note down", "noted"), ("add a task", "noted"), ("create a task", "noted"),
    ("the action is for", "noted"), ("it is agreed that", "decided"), ("agreed that", "decided"),
    ("we have agreed that", "decided"), ("we agreed that", "decided"), ("we agreed", "decided"),
    ("as agreed", "noted"), ("as discussed", "noted"), ("as promised", "noted"), ("we have decided that", "decided"),
    ("we decided that", "decided"), ("we decided", "decided"), ("it is decided that", "decided"),
    ("the decision is that", "decided"), ("the decision is", "decided"), ("decision", "decided"), ("agreed", "noted"),
    ("no problem", "noted"), ("no worries", "noted"), ("of course", "noted"), ("in that case", "noted"),
    ("i think", "hedge"), ("i guess", "hedge"), ("i believe", "hedge"), ("i suppose", "hedge"), ("i hope", "wish"),
    ("i wish", "wish"), ("hopefully", "wish"), ("if only", "wish"), ("maybe", "hedge"), ("perhaps", "hedge"),
    ("apparently", "report"), ("i heard that", "report"), ("i heard", "report"), ("imagine", "wish"),
    ("i would say", "hedge"), ("that means", "noted"), ("this means", "noted"), ("which means", "noted"),
    ("if nobody minds", "noted"), ("if that is okay", "noted"), ("if that is ok", "noted"), ("if you like", "noted"),
    ("if you want", "noted"), ("if it helps", "noted"), ("on my side", "noted"), ("from my side", "noted"),
    ("on my end", "noted"), ("on that note", "noted"), ("that is settled", "noted"), ("so that", "noted"),
    ("in the meantime", "noted"), ("meanwhile", "noted"), ("after that", "noted"), ("afterwards", "noted"),
    ("after lunch", "noted"), ("after the meeting", "noted"), ("after this meeting", "noted"), ("because", "sub"),
    ("since", "sub"), ("although", "sub"), ("unless", "if"), ("if", "if"), ("whether", "if"), ("in case", "if"),
    ("assuming", "if"), ("suppose", "if"), ("when", "when"), ("once", "when"), ("as soon as", "when"),
    ("after", "when"), ("before", "when"), ("until", "when"), ("while", "when"), ("last but not least", "noted"),
    ("one more thing", "noted"), ("it would be great if", "request"), ("it would be nice if", "wish"),
    ("it would be good if", "wish"), ("i am glad", "sub"), ("i am sure", "hedge"), ("no i think", "hedge"),
    ("you know", "noted"), ("i mean", "noted"), ("don't worry", "noted"), ("to be honest", "noted"),
    ("to be clear", "noted"), ("for now", "noted"), ("as a next step", "noted"), ("and", "noted"),
    ("make sure that", "noted"), ("make sure", "noted"), ("as usual", "noted"), ("thank you", "noted"),
    ("thanks", "noted"), ("please", "please"), ("yes please", "please"), ("all right", "noted"), ("you said", "report"),
    ("she said", "report"), ("he said", "report"), ("they said", "report"), ("they told me", "report"),
    ("he told me", "report"), ("she told me", "report"), ("i was told", "report"), ("i understand", "report"),
    ("rumour has it", "report"), ("no", "noted"), ("let us say", "noted"), ("how about", "propose"),
    ("what about", "propose"), ("why do not", "propose"), ("why don't", "propose"), ("what if", "propose"),
)  # fmt: skip
_LEAD_PARTS = tuple(sorted(((tuple(text.split()), mark) for text, mark in _LEADS), key=lambda item: -len(item[0])))


_TAKES_BASE = frozenset({Force.WILL, Force.GOING, Force.OFFER, Force.CAN, Force.MUST, Force.ASK, Force.ASSIGN})


class _Cursor:
    """A place in the tags."""

    def __init__(self, tags: Sequence[str], at: int = 0) -> None:
        self.tags = tags
        self.at = at

    def peek(self, offset: int = 0) -> str:
        place = self.at + offset
        return self.tags[place] if place < len(self.tags) else ""

    def take(self, *words: str) -> bool:
        """Step over these words if they are next."""
        if tuple(self.tags[self.at : self.at + len(words)]) == words:
            self.at += len(words)
            return True
        return False

    def take_any(self, words: frozenset[str] | set[str]) -> str:
        if self.at < len(self.tags) and self.tags[self.at] in words:
            self.at += 1
            return self.tags[self.at - 1]
        return ""

    def skip_adverbs(self) -> bool:
        """Step over adverbs; whether one of them was a hedge."""
        hedged = False
        while self.peek() in _ADVERBS:
            hedged = hedged or self.peek() in _HEDGES
            self.at += 1
        return hedged


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
    cursor = _Cursor(tags)
    lead = _read_lead(cursor, dues, present)
    begin = cursor.at
    found = _read_core(cursor, lead)
    subject, force, negated, verb_at = found
    verb = ""
    if verb_at < len(tags):
        tags[verb_at] = VERB_SOUNDS.get(tags[verb_at], tags[verb_at]) if force in _TAKES_BASE else tags[verb_at]
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


def is_name(tag_: str) -> bool:
    """Whether a tag stands for somebody present."""
    return tag_.startswith("@")


def _read_lead(cursor: _Cursor, dues: Sequence[DuePhrase], present: Sequence[Present]) -> list[str]:
    """Step over everything in front of the subject; return its markers."""
    lead: list[str] = []
    moved = True
    while moved and cursor.at < len(cursor.tags):
        moved = False
        for due in dues:
            if due.start == cursor.at and due.end < len(cursor.tags):
                cursor.at, moved = due.end, True
        for parts, mark in _LEAD_PARTS:
            if mark in ("when", "if", "sub") and lead and lead[-1] == mark:
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


def _is_called(cursor: _Cursor) -> bool:
    """ "Tom, I will ...", "Tom, David needs to ...": whoever stands first is only spoken to."""
    following = cursor.peek(2) if cursor.peek(1) == "@" else cursor.peek(1)
    return is_name(following) or following in ("i", "we", "let", "the", "not")


def _is_avatar(tag_: str, present: Sequence[Present]) -> bool:
    return tag_ != "@" and present[int(tag_[1:])].kind == "avatar"


_Core = tuple[tuple[str, ...], Force, bool, int]


def _read_core(cursor: _Cursor, lead: list[str]) -> _Core:
    """Subject, force, negation and the verb's place."""
    for rule in (_offer, _ask, _wish_of, _let_us, _named_order, _statement, _order):
        begin = cursor.at
        found = rule(cursor, lead)
        if found is not None:
            return found
        cursor.at = begin
    return (), Force.NONE, False, len(cursor.tags)


def _offer(cursor: _Cursor, lead: list[str]) -> _Core | None:
    """ "let me send", "leave it to me to", "allow me to"."""
    if cursor.take("let", "me") or cursor.take("allow", "me", "to"):
        cursor.skip_adverbs()
        if cursor.peek() and (is_base(cursor.peek()) or len(cursor.tags) - cursor.at > 1):
            return ("i",), Force.OFFER, False, cursor.at
    return None


def _ask(cursor: _Cursor, lead: list[str]) -> _Core | None:
    """ "can you send", "could Lin check", "would you mind checking", "can I ask you to"."""
    vocative: tuple[str, ...] = ()
    if is_name(cursor.peek()) and cursor.peek(1) in (
        "can",
        "could",
        "would",
        "will",
        "do",
        "are",
        "may",
        "please",
    ):
        ahead = cursor.peek(2)
        if ahead == "you" or (cursor.peek(1) == "please" and cursor.peek(2) in ("can", "could")):
            vocative = (cursor.peek(),)
            cursor.at += 1
            cursor.take("please")
    if cursor.take("do", "you", "mind") or cursor.take("would", "you", "mind"):
        return vocative or ("you",), Force.ASK, False, cursor.at
    if cursor.take("are", "you", "able", "to") or cursor.take("do", "you", "have", "time", "to"):
        return vocative or ("you",), Force.ASK, False, cursor.at
    if (
        cursor.peek() in ("can", "could", "may")
        and cursor.peek(1) == "i"
        and cursor.peek(2) in ("ask", "get", "have")
    ):
        cursor.at += 3
        subject = _subject(cursor)
        if subject and cursor.take("to"):
            return subject if subject != ("you",) else vocative or subject, Force.ASK, False, cursor.at
        return None
    if cursor.peek() not in ("can", "could", "would", "will"):
        return None
    cursor.at += 1
    subject = _subject(cursor)
    if not subject:
        return None
    cursor.skip_adverbs()
    negated = cursor.take("not")
    if cursor.take("be", "so", "kind", "to") or cursor.take("be", "so", "kind", "and") or cursor.take("mind"):
        pass
    cursor.take("be", "able", "to")
    cursor.take("try", "to")
    if not cursor.peek():
        return None
    if subject == ("you",) and vocative:
        subject = vocative
    return subject, Force.ASK, negated, cursor.at


def _wish_of(cursor: _Cursor, lead: list[str]) -> _Core | None:
    """ "I need Bo to send", "I would like you to check", "I asked Lin to"."""
    if cursor.take("remind", "me", "to") or cursor.take("remind", "myself", "to"):
        return ("i",), Force.ASSIGN, False, cursor.at
    for words in (
        ("remind",), ("i", "would", "like"), ("we", "would", "like"), ("i", "want"), ("i", "need"), ("we", "need"), ("we", "want"),
        ("i", "ask"), ("i", "am", "asking"), ("i", "would", "ask"), ("i", "will", "ask"), ("it", "is", "up", "to"),
        ("i", "will", "get"), ("we", "will", "have"), ("i", "am", "counting", "on"), ("it", "is", "on"),
        ("we", "will", "ask"), ("we", "will", "get"), ("it", "is", "for"),
    ):  # fmt: skip
        begin = cursor.at
        if cursor.take(*words):
            subject = _subject(cursor)
            if subject and (is_name(subject[0]) or subject == ("you",)) and cursor.take("to") and cursor.peek():
                return subject, Force.ASSIGN, False, cursor.at
        cursor.at = begin
    return None


def _let_us(cursor: _Cursor, lead: list[str]) -> _Core | None:
    """ "let us move the launch"."""
    if (
        cursor.take("let", "us")
        or cursor.take("shall", "we")
        or cursor.take("we", "could")
        or cursor.take("should", "we")
    ):
        negated = cursor.take("not")
        cursor.skip_adverbs()
        return ("we",), Force.PROPOSE, negated, cursor.at
    return None


def _named_order(cursor: _Cursor, lead: list[str]) -> _Core | None:
    """ "Lin please check", "Bo to send", "Bo and Lin please prepare", "for Bo to send"."""
    cursor.take("for")
    begin = cursor.at
    names = _names(cursor)
    if not names:
        return None
    polite = cursor.take("please") or cursor.take("you", "please")
    if cursor.take("to") and is_base(cursor.peek()):
        return names, Force.ASSIGN, False, cursor.at
    cursor.take("just")
    if (
        cursor.take("do", "not", "forget", "to")
        or cursor.take("remember", "to")
        or cursor.take("make", "sure", "you")
    ):
        return names, Force.ORDER, False, cursor.at
    if (polite or is_base(cursor.peek())) and cursor.peek() not in ("will", "can", "need", "have", "like", ""):
        if not polite and cursor.peek() in ("do", "must", "let", "be"):
            return None
        if len(names) > 1 and not polite:
            return names, Force.DOES, False, cursor.at
        return names, Force.ORDER, False, cursor.at
    cursor.at = begin
    return None


def _names(cursor: _Cursor) -> tuple[str, ...]:
    """ "@0 and @1"."""
    names: list[str] = []
    while is_name(cursor.peek()):
        if cursor.peek() != "@":
            names.append(cursor.peek())
        cursor.at += 1
        if cursor.peek() == "@":
            cursor.at += 1
        if is_name(cursor.peek()):
            break
        if cursor.peek() in ("and", "or", "with") and (is_name(cursor.peek(1)) or cursor.peek(1) in ("i", "me")):
            if cursor.peek(1) in ("i", "me"):
                names.append("i")
                cursor.at += 2
                break
            cursor.at += 1
    return tuple(names)


_PEOPLE = word_set("everyone everybody somebody someone nobody anyone anybody who one")


def _subject(cursor: _Cursor) -> tuple[str, ...]:
    """Names, a pronoun, or a short noun phrase in front of an auxiliary."""
    if names := _names(cursor):
        return names
    word = cursor.peek()
    if word in ("i", "we", "you", "he", "she", "they", "it"):
        cursor.at += 1
        if cursor.peek() == "and" and is_name(cursor.peek(1)):
            cursor.at += 1
            return (word, *_names(cursor))
        if word == "you" and cursor.peek() == "two":
            cursor.at += 1
        return (word,)
    if word in _PEOPLE:
        cursor.at += 1
        return (word,)
    return ()


_AUXILIARIES = word_set(
    "will shall can could should would must needs need has have had is are was were am might may"
)


def _noun_subject(cursor: _Cursor) -> tuple[str, ...]:
    """The words up to an auxiliary within the next six: "the customer", "petra", "the new release"."""
    for length in range(1, 7):
        word = cursor.peek(length)
        if not word:
            return ()
        if word in _AUXILIARIES and not (word in ("need", "have", "is", "are") and length < 1):
            words = tuple(cursor.tags[cursor.at : cursor.at + length])
            if words[0] in _AUXILIARIES or words[0] in ("not", "to", "what", "how", "why", "where", "which"):
                return ()
            cursor.at += length
            return words
        if word in ("to", "that", "if", "and", "because"):
            return ()
    return ()


def _statement(cursor: _Cursor, lead: list[str]) -> _Core | None:
    """Subject, auxiliary, verb."""
    subject = _subject(cursor) or _noun_subject(cursor)
    if not subject:
        return None
    if subject == ("you",) and cursor.peek() == "@":
        return None
    if cursor.skip_adverbs():
        lead.append("hedge")
    if cursor.take("will") or cursor.take("shall") or cursor.take("well"):
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
    for phrase in (
        ("promise", "to"), ("promises", "to"), ("agrees", "to"), ("agreed", "to"), ("offered", "to"), ("offers", "to"),
        ("promised", "to"), ("volunteered", "to"), ("volunteers", "to"), ("volunteer", "to"), ("offer", "to"),
    ):  # fmt: skip
        if cursor.take(*phrase):
            return subject, Force.ASSIGN, False, cursor.at
    word = cursor.peek()
    if word in PASTS and word not in UNCHANGED_PASTS:
        return subject, Force.DID, False, cursor.at
    if word in THIRD_PERSON or is_base(word):
        return subject, Force.DOES, False, cursor.at
    return None


def _after_will(cursor: _Cursor, lead: list[str], subject: tuple[str, ...]) -> _Core:
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


def _after_be(cursor: _Cursor, lead: list[str], subject: tuple[str, ...]) -> _Core:
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


def _after_have(cursor: _Cursor, lead: list[str], subject: tuple[str, ...]) -> _Core:
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


def _order(cursor: _Cursor, lead: list[str]) -> _Core | None:
    """ "send the budget", "please check", "don't forget to"."""
    if cursor.take("do", "not", "forget", "to") or cursor.take("remember", "to"):
        return (), Force.ORDER, False, cursor.at
    negated = cursor.take("do", "not")
    if is_base(cursor.peek()) and not is_common(cursor.peek()):
        return (), Force.ORDER, negated, cursor.at
    return None
