"""What the office and a speech process say to each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from media.audio import from_int16, to_int16
from media.errors import TranscriptionFailed
from media.suppression import Reason, Suppressed
from media.transcriber import Hypothesis, Outcome, Request, Word
from server.engines import Engine, EnginePlan
from server.wire import Control, ControlTable, Failed, Ready, WireError

VERSION = 1
"""Raised with each change here; both sides name theirs first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start(Control):
    """The office, first: which engines, the best first (the fields of `EnginePlan`)."""

    NAME: ClassVar[str] = "start"
    version: int
    plans: list[dict[str, Any]]
    vocabulary: list[str]
    log_level: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Engines(Control):
    """The process: how each engine of the plans is, which is at work, and why that changed.

    An engine is {name, detail, embedded, ready, capabilities}.
    """

    NAME: ClassVar[str] = "engines"
    engines: list[dict[str, Any]]
    current: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognise(Control):
    """Recognise these; each request as `encode_request` makes it."""

    NAME: ClassVar[str] = "recognise"
    number: int
    requests: list[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Done(Control):
    """One outcome for each request, as `encode_outcome` makes it."""

    NAME: ClassVar[str] = "done"
    number: int
    engine: str
    outcomes: list[Any]
    work_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone(Control):
    """No engine works now; ask again, here or elsewhere."""

    NAME: ClassVar[str] = "undone"
    number: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary(Control):
    """Names and words of the office from now on."""

    NAME: ClassVar[str] = "vocabulary"
    words: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Forget(Control):
    """No more of these utterances will come."""

    NAME: ClassVar[str] = "forget"
    streams: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat(Control):
    """The process, twice a second: I am alive."""

    NAME: ClassVar[str] = "beat"


_REASONS = frozenset(reason.value for reason in Reason)
_TABLE = ControlTable(Start, Ready, Failed, Engines, Recognise, Done, Undone, Vocabulary, Forget, Beat)


def decode_control(payload: memoryview | bytes) -> Control:
    """The control message in these bytes; raises WireError."""
    return _TABLE.decode(payload)


def encode_plan(plan: EnginePlan) -> dict[str, Any]:
    """A plan as it goes over the line."""
    values = {field.name: getattr(plan, field.name) for field in fields(plan)}
    return values | {"engine": plan.engine.value, "model": str(plan.model) if plan.model else None}


def decode_plan(value: dict[str, Any]) -> EnginePlan:
    """The plan in what came over the line; raises WireError."""
    try:
        model = Path(value["model"]) if value["model"] else None
        return EnginePlan(**{**value, "engine": Engine(value["engine"]), "model": model})
    except (KeyError, TypeError, ValueError) as error:
        raise WireError("this is no plan of an engine") from error


def encode_request(request: Request) -> list[Any]:
    """A request as it goes over the line; the vocabulary goes there by itself."""
    return [
        request.stream,
        request.speaker,
        to_int16(request.samples).tobytes(),
        request.complete,
        request.language,
        request.hurry,
    ]


def decode_request(value: Any, vocabulary: tuple[str, ...]) -> Request:
    """The request in what came over the line; raises WireError."""
    match value:
        case [str(stream), str(speaker), bytes(samples), bool(complete), str(language), bool(hurry)]:
            if len(samples) % 2:
                raise WireError("half a sample")
            return Request(
                samples=from_int16(np.frombuffer(samples, np.int16)),
                stream=stream,
                speaker=speaker,
                complete=complete,
                language=language,
                hurry=hurry,
                vocabulary=vocabulary,
            )
    raise WireError("this is no request")


def encode_outcome(outcome: Outcome) -> list[Any]:
    """An outcome as it goes over the line."""
    if isinstance(outcome, TranscriptionFailed):
        return [str(outcome) or "failed"]
    return [
        "",
        [[word.text, word.start, word.end, word.confidence] for word in outcome.words],
        outcome.language,
        [[one.reason.value, one.words, one.seconds] for one in outcome.suppressed],
    ]


def decode_outcome(value: Any) -> Outcome:
    """The outcome in what came over the line; raises WireError."""
    match value:
        case [str(error)] if error:
            return TranscriptionFailed(error)
        case ["", list(words), str(language), list(suppressed)]:
            return Hypothesis(
                words=tuple(map(_word, words)), language=language, suppressed=tuple(map(_suppressed, suppressed))
            )
    raise WireError("this is no outcome")


def _word(value: Any) -> Word:
    match value:
        case [str(text), float() | int() as start, float() | int() as end, float() | int() as confidence]:
            return Word(text=text, start=float(start), end=float(end), confidence=float(confidence))
    raise WireError("this is no word")


def _suppressed(value: Any) -> Suppressed:
    match value:
        case [str(reason), int(words), float() | int() as seconds] if reason in _REASONS:
            return Suppressed(reason=Reason(reason), words=words, seconds=float(seconds))
    raise WireError("this is no suppression")


def decode_outcomes(values: Sequence[Any]) -> list[Outcome]:
    """All outcomes of a batch; raises WireError."""
    return [decode_outcome(value) for value in values]
