"""What the office's plain tables hold: people, meetings, lines and notes, and how a row is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from media.transcriber import Word
from server.errors import Unacceptable
from server.exports.record import Line, Note
from server.roles import Role

NAME_LIMIT = 40
"""Longest name of a person, in characters."""
TITLE_LIMIT = 120
"""Longest title of a meeting, in characters."""
WORDS_LIMIT = 5000
"""Longest utterance, decision or question, in characters."""
LOOK_PARTS = 5
"""Skin, hair, hair style, outfit, accent: palette indices 0 to 5."""
LOOK_CHOICES = 6
_EMOJI_JOINER = "\u200d"


class Rows(Protocol):
    """Plain rows by table name; every call is one transaction."""

    async def put(self, table: str, values: Mapping[str, Any], *, keep: Sequence[str] = ()) -> bool:
        """Add a row or change the one with its primary key; True where it is new."""

    async def add(self, table: str, values: Mapping[str, Any]) -> bool:
        """Add a row unless its primary key is there; True where it was added."""

    async def update(self, table: str, values: Mapping[str, Any], where: Mapping[str, Any]) -> int:
        """Change rows; give how many."""

    async def delete(self, table: str, where: Mapping[str, Any]) -> int:
        """Remove rows; give how many."""

    async def select(
        self, table: str, where: Mapping[str, Any] | None = None, *, order: Sequence[str] = ()
    ) -> list[dict[str, Any]]:
        """List rows; a list in `where` means one of these, a minus in `order` means falling."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A human whom the office knows."""

    id: str
    name: str
    role: Role
    look: tuple[int, ...]
    last_room: str | None
    last_pose: tuple[float, float, float] | None
    """x, z in metres, yaw in radians; where the person stood last."""
    created_at: datetime
    seen_at: datetime


class Reading(StrEnum):
    """Whether a meeting that is over was read as a whole."""

    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """A meeting without its words."""

    id: str
    title: str
    room: str
    zone: str
    zone_name: str
    facilitator: str
    facilitator_name: str
    started_at: datetime
    ended_at: datetime | None
    reading: Reading | None = None
    """Where its being read as a whole stands; None: it goes on, or ended before that was noted."""
    reading_note: str | None = None
    """Why it was not read, or what is to be known of it."""


class NoteKind(StrEnum):
    """What a note is; also the name of its table."""

    DECISION = "decision"
    QUESTION = "question"


def clean(text: str, field: str, limit: int) -> str:
    """Join the words of a text by single spaces; what cannot be seen (controls, direction marks) goes.

    Raises:
        Unacceptable: nothing is left, or it is longer than `limit` characters.
    """
    visible = "".join(c if c.isprintable() or c == _EMOJI_JOINER else " " for c in text)
    cleaned = " ".join(visible.split())
    if not cleaned:
        raise Unacceptable(f"the {field} is empty; fill it in")
    if len(cleaned) > limit:
        raise Unacceptable(f"the {field} has {len(cleaned)} characters; at most {limit} are possible")
    return cleaned


def checked_look(look: Sequence[int]) -> tuple[int, ...]:
    """Check a look: skin, hair, hair style, outfit, accent.

    Raises:
        Unacceptable: it has other than five numbers 0 to 5.
    """
    if len(look) != LOOK_PARTS or any(not 0 <= part < LOOK_CHOICES for part in look):
        raise Unacceptable(f"a look is {LOOK_PARTS} numbers from 0 to {LOOK_CHOICES - 1}")
    return tuple(look)


def person_of(row: Mapping[str, Any]) -> Person:
    """Read a row of people."""
    pose = row["last_pose"]
    return Person(
        id=row["id"],
        name=row["name"],
        role=Role(row["role"]),
        look=tuple(row["look"]),
        last_room=row["last_room"],
        last_pose=(pose[0], pose[1], pose[2]) if pose else None,
        created_at=row["created_at"],
        seen_at=row["seen_at"],
    )


def meeting_of(row: Mapping[str, Any]) -> Meeting:
    """Read a row of meetings."""
    return Meeting(
        id=row["id"],
        title=row["title"],
        room=row["room"],
        zone=row["zone"],
        zone_name=row["zone_name"],
        facilitator=row["facilitator"],
        facilitator_name=row["facilitator_name"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        reading=Reading(row["reading"]) if row["reading"] else None,
        reading_note=row["reading_note"],
    )


def line_of(row: Mapping[str, Any]) -> Line:
    """Read a row of utterances."""
    return Line(
        id=row["id"],
        speaker_id=row["speaker"],
        speaker_name=row["speaker_name"],
        text=row["text"],
        started_at=row["started_at"],
        seconds=row["seconds"],
        engine=row["engine"],
        original_text=row["original_text"],
        edited_by=row["edited_by"],
        edited_by_name=row["edited_by_name"],
        words=tuple(
            Word(text=text, start=start, end=end, confidence=sure) for text, start, end, sure in row["words"] or ()
        ),
        language=row["language"] or "",
        confidence=row["confidence"],
    )


def packed(word: Word) -> list[str | float]:
    """A word as a row keeps it: text, start, end, confidence."""
    return [word.text, round(word.start, 3), round(word.end, 3), round(word.confidence, 3)]


def note_of(row: Mapping[str, Any]) -> Note:
    """Read a row of decisions or questions."""
    return Note(id=row["id"], text=row["text"], utterance_id=row["utterance"], confidence=row["confidence"])
