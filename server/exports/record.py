"""The record of a meeting: what every export is made from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from avatars.writing import Sentence
from media.transcriber import Word
from workflows.task import Task


def untitled(zone_name: str) -> str:
    """The title of a meeting that nobody named."""
    return f"Meeting in {zone_name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendee:
    """Somebody who was in the meeting."""

    id: str
    name: str
    kind: str
    """`human` or `avatar`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A settled utterance, as it stands now."""

    id: str
    speaker_id: str
    speaker_name: str
    text: str
    started_at: datetime
    seconds: float
    engine: str
    """Name of the recognizer that heard it."""
    original_text: str | None = None
    """What was heard, where somebody has corrected it."""
    edited_by: str | None = None
    """Id of who corrected it last."""
    edited_by_name: str | None = None
    """Their name when they did."""
    words: tuple[Word, ...] = ()
    """As they were heard, with seconds from `started_at`; empty where the recognizer gave none."""
    language: str = ""
    """ISO 639-1; empty where the recognizer did not say."""
    confidence: float | None = None
    """Mean confidence of the words, 0 to 1; None where it is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A decision or a question, and the utterance it came from."""

    id: str
    text: str
    utterance_id: str | None
    confidence: float
    """How sure the recognizer was, 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingRecord:
    """All that was kept of a meeting; instants are aware, UTC."""

    id: str
    title: str
    room: str
    zone: str
    zone_name: str
    facilitator_id: str
    facilitator_name: str
    started_at: datetime
    ended_at: datetime | None = None
    reading: str | None = None
    """Whether it was read as a whole: `waiting`, `done`, `failed`; None: it goes on, or that is not known."""
    reading_note: str | None = None
    """Why it was not, or what is to be known of it."""
    people: tuple[Attendee, ...] = ()
    utterances: tuple[Line, ...] = ()
    decisions: tuple[Note, ...] = ()
    questions: tuple[Note, ...] = ()
    tasks: tuple[Task, ...] = ()

    @property
    def unnamed(self) -> bool:
        """Whether nobody gave it a title of its own."""
        return self.title == untitled(self.zone_name)

    @property
    def said_by_people(self) -> list[Line]:
        """What people who were there said, in order; not what colleagues said."""
        people = {person.id for person in self.people if person.kind == "human"}
        return [line for line in self.utterances if line.speaker_id in people]

    def offset(self, line: Line) -> float:
        """Give an utterance's start, in seconds from the meeting's start; never negative."""
        return max(0.0, (line.started_at - self.started_at).total_seconds())


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenSummary:
    """A summary, and who wrote it."""

    title: str
    """Suggested; empty: none."""
    sentences: tuple[Sentence, ...]
    """Those that still hold."""
    dropped: int
    """Sentences that did not hold when it was written."""
    outdated: bool
    """Words of the meeting were corrected, added or deleted since."""
    model: str
    host: str
