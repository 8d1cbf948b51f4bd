"""The recognisers of one speech process: the best that works does the work, the next stands in at once."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from media.errors import EngineUnavailable, MediaError
from media.failover import Failover
from media.transcriber import RATE, Outcome, Request, Transcriber
from server.background import Background

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class PatienceSettings:
    """How long an engine may take before another is asked."""

    least_seconds: float = 1.5
    per_second: float = 0.25
    """More for each second of sound, ..."""
    times: float = 6.0
    """... or so many times what it took lately, whichever is longer."""
    most_seconds: float = 30.0
    last_seconds: float = 60.0
    """For the last engine, behind which there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worked:
    """What a batch gave."""

    engine: str
    outcomes: list[Outcome]


class _Slot:
    """One engine with the only thread that may touch it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.engine: Transcriber | None = None
        self.fault = ""
        """Why it could not be loaded."""
        self.factor = 0.0
        """Seconds of work for a second of sound, lately."""
        self.thread = ThreadPoolExecutor(1, thread_name_prefix=f"engine-{name}")
        self.hangs = False
        """It was given up on and has not come back."""

    def note(self, sound: float, work: float) -> None:
        if sound > 0.0:
            factor = work / sound
            self.factor = factor if self.factor == 0.0 else 0.8 * self.factor + 0.2 * factor


class EngineChain:
    """Opens engines, the last one first, and gives each batch to the best that works."""

    def __init__(
        self,
        makers: Sequence[tuple[str, Callable[[], Transcriber]]],
        *,
        on_change: Callable[[str], None],
        patience: PatienceSettings | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare; `open` loads.

        Args:
            makers: name and loader of each engine, the best first.
            on_change: called with the reason when another engine is at work, or one was loaded.
            patience: how long is too long.
            clock: seconds.
        """
        self._slots = [_Slot(name) for name, _ in makers]
        self._makers = [make for _, make in makers]
        self._on_change = on_change
        self._patience = patience or PatienceSettings()
        self._clock = clock
        self._failover = Failover(len(makers))
        self._vocabulary: tuple[str, ...] = ()
        self._jobs = Background("engines")
        self.current = len(makers) - 1
        """Which is at work."""

    @property
    def engines(self) -> list[Transcriber | None]:
        """All of them, the best first; None where one is not loaded."""
        return [slot.engine for slot in self._slots]

    @property
    def names(self) -> list[str]:
        """Their names, in the same order."""
        return [slot.name for slot in self._slots]

    @property
    def faults(self) -> list[str]:
        """Why each could not be loaded; empty where it could."""
        return [slot.fault for slot in self._slots]

    async def open(self, vocabulary: Sequence[str]) -> None:
        """Load the last engine that can be loaded, which is the quickest to load; the better ones follow.

        Raises:
            MediaError: none can.
        """
        self._vocabulary = tuple(vocabulary)
        for number in reversed(range(len(self._slots))):
            try:
                await self._load(number)
            except MediaError as error:
                if number == 0:
                    raise
                logger.warning(
                    "an engine cannot be loaded", extra={"engine": self._slots[number].name, "error": str(error)}
                )
                continue
            self.current = number
            break
        for number in range(self.current):
            self._jobs.start(self._load_later(number))

    async def settled(self) -> None:
        """Wait until all that can be loaded is loaded."""
        await self._jobs.settled()

    async def transcribe(self, requests: Sequence[Request]) -> Worked:
        """Recognise a batch with the best engine that works; never fails for one engine's fault.

        Raises:
            EngineUnavailable: none works.
        """
        tried: set[int] = set()
        probe = self._failover.probe(self._clock())
        if probe is not None and self._usable(probe):
            self._jobs.start(self._probe(probe, requests))
        while (number := self._choose(tried)) is not None:
            tried.add(number)
            try:
                outcomes = await self._ask(number, requests)
            except (EngineUnavailable, TimeoutError) as error:
                self._failed(number, str(error) or "it does not answer")
                continue
            except Exception:
                # A fault of ours in one engine must not take the words from anybody while another works.
                logger.exception("an engine met a fault", extra={"engine": self._slots[number].name})
                self._failed(number, "it met a fault of its own, which is in the log")
                continue
            self._worked(number)
            return Worked(engine=self._slots[number].name, outcomes=outcomes)
        raise EngineUnavailable("no engine works")

    async def prepare(self, vocabulary: Sequence[str]) -> None:
        """Tell all engines the words of the office; what one cannot take in, it goes without."""
        self._vocabulary = tuple(vocabulary)
        for slot in self._slots:
            if slot.engine is not None and not slot.hangs:
                await self._tell(slot)

    def forget(self, streams: Sequence[str]) -> None:
        """No more of these utterances will come."""
        for slot in self._slots:
            if (engine := slot.engine) is not None:
                for stream in streams:
                    slot.thread.submit(engine.forget, stream)

    async def close(self) -> None:
        """Give back what the engines hold."""
        await self._jobs.cancel()
        for slot in self._slots:
            if slot.engine is not None and not slot.hangs:
                slot.thread.submit(slot.engine.close)
            slot.thread.shutdown(wait=not slot.hangs, cancel_futures=False)

    def _usable(self, number: int) -> bool:
        slot = self._slots[number]
        return slot.engine is not None and not slot.hangs

    def _choose(self, tried: set[int]) -> int | None:
        best = self._failover.choose(self._clock())
        order = [best, *range(len(self._slots))]
        return next((n for n in order if n not in tried and self._usable(n)), None)

    async def _ask(self, number: int, requests: Sequence[Request]) -> list[Outcome]:
        slot = self._slots[number]
        engine = slot.engine
        assert engine is not None
        sound = sum(len(request.samples) for request in requests) / RATE
        began = time.perf_counter()
        asked = asyncio.get_running_loop().run_in_executor(slot.thread, engine.transcribe, requests)
        try:
            async with asyncio.timeout(self._limit(slot, sound, last=number == len(self._slots) - 1)):
                outcomes = await asyncio.shield(asked)
        except TimeoutError:
            slot.hangs = True
            asked.add_done_callback(lambda done: self._came_back(slot, done))
            raise
        slot.note(sound, time.perf_counter() - began)
        return outcomes

    def _limit(self, slot: _Slot, sound: float, *, last: bool) -> float:
        patience = self._patience
        if last:
            return patience.last_seconds
        usual = max(patience.least_seconds + patience.per_second * sound, patience.times * slot.factor * sound)
        return min(usual, patience.most_seconds)

    def _came_back(self, slot: _Slot, done: asyncio.Future[list[Outcome]]) -> None:
        slot.hangs = False
        if not done.cancelled() and (error := done.exception()) is not None:
            logger.warning("an engine that hung came back", extra={"engine": slot.name, "error": str(error)})

    async def _probe(self, number: int, requests: Sequence[Request]) -> None:
        """See whether an engine works again; its words are not used."""
        try:
            await self._ask(number, requests)
        except (EngineUnavailable, TimeoutError) as error:
            self._failover.failed(number, self._clock())
            logger.info(
                "an engine does not work yet", extra={"engine": self._slots[number].name, "error": str(error)}
            )
            return
        self._worked(number)

    def _worked(self, number: int) -> None:
        self._failover.worked(number, self._clock())
        best = self._failover.choose(self._clock())
        if self._usable(best) and best != self.current:
            self._change(best, f"{self._slots[best].name} works again" if best < self.current else "")
        elif number != self.current and not self._usable(self.current):
            self._change(number, f"{self._slots[self.current].name} does not work")

    def _failed(self, number: int, reason: str) -> None:
        logger.warning("an engine failed", extra={"engine": self._slots[number].name, "error": reason})
        self._failover.failed(number, self._clock())
        if number == self.current and (then := self._choose({number})) is not None:
            self._change(then, f"{self._slots[number].name}: {reason}")

    def _change(self, number: int, reason: str) -> None:
        self.current = number
        self._on_change(reason)

    async def _load(self, number: int) -> None:
        slot = self._slots[number]
        loop = asyncio.get_running_loop()
        try:
            engine = await loop.run_in_executor(slot.thread, self._makers[number])
        except MediaError as error:
            slot.fault = str(error)
            raise
        slot.engine = engine
        await self._tell(slot)

    async def _load_later(self, number: int) -> None:
        try:
            await self._load(number)
        except MediaError as error:
            self._failover.failed(number, self._clock())
            logger.error(
                "an engine cannot be loaded", extra={"engine": self._slots[number].name, "error": str(error)}
            )
            self._on_change(f"{self._slots[number].name}: {error}")
            return
        if number < self.current:
            self._change(number, f"{self._slots[number].name} is loaded")

    async def _tell(self, slot: _Slot) -> None:
        engine = slot.engine
        assert engine is not None
        try:
            # The words as they are when its turn comes: of many changes in a row the engine learns but the last.
            await asyncio.get_running_loop().run_in_executor(slot.thread, lambda: engine.prepare(self._vocabulary))
        except MediaError as error:
            logger.warning("words were not taken in", extra={"engine": slot.name, "error": str(error)})
