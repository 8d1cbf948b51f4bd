"""An utterance: who said what, from when to when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NewType

from media.errors import SettingsError
from media.transcriber import Word, text_of

UtteranceId = NewType("UtteranceId", str)


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """What one person said in one go; the speaker is known from their own track."""

    id: UtteranceId
    speaker: str
    """Id of the participant."""
    speaker_name: str
    room: str
    zone: str
    text: str
    words: tuple[Word, ...]
    """With times in seconds from `started_at`; empty when the engine gave none."""
    started_at: datetime
    """Aware, UTC."""
    seconds: float
    engine: str
    """Name of the recogniser, or "known" for text that was never sound (an avatar's own words)."""
    language: str = ""
    """What was spoken, ISO 639-1; empty where nobody said."""

    def __post_init__(self) -> None:
        """Refuse a naive time: comparing it with others would fail much later."""
        if self.started_at.tzinfo is None:
            raise SettingsError("an utterance needs an aware start time, such as datetime.now(UTC)")

    @property
    def ended_at(self) -> datetime:
        """When it ended, UTC."""
        return self.started_at.astimezone(UTC) + timedelta(seconds=self.seconds)

    @property
    def confidence(self) -> float:
        """Mean confidence of the words, 0 when there are none."""
        return sum(word.confidence for word in self.words) / len(self.words) if self.words else 0.0


def split_at_pauses(words: Sequence[Word], pause_seconds: float = 0.3) -> list[tuple[Word, ...]]:
    """Cut words into groups wherever the silence between two is at least `pause_seconds`.

    Speech without punctuation still has its pauses; they stand where sentences end.
    """
    groups: list[tuple[Word, ...]] = []
    current: list[Word] = []
    for word in words:
        if current and word.start - current[-1].end >= pause_seconds:
            groups.append(tuple(current))
            current = []
        current.append(word)
    if current:
        groups.append(tuple(current))
    return groups


__all__ = ["Utterance", "UtteranceId", "split_at_pauses", "text_of"]
