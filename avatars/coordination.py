"""Two orders to one person in one breath: "I'll call the bank tomorrow and send the invoice on Monday"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from avatars.cursor import is_name
from avatars.grammar import Force, Reading, read
from avatars.recognizer import Present
from avatars.verbs import ACTION_VERBS, word_set
from avatars.words import Token

_WORKING = frozenset(
    {Force.WILL, Force.GOING, Force.OFFER, Force.CAN, Force.MUST, Force.ASK, Force.ORDER, Force.ASSIGN}
)
_THING_STARTS = word_set("the a an my our your his their all some two three four five new another this those")
_NO_THING = word_set(
    "it them that him her me us you to and or for on in at by with about from into up out back if whether"
)
_LIGHT = word_set("go come try stop call help see look talk phone ring meet visit")
"""Before "and" often only half of what is meant ("call the bank and ask"), unless a day stands between."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A clause with one piece of work."""

    clause: tuple[Token, ...]
    reading: Reading


def parts(clause: tuple[Token, ...], present: Sequence[Present], now: datetime) -> list[Part]:
    """A clause for each piece of work: subject and "will" are said once and mean both.

    A day at the end counts for all of them, a day in between only for what stands before it. "Write it and send it
    to Bo" stays one: the second has no thing of its own.

    Args:
        clause: tokens of one clause.
        present: people whose names may be heard.
        now: the moment it was said, in the office's time zone.
    """
    whole = read(clause, present, now)
    cut = _cut(whole)
    if cut is None:
        return [Part(clause=clause, reading=whole)]
    opening = clause[: whole.verb_at]
    first = read(clause[:cut], present, now)
    others = parts((*opening, *clause[cut + 1 :]), present, now)
    later = others[0].reading
    if later.verb not in ACTION_VERBS:
        return [Part(clause=clause, reading=whole)]
    if not first.dues and later.dues and later.dues[-1].end >= len(later.tags) - 1:
        first = _also_due(first, later)
    spoken = clause[cut + 1 :]
    own = replace(others[0], clause=_same_place(others[0].clause, len(opening), spoken))
    return [Part(clause=clause[:cut], reading=first), own, *others[1:]]


def _cut(reading: Reading) -> int | None:
    """Where the "and" between two pieces of work stands."""
    tags = reading.tags
    if reading.force not in _WORKING or reading.verb not in ACTION_VERBS:
        return None
    inside = {place for due in reading.dues for place in range(due.start, due.end)}
    for place in range(reading.verb_at + 2, len(tags) - 2):
        if tags[place] != "and" or place in inside:
            continue
        at = place + 1
        while tags[at] in ("then", "also", "please") and at + 2 < len(tags):
            at += 1
        if tags[at] not in ACTION_VERBS or at + 1 >= len(tags):
            continue
        has_thing = tags[at + 1] in _THING_STARTS or is_name(tags[at + 1]) or (
            tags[at + 1] not in _NO_THING and tags[place - 1] not in ACTION_VERBS and at + 2 < len(tags)
            and tags[at + 2] not in ("and", "or")
        )  # fmt: skip
        if reading.verb in _LIGHT and not any(due.end == place for due in reading.dues):
            continue
        if has_thing and _is_phrase(tags, reading.verb_at + 1, place):
            return place
    return None


def _is_phrase(tags: Sequence[str], begin: int, end: int) -> bool:
    """Whether there is a thing to work on between the verb and "and"."""
    return any(tag not in _NO_THING for tag in tags[begin:end])


def _also_due(first: Reading, later: Reading) -> Reading:
    """The day that was said once, at the end; it has no words in this clause."""
    due = later.dues[-1]
    size = len(first.tags)
    return replace(first, dues=(replace(due, start=size, end=size),))


def _same_place(clause: tuple[Token, ...], opening: int, spoken: Sequence[Token]) -> tuple[Token, ...]:
    """The words taken over stand, for quotations, where the new piece begins."""
    start = spoken[0].start
    return (*(replace(token, start=start, end=start) for token in clause[:opening]), *clause[opening:])
