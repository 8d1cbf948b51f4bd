"""What every recogniser does around its engine: spare it what holds no word, not believe all it says."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from media.errors import TranscriptionFailed
from media.guards import guard, too_quiet
from media.suppression import Suppressed
from media.transcriber import RATE, Hypothesis, Outcome, Request, Word


def refused(request: Request) -> Outcome | None:
    """Answer what no engine needs to be asked; None: ask it."""
    if request.samples.ndim != 1:
        return TranscriptionFailed(
            f"an utterance is one row of samples, this one has shape {request.samples.shape}"
        )
    quiet = too_quiet(request.samples)
    return None if quiet is None else Hypothesis(language=request.language, suppressed=(quiet,))


def believed(
    request: Request, words: Sequence[Word], *, language: str = "", suppressed: Sequence[Suppressed] = ()
) -> Hypothesis:
    """Make a hypothesis of an engine's words, without those that are not to be believed.

    Args:
        request: what was asked.
        words: in order of time.
        language: what was spoken, ISO 639-1.
        suppressed: what the engine's own measures took out before.
    """
    kept, dropped = guard(words, len(request.samples) / RATE)
    return Hypothesis(words=kept, language=language, suppressed=(*suppressed, *dropped))


def one_by_one(requests: Sequence[Request], recognise: Callable[[Request], Hypothesis]) -> list[Outcome]:
    """Ask an engine that takes one request at a time; its failures become values."""
    return [refused(request) or _attempt(request, recognise) for request in requests]


def _attempt(request: Request, recognise: Callable[[Request], Hypothesis]) -> Outcome:
    try:
        return recognise(request)
    except TranscriptionFailed as error:
        return error
