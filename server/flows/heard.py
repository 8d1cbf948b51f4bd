"""What is said by somebody, somewhere: while it is spoken and recognised, and when it is settled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from media.streaming import WordCommitter
from media.utterance import Utterance
from server.speech_port import Recognised
from spatial.participant import Participant, ParticipantId


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where and to whom something was said, fixed when it began."""

    zone: str
    meeting: str
    """Id of the meeting there; empty outside of meetings."""
    audience: frozenset[ParticipantId]
    faced: str = ""
    """Whom the speaker looked at; empty: nobody, or it is not known any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A settled utterance and where it was said."""

    utterance: Utterance
    place: Place


@dataclass(slots=True, kw_only=True)
class OpenUtterance:
    """An utterance that is being spoken or recognised."""

    id: str
    speaker: Participant
    place: Place
    language: str
    words: WordCommitter
    started_at: datetime
    asked_seconds: float = 0.0
    """How much of it was sent for an early caption last."""
    shown: tuple[str, int] = ("", 0)
    """The caption as it was sent last, and how much of it was settled."""
    ahead: tuple[int, Recognised] | None = None
    """What came of the sound until a pause, and how many samples that were."""
    words_shown: int = 0
    """So many words have been in a caption."""
    over: bool = False
    """Complete: what comes of parts of it is not wanted any more."""
