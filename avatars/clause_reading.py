"""An utterance as clauses that the grammar has read, and a clause of a kind as an intent. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from avatars.clauses import split
from avatars.coordination import parts
from avatars.cursor import is_name
from avatars.errors import ModelError
from avatars.grammar import Force, Reading
from avatars.intent import Intent, IntentKind
from avatars.paraphrase import plainly
from avatars.recognizer import Context, Present, PresentKind
from avatars.slots import Slots, fill, written
from avatars.words import CONNECTORS, Token, tokenise
from media.utterance import Utterance


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """A clause, and how the grammar reads it."""

    tokens: tuple[Token, ...]
    reading: Reading

    @property
    def is_short(self) -> bool:
        """Too short to ask or to settle anything."""
        return sum(token.norm not in CONNECTORS for token in self.tokens) < 2


def read_clauses(utterance: Utterance, context: Context, heard_as: Mapping[str, Sequence[str]]) -> list[Clause]:
    """Every clause, in the order spoken.

    Args:
        utterance: what was said.
        context: who is there, and when.
        heard_as: for the name of an avatar, lower case, other spellings under which recognisers write it.

    Raises:
        ModelError: the time zone of the context is not known.
    """
    now = local_time(context)
    tokens = call_by_name(tokenise(utterance.text, utterance.words), context.present, heard_as)
    pieces = [
        piece
        for clause in split(tokens, context.present)
        for piece in parts(plainly(clause, context.present), context.present, now)
    ]
    readings = resolve_pronouns([piece.reading for piece in pieces])
    return [Clause(tokens=piece.clause, reading=reading) for piece, reading in zip(pieces, readings, strict=True)]


def intent_of(
    utterance: Utterance, context: Context, clause: Clause, kind: IntentKind, confidence: float
) -> Intent | None:
    """A clause of a kind, with its slots; None where it is work of nobody."""
    reading, tokens = clause.reading, clause.tokens
    slots = Slots(what="", owner=None, owner_name=None, due=None, due_phrase=None)
    if kind is IntentKind.ACTION_ITEM:
        slots = fill(reading, tokens, context.present, utterance.speaker, utterance.speaker_name)
        if not slots.what or _asks_an_avatar(slots, context):
            return None
    start, end = tokens[0].start, tokens[-1].end
    return Intent(
        kind=kind,
        confidence=confidence,
        text=utterance.text[start:end],
        span=(start, end),
        what=slots.what if kind is IntentKind.ACTION_ITEM else sentence(tokens, reading, context.present),
        owner=slots.owner,
        owner_name=slots.owner_name,
        due=slots.due,
        due_phrase=slots.due_phrase,
        addressed="addressed" in reading.lead or kind is IntentKind.REQUEST,
    )


def call_by_name(
    tokens: tuple[Token, ...], present: Sequence[Present], heard_as: Mapping[str, Sequence[str]]
) -> tuple[Token, ...]:
    """Write an avatar's name right where it opens what is said."""
    at = 0
    while at < len(tokens) and tokens[at].norm in CONNECTORS:
        at += 1
    for person in present:
        if person.kind is not PresentKind.AVATAR:
            continue
        for form in heard_as.get(person.name.lower(), ()):
            parts = form.split()
            if [token.norm for token in tokens[at : at + len(parts)]] == parts and len(tokens) > at + len(parts):
                whole = replace(tokens[at], norm=person.name.lower(), end=tokens[at + len(parts) - 1].end, stop="")
                return (*tokens[:at], whole, *tokens[at + len(parts) :])
    return tokens


def _asks_an_avatar(slots: Slots, context: Context) -> bool:
    """Work for an avatar that only keeps the notes is no task of anybody."""
    return any(person.id == slots.owner and person.kind is PresentKind.AVATAR for person in context.present)


def resolve_pronouns(readings: Sequence[Reading]) -> list[Reading]:
    """ "Bo is back on Monday. He will send it": he is Bo, named last in the same breath."""
    resolved: list[Reading] = []
    last: str | None = None
    for reading in readings:
        if reading.subject and reading.subject[0] in ("he", "she") and last is not None:
            at = next(place for place, tag in enumerate(reading.tags) if tag == reading.subject[0])
            tags = (*reading.tags[:at], last, *reading.tags[at + 1 :])
            reading = replace(reading, subject=(last,), tags=tags)
        named = [tag for tag in reading.subject if is_name(tag) and tag != "@"]
        last = named[-1] if len(named) == 1 else last
        resolved.append(reading)
    return resolved


def sentence(clause: Sequence[Token], reading: Reading, present: Sequence[Present]) -> str:
    """A clause as a sentence for the minutes: without what leads in, with a capital."""
    begin = reading.asked_at
    if "decided" in reading.lead and begin < len(clause) and clause[begin].norm == "to":
        begin += 1
    elif reading.force is Force.PROPOSE and reading.subject == ("we",) and begin + 2 <= len(clause):
        begin = reading.verb_at if not reading.negated else begin
    words: list[str] = []
    for token, tag in zip(clause[begin:], reading.tags[begin:], strict=True):
        if is_name(tag) and tag != "@" and not token.text.endswith("'s"):
            words.append(present[int(tag[1:])].name)
        elif token.text and tag != "@":
            words.append(written(token))
    while words and words[-1].lower() in ("then", "okay", "please", "and", "so"):
        words.pop()
    text = " ".join(words) or " ".join(token.text for token in clause if token.text)
    return text[:1].upper() + text[1:]


def local_time(context: Context) -> datetime:
    """The context's moment in the office's time zone.

    Raises:
        ModelError: the zone's name is not known.
    """
    try:
        return context.now.astimezone(ZoneInfo(context.timezone))
    except (KeyError, ValueError, OSError) as error:
        reason = "is not a known time zone: use a name like Europe/Berlin"
        raise ModelError(context.timezone or "time zone", reason) from error
