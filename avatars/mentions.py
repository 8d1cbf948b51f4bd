"""What a request names that can be looked up: days, sums, numbers, people, rooms, workflows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from avatars import dates
from avatars.date_words import read_clock
from avatars.money import sums
from avatars.names import tag
from avatars.recognizer import Present
from avatars.request_text import Piece
from avatars.words import norms, tokenise


class MentionKind(StrEnum):
    """What is named."""

    DUE = "due"
    AMOUNT = "amount"
    NUMBER = "number"
    PERSON = "person"
    ROOM = "room"
    WORKFLOW = "workflow"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """Words `start` to `end` (exclusive), and what they stand for."""

    kind: MentionKind
    start: int
    end: int
    value: str
    """ISO day or "", "1250.50 EUR", the digits, the person's id, the name of the room or the workflow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a request may name."""

    now: datetime
    """The moment it was said, in the office's time zone."""
    people: tuple[Present, ...] = ()
    rooms: tuple[str, ...] = ()
    workflows: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Name -> other words for it ("escalation": "escalate")."""


_DIGITS = {
    word: str(digit)
    for digit, words in enumerate(
        ("zero oh o", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    )
    for word in words.split()
}
_TIMES = {"double": 2, "triple": 3}


def find(text: str, words: Sequence[Piece], around: Surroundings) -> list[Mention]:
    """Every mention, in order; two of different kinds may share words.

    Args:
        text: what was said.
        words: its pieces.
        around: what can be named.
    """
    plain = [piece.word for piece in words]
    found = [
        Mention(
            kind=MentionKind.AMOUNT,
            start=money.start,
            end=money.end,
            value=f"{money.value} {money.currency}".strip(),
        )
        for money in sums(plain)
    ]
    taken = {place for mention in found for place in range(mention.start, mention.end)}
    found += [mention for mention in _numbers(plain) if mention.start not in taken]
    found += _people(plain, around.people)
    found += _named(plain, MentionKind.ROOM, {name: (name,) for name in around.rooms})
    found += _named(
        plain, MentionKind.WORKFLOW, {name: (name, *other) for name, other in around.workflows.items()}
    )
    found += _days(text, words, around)
    return sorted(found, key=lambda mention: (mention.start, mention.end, mention.kind))


def _numbers(words: list[str]) -> list[Mention]:
    """ "8841", "inv-3302", "four four one two", "nine oh four", "double seven one"."""
    found: list[Mention] = []
    at = 0
    while at < len(words):
        if any(letter.isdecimal() for letter in words[at]) and ":" not in words[at]:
            found.append(Mention(kind=MentionKind.NUMBER, start=at, end=at + 1, value=words[at].upper()))
            at += 1
            continue
        end, digits = at, ""
        while end < len(words):
            times = _TIMES.get(words[end], 0) if end + 1 < len(words) and words[end + 1] in _DIGITS else 0
            digit = words[end + 1] if times else words[end]
            if digit not in _DIGITS:
                break
            digits += _DIGITS[digit] * (times or 1)
            end += 2 if times else 1
        if len(digits) >= 3:
            found.append(Mention(kind=MentionKind.NUMBER, start=at, end=end, value=digits))
        at = max(end, at + 1)
    return found


def _people(words: list[str], people: Sequence[Present]) -> list[Mention]:
    found: list[Mention] = []
    tags = tag(words, people)
    for at, mark in enumerate(tags):
        if mark.startswith("@") and len(mark) > 1:
            end = at + 1 + (tags[at + 1 : at + 2] == ["@"])
            found.append(Mention(kind=MentionKind.PERSON, start=at, end=end, value=people[int(mark[1:])].id))
    return found


def _named(words: list[str], kind: MentionKind, names: Mapping[str, tuple[str, ...]]) -> list[Mention]:
    """Names from a list, the longest first; a plural "s" counts as the name."""
    forms = sorted(
        ((form.lower().split(), name) for name, others in names.items() for form in others if form.strip()),
        key=lambda pair: -len(pair[0]),
    )
    found: list[Mention] = []
    at = 0
    while at < len(words):
        for form, name in forms:
            heard = words[at : at + len(form)]
            if heard == form or (heard[:-1] == form[:-1] and heard[-1:] == [form[-1] + "s"]):
                found.append(Mention(kind=kind, start=at, end=at + len(form), value=name))
                at += len(form) - 1
                break
        at += 1
    return found


_BEFORE_HOUR = ("at", "by", "until", "before")


def _is_hour(said: list[str]) -> bool:
    """ "half past two", "nine o'clock", "3 pm": an hour also where nothing leads to it."""
    return said[0] in ("half", "quarter") or said[-1] in ("o'clock", "pm", "am")


def _days(text: str, words: Sequence[Piece], around: Surroundings) -> list[Mention]:
    """Due phrases, and hours alone ("at three")."""
    tokens = tokenise(text)
    said = norms(tokens)
    if "from" not in said:
        said = ["until" if word == "to" else word for word in said]  # "move it to Friday"
    spans = [
        (tokens[phrase.start].start, tokens[phrase.end - 1].end, phrase.day.isoformat() if phrase.day else "")
        for phrase in dates.find(tag(said, around.people), around.now)
    ]
    for at, word in enumerate(said):
        led = word in _BEFORE_HOUR
        end = read_clock(said, at + led)
        if end is not None and (led or _is_hour(said[at:end])):
            spans.append((tokens[at].start, tokens[end - 1].end, ""))
    found: list[Mention] = []
    free = 0
    for start, stop, day in sorted(spans):
        inside = [place for place, piece in enumerate(words) if piece.start >= start and piece.end <= stop]
        if inside and inside[0] >= free:
            free = inside[-1] + 1
            found.append(Mention(kind=MentionKind.DUE, start=inside[0], end=free, value=day))
    return found
