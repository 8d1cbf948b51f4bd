"""Requests as batches for engines with a window: cut what is too long, put together what is alike."""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from media.adapters.screen import believed, refused
from media.errors import EngineUnavailable, TranscriptionFailed
from media.suppression import Suppressed
from media.transcriber import RATE, Outcome, Request, Samples, Word

logger = logging.getLogger(__name__)

_GRAIN = RATE // 20
"""A cut is looked for in steps of 0.05 s."""
_LOST = ("CUDA", "cuda", "cuBLAS", "CUBLAS", "cuDNN", "CUDNN", "HIP error", "MPS backend")
"""What an engine's fault speaks of when its device is gone or full, rather than one sound being strange."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """As much of a request as fits the engine's window."""

    request: int
    """Which request it is of, by its place."""
    offset: float
    """Seconds from the start of the request."""
    samples: Samples
    language: str
    vocabulary: tuple[str, ...]
    quick: bool
    """Speed is worth more than the last bit of exactness."""

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.samples) / RATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What an engine made of a piece."""

    words: tuple[Word, ...] = ()
    """With times from the start of the piece."""
    language: str = ""
    suppressed: tuple[Suppressed, ...] = ()


def in_batches(
    requests: Sequence[Request],
    recognise: Callable[[Sequence[Piece]], list[Heard]],
    *,
    window_seconds: float,
    batch: int,
    alike: Callable[[Piece], Hashable],
) -> list[Outcome]:
    """Answer requests by an engine that takes several pieces at once.

    One request takes the same way as many: a batch of one. Where a batch fails its pieces are tried alone, so that
    one bad sound spoils no other.

    Args:
        requests: what is asked.
        recognise: gives one result for each piece, in order; raises RuntimeError or ValueError when it fails.
        window_seconds: no piece is longer.
        batch: so many pieces at most are given at once.
        alike: pieces of one batch have this in common.

    Raises:
        EngineUnavailable: the device of the engine fails.
    """
    outcomes: list[Outcome | None] = [refused(request) for request in requests]
    groups: dict[Hashable, list[Piece]] = {}
    for at, request in enumerate(requests):
        if outcomes[at] is None:
            for piece in _pieces(at, request, window_seconds):
                groups.setdefault(alike(piece), []).append(piece)
    found: dict[int, list[tuple[float, Heard | TranscriptionFailed]]] = {}
    for pieces in groups.values():
        for at in range(0, len(pieces), batch):
            some = pieces[at : at + batch]
            for piece, heard in zip(some, _attempt(some, recognise), strict=True):
                found.setdefault(piece.request, []).append((piece.offset, heard))
    return [
        _joined(request, found[at]) if outcome is None else outcome
        for at, (request, outcome) in enumerate(zip(requests, outcomes, strict=True))
    ]


def _pieces(at: int, request: Request, window_seconds: float) -> list[Piece]:
    samples = np.ascontiguousarray(request.samples, dtype=np.float32)
    return [
        Piece(
            request=at,
            offset=start / RATE,
            samples=samples[start:end],
            language=request.language,
            vocabulary=tuple(request.vocabulary),
            quick=request.hurry or not request.complete,
        )
        for start, end in cuts(samples, int(window_seconds * RATE))
    ]


def cuts(samples: Samples, most: int) -> list[tuple[int, int]]:
    """Cut sound into stretches of at most `most` samples, where it is quietest in the last third of each."""
    found, start = [], 0
    while len(samples) - start > most:
        first = start + most * 2 // 3
        grains = max(1, (most - most * 2 // 3) // _GRAIN)
        power = [float(np.mean(np.square(samples[first + k * _GRAIN :][:_GRAIN]))) for k in range(grains)]
        end = min(first + int(np.argmin(power)) * _GRAIN + _GRAIN // 2, start + most)
        found.append((start, end))
        start = end
    return [*found, (start, len(samples))]


def _attempt(
    pieces: Sequence[Piece], recognise: Callable[[Sequence[Piece]], list[Heard]]
) -> Sequence[Heard | TranscriptionFailed]:
    try:
        return recognise(pieces)
    except (RuntimeError, ValueError) as error:
        if any(word in str(error) for word in _LOST):
            raise EngineUnavailable(f"the device of the recogniser fails: {str(error)[:200]}") from error
        if len(pieces) == 1:
            failed = TranscriptionFailed("the recogniser failed on this sound")
            failed.__cause__ = error
            return [failed]
        logger.warning("a batch failed; its parts are tried alone", extra={"size": len(pieces)}, exc_info=error)
    return [_attempt([piece], recognise)[0] for piece in pieces]


def _joined(request: Request, parts: Sequence[tuple[float, Heard | TranscriptionFailed]]) -> Outcome:
    """Put the pieces of a request together again, in order of time."""
    words: list[Word] = []
    suppressed: list[Suppressed] = []
    languages: list[str] = []
    for offset, heard in sorted(parts, key=lambda part: part[0]):
        if isinstance(heard, TranscriptionFailed):
            return heard
        words += [replace(word, start=word.start + offset, end=word.end + offset) for word in heard.words]
        suppressed += heard.suppressed
        languages += [heard.language] if heard.language else []
    return believed(request, words, language=languages[0] if languages else "", suppressed=suppressed)
