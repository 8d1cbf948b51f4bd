"""Why words were not believed: every suppression has a reason and is counted."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why something was not believed."""

    SILENCE = "silence"
    """Too quiet or too short to hold a word; no engine was asked."""
    NO_SPEECH = "no_speech"
    """The engine itself holds it for no speech."""
    COMPRESSION = "compression"
    """The text repeats itself so much that it compresses too well."""
    LOOP = "loop"
    """A phrase follows itself again and again."""
    STALE = "stale"
    """Words behind what was already settled."""
    PHRASE = "phrase"
    """A phrase that engines write over sound without words, from the subtitles they learnt on."""
    UNSURE = "unsure"
    """No word of it reaches the least confidence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppressed:
    """One suppression."""

    reason: Reason
    words: int = 0
    """How many words were taken out."""
    seconds: float = 0.0
    """How long the sound was."""
