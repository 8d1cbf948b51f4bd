"""What a speech recogniser takes and gives: 16 kHz sound in, words with times out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from media.errors import TranscriptionFailed
from media.suppression import Suppressed

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a recogniser can do, so that whoever calls it need not know which it is."""

    languages: tuple[str, ...] = ("en",)
    """ISO 639-1 codes; empty: any, and it can tell by itself which was spoken."""
    batch: int = 1
    """So many requests in one call cost less than one after the other."""
    incremental: bool = False
    """A later request of the same `stream` costs only what is new in it."""
    vocabulary: bool = False
    """It makes use of `Request.vocabulary`."""
    punctuation: bool = False
    """Its words carry punctuation and casing of their own."""
    embedded: bool = False
    """Part of every installation: needs no model that must be fetched and no server."""
    agreement: int = 2
    """So many hypotheses in a row must agree on a word before it is settled."""
    hold_seconds: float = 0.5
    """A word that ends closer to the end of the sound is not settled: it may have been cut off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One stretch of one person's speech."""

    samples: Samples
    """(n,) float32 in [-1, 1] at 16 kHz, from the start of the utterance; n may be 0."""
    stream: str = ""
    """Id of the utterance. Requests of one stream hold the same sound, each more of it."""
    speaker: str = ""
    """Who speaks: what an engine learns of a voice and its microphone, it may keep for their next utterance."""
    complete: bool = True
    """False while the person speaks on: speed is worth more than the last bit of exactness."""
    language: str = ""
    """ISO 639-1; empty: what the engine is set to, or what it detects."""
    vocabulary: tuple[str, ...] = ()
    """Names and terms that are likely here: people, rooms, project words."""
    hurry: bool = False
    """Many wait: take the quicker way, where there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypothesis:
    """What was understood of a request."""

    words: tuple[Word, ...] = ()
    """In order of time; empty when nothing was understood."""
    language: str = ""
    """What was spoken, ISO 639-1; empty where the engine does not say."""
    suppressed: tuple[Suppressed, ...] = ()
    """What the engine gave and was not believed."""


Outcome = Hypothesis | TranscriptionFailed
"""What came of one request; a failure is a value, so that one bad request of a batch spoils no other."""


class Transcriber(Protocol):
    """Turns speech into words. Blocks: call it in a thread or process of its own, one call at a time."""

    @property
    def name(self) -> str:
        """Short stable name, such as "pocketsphinx" or "whisper"."""

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""

    def describe(self) -> str:
        """One line for people: which engine, which model, which version, on what."""

    def prepare(self, vocabulary: Sequence[str]) -> None:
        """Take in words that will be in requests from now on; may take a second.

        Raises:
            TranscriptionFailed: they cannot be taken in; it works on with what it knew.
        """

    def transcribe(self, requests: Sequence[Request]) -> list[Outcome]:
        """Recognise some requests, at most `capabilities.batch` for the best speed; one outcome each, in order.

        Raises:
            EngineUnavailable: the engine as a whole does not work now (server gone, device lost): try another.
        """

    def forget(self, stream: str) -> None:
        """No more requests of this stream will come."""

    def close(self) -> None:
        """Give back what it holds."""
