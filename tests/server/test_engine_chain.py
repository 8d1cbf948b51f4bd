"""The recognisers of a speech process: the best works, the next stands in at once, the best takes over again."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import numpy as np
import pytest

from media.errors import EngineUnavailable, ModelMissing, TranscriptionFailed
from media.transcriber import Capabilities, Hypothesis, Outcome, Request, Transcriber, Word
from server.engine_chain import EngineChain, PatienceSettings

SECOND = Request(samples=np.ones(16_000, np.float32), stream="u")


class Engine:
    """Says its own name; fails or hangs when it is told to."""

    capabilities = Capabilities()

    def __init__(self, name: str) -> None:
        self.name = name
        self.fault: Exception | None = None
        self.hang: threading.Event | None = None
        self.knows: list[str] = []
        self.forgotten: list[str] = []
        self.asked = self.closed = 0

    def describe(self) -> str:
        return f"{self.name} of a test"

    def prepare(self, vocabulary: Sequence[str]) -> None:
        self.knows = list(vocabulary)

    def transcribe(self, requests: Sequence[Request]) -> list[Outcome]:
        self.asked += 1
        if self.hang is not None:
            self.hang.wait(10.0)
        if self.fault is not None:
            raise self.fault
        word = Word(text=self.name, start=0.0, end=1.0, confidence=1.0)
        return [Hypothesis(words=(word,)) for _ in requests]

    def forget(self, stream: str) -> None:
        self.forgotten.append(stream)

    def close(self) -> None:
        self.closed += 1


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def missing(name: str) -> Callable[[], Transcriber]:
    def make() -> Transcriber:
        raise ModelMissing(f"no {name} here")

    return make


class Chain:
    """A chain of two, with what it told."""

    def __init__(self, *, best: Callable[[], Transcriber] | None = None) -> None:
        self.best, self.last, self.clock, self.told = Engine("best"), Engine("last"), Clock(), list[str]()
        self.chain = EngineChain(
            [("best", best or (lambda: self.best)), ("last", lambda: self.last)],
            on_change=self.told.append,
            patience=PatienceSettings(least_seconds=0.05, per_second=0.0, times=0.0),
            clock=self.clock,
        )

    async def words(self) -> str:
        worked = await self.chain.transcribe([SECOND])
        (outcome,) = worked.outcomes
        assert isinstance(outcome, Hypothesis)
        assert outcome.words[0].text == worked.engine
        return worked.engine


@asynccontextmanager
async def opened(chain: Chain) -> AsyncIterator[Chain]:
    await chain.chain.open(["Ana"])
    await chain.chain.settled()
    try:
        yield chain
    finally:
        await chain.chain.close()


async def test_the_best_engine_that_is_loaded_works_and_all_know_the_words() -> None:
    async with opened(Chain()) as chain:
        assert await chain.words() == "best"
        assert chain.best.knows == chain.last.knows == ["Ana"]
        await chain.chain.prepare(["Ana", "Bo"])
        assert chain.best.knows == ["Ana", "Bo"]
        chain.chain.forget(["u"])
    assert chain.best.forgotten == chain.last.forgotten == ["u"]
    assert chain.best.closed == chain.last.closed == 1


async def test_an_engine_that_cannot_be_loaded_is_named_and_the_other_works() -> None:
    async with opened(Chain(best=missing("model"))) as chain:
        assert await chain.words() == "last"
        assert chain.chain.faults == ["no model here", ""]
        assert chain.told == ["best: no model here"]


async def test_without_any_engine_it_says_why() -> None:
    chain = EngineChain([("only", missing("engine"))], on_change=lambda reason: None)
    with pytest.raises(ModelMissing, match="no engine here"):
        await chain.open([])
    await chain.close()


async def test_a_failed_engine_is_stood_in_for_within_the_request_and_takes_over_when_it_works_again() -> None:
    async with opened(Chain()) as chain:
        chain.best.fault = EngineUnavailable("the server is gone")
        assert await chain.words() == "last"
        assert chain.told[-1] == "best: the server is gone"
        chain.best.fault = None
        assert await chain.words() == "last"  # not tried again at once
        chain.clock.now += 3.0
        assert await chain.words() == "last"  # tried beside
        await chain.chain.settled()
        assert chain.told[-1] == "best works again"
        assert await chain.words() == "best"


async def test_an_engine_that_fails_when_it_is_tried_is_left_alone_for_longer() -> None:
    async with opened(Chain()) as chain:
        chain.best.fault = EngineUnavailable("gone")
        await chain.words()
        chain.clock.now += 3.0
        await chain.words()
        await chain.chain.settled()
        asked = chain.best.asked
        chain.clock.now += 3.0
        await chain.words()
        await chain.chain.settled()
        assert chain.best.asked == asked


async def test_a_fault_of_an_engine_is_a_failure_like_any_other() -> None:
    async with opened(Chain()) as chain:
        chain.best.fault = ZeroDivisionError()
        assert await chain.words() == "last"
        assert "fault of its own" in chain.told[-1]


async def test_an_engine_that_hangs_is_stood_in_for_and_not_asked_while_it_does() -> None:
    async with opened(Chain()) as chain:
        chain.best.hang = threading.Event()
        assert await chain.words() == "last"
        chain.clock.now += 3.0
        assert await chain.words() == "last"
        assert chain.best.asked == 1
        chain.best.hang.set()


async def test_what_an_engine_cannot_make_out_is_no_reason_to_change_it() -> None:
    class Mumbling(Engine):
        def transcribe(self, requests: Sequence[Request]) -> list[Outcome]:
            return [TranscriptionFailed("mumbled") for _ in requests]

    mumbling = Mumbling("best")
    async with opened(Chain(best=lambda: mumbling)) as chain:
        worked = await chain.chain.transcribe([SECOND])
        assert worked.engine == "best"
        assert isinstance(worked.outcomes[0], TranscriptionFailed)


async def test_when_none_works_it_says_so() -> None:
    async with opened(Chain()) as chain:
        chain.best.fault = chain.last.fault = EngineUnavailable("gone")
        with pytest.raises(EngineUnavailable, match="no engine works"):
            await chain.words()
