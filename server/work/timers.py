"""Timers: lets what is due ring, in time, and whenever the clock was set or the machine slept."""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from workflows.engine import TIMERS_A_ROUND, Changes, Engine
from workflows.errors import StoreError
from workflows.store import Timer

logger = logging.getLogger(__name__)

LOOK_SECONDS = 60.0
"""The database is looked at this often: clocks jump, machines sleep, other processes end."""
MOST_SOON = 10_000
"""Timers that are known without looking."""
AFTER_FAULT_SECONDS = 5.0


class Alarm(Protocol):
    """Something else that has its times."""

    async def due(self, now: datetime) -> object:
        """Do all that is due."""

    async def next_due(self) -> datetime | None:
        """Say when `due` next has something to do, or None."""


class Timers:
    """Rings the deadlines of runs, and what else has its times. One task, however many wait.

    The truth is in the database. What rings before the next look is also kept here, so that a timer which is set
    and rings soon costs no question.
    """

    def __init__(self, engine: Engine, wall: Callable[[], datetime], *, beside: Sequence[Alarm] = ()) -> None:
        """Nothing rings before `run`.

        Args:
            engine: whose timers.
            wall: the office's clock, aware.
            beside: what else is rung.
        """
        self._engine, self._wall, self._beside = engine, wall, tuple(beside)
        self._soon: list[tuple[datetime, int, Timer]] = []
        """A heap; of those that ring together the one that came first."""
        self._count = itertools.count()
        self._until: datetime | None = None
        """Timers that ring until then are in the heap; None before the first look."""
        self._stale = False
        self._looked = 0.0
        """By the clock of the event loop, which nobody sets."""
        self._news = asyncio.Event()
        engine.listeners.append(self._notice)

    def look(self) -> None:
        """Look again now: the clock was set, or something else comes next."""
        self._stale = True
        self._news.set()

    async def run(self) -> None:
        """Ring until cancelled."""
        while True:
            self._news.clear()
            try:
                until = self._until
                if until is None or self._stale or until <= self._wall() or self._look_in() <= 0:
                    until = await self._look()
                await self._ring()
            except StoreError as error:
                logger.error("timers cannot be read", extra={"error": str(error)})
                self._stale = True
                await asyncio.sleep(AFTER_FAULT_SECONDS)
                continue
            await self._rest(until)

    async def _look(self) -> datetime:
        """Let ring what is overdue, and learn what rings until the next look."""
        self._stale = False
        for alarm in (self._engine, *self._beside):
            await alarm.due(self._wall())
        times = [await alarm.next_due() for alarm in self._beside]
        # What is set from here on is noticed; what was set before is read.
        self._soon = []
        latest = self._wall() + timedelta(seconds=LOOK_SECONDS)
        self._until = until = min([latest, *(at for at in times if at is not None)])
        self._looked = asyncio.get_running_loop().time()
        found = await self._engine.timers_until(until, MOST_SOON)
        for timer in found:
            self._keep(timer)
        if len(found) == MOST_SOON:
            self._until = until = found[-1].at
        return until

    def _look_in(self) -> float:
        """Seconds until the next look, however the clock was set."""
        return self._looked + LOOK_SECONDS - asyncio.get_running_loop().time()

    async def _ring(self) -> None:
        while due := self._due():
            await self._engine.ring(due, self._wall())

    def _due(self) -> list[Timer]:
        now = self._wall()
        found: list[Timer] = []
        while self._soon and self._soon[0][0] <= now and len(found) < TIMERS_A_ROUND:
            found.append(heapq.heappop(self._soon)[-1])
        return found

    async def _rest(self, until: datetime) -> None:
        """Wait for the next to ring, or the next look."""
        at = min(until, self._soon[0][0]) if self._soon else until
        wait = min(self._look_in(), (at - self._wall()).total_seconds())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, wait)):
                await self._news.wait()

    def _keep(self, timer: Timer) -> None:
        heapq.heappush(self._soon, (timer.at, next(self._count), timer))

    def _notice(self, changes: Changes) -> None:
        for timer in changes.timers:
            if self._until is not None and timer.at <= self._until:
                self._keep(timer)
                if self._soon[0][-1] is timer:
                    self._news.set()
