"""What a speech recogniser takes and gives: 16 kHz sound in, words with times out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
"""Mono sound, shape (n,), float32 in [-1, 1]."""

RATE = 16_000
"""Samples per second that every recogniser and speech detector takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One recognised word."""

    text: str
    """As it is shown: "Bo", "I'll", "budget"; some engines attach punctuation."""
    start: float
    """Seconds from the start of the utterance."""
    end: float
    """Seconds from the start of the utterance; not before `start`."""
    confidence: float
    """Probability in [0, 1] that the word was said."""


def text_of(words: Sequence[Word]) -> str:
    """Join words to one line."""
    return " ".join(word.text for word in words)


class Transcriber(Protocol):
    """Turns one utterance into words. Blocks: call it in a worker, one call at a time."""

    @property
    def name(self) -> str:
        """Short stable name, such as "pocketsphinx" or "whisper"."""

    def describe(self) -> str:
        """One line for people: which engine and which model is at work."""

    def transcribe(self, samples: Samples, *, vocabulary: Sequence[str]) -> list[Word]:
        """Recognise one utterance.

        Args:
            samples: (n,) float32 in [-1, 1] at 16 kHz; n may be 0.
            vocabulary: names and terms that are likely here, such as the people in the room.

        Returns:
            The words in order of time; empty when nothing was understood.

        Raises:
            TranscriptionFailed: this sound could not be worked on; later calls may succeed.
        """
