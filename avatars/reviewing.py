"""What a whole meeting is read for, and what comes of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from avatars.meeting_input import Line
from avatars.memory import Noted
from avatars.review import Item

ACTIONS, DECISIONS = "actions", "decisions"
KEY = "review:"
"""Begins the key of what a review proposes, so that it can be told from what was heard at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """What is known of a meeting."""

    lines: tuple[Line, ...]
    """What people said, in order; not what colleagues said."""
    began: datetime
    """In the office's time zone: days are counted from the moment something was said."""
    names: Mapping[str, str]
    """Of those who spoke, by id."""
    sources: Mapping[str, Collection[str]] = field(default_factory=dict)
    """By what was noted (`ACTIONS`, `DECISIONS` or anything else): ids of the utterances it came from."""
    noted: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """By the same: what was noted, rejected proposals among it."""
    tasks: tuple[Noted, ...] = ()
    """The tasks among it, as far as they were heard; `at` is the end of the line each came from."""
    colleagues: Mapping[str, str] = field(default_factory=dict)
    """Names of those who listened, by id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What a meeting agreed on and nobody noted; and who says so."""

    actions: tuple[Item, ...]
    decisions: tuple[Item, ...]
    model: str
    sha256: str
    """Of the model."""
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A topic of a meeting."""

    title: str
    """Words that stand out in it; may be empty."""
    lines: tuple[str, ...]
    """Ids of its lines, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What a meeting was about."""

    topics: tuple[Passage, ...]
    summary: tuple[str, ...]
    """Ids of the lines that say most, in order."""
    model: str
    """Which model read it; empty: none was there, and it was told from words alone."""
    seconds: float


class MeetingReader(Protocol):
    """Reads whole meetings. Blocking: it runs in a worker."""

    def prepare(self, texts: Sequence[str]) -> None:
        """Read some lines ahead."""
        ...

    def review(self, meeting: Spoken) -> Review:
        """Find what was agreed and nobody noted."""
        ...

    def digest(self, meeting: Spoken) -> Digest:
        """Find topics and main lines."""
        ...
