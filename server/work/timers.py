"""Timers: lets what is due ring, in time, and whenever the clock was set or the machine slept."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from workflows.engine import Changes, Engine
from workflows.errors import StoreError

logger = logging.getLogger(__name__)

LOOK_SECONDS = 60.0
"""It is looked at least this often: clocks jump, machines sleep."""
AFTER_FAULT_SECONDS = 5.0


class Timers:
    """Rings the deadlines of runs. One task, however many wait."""

    def __init__(self, engine: Engine, wall: Callable[[], datetime]) -> None:
        """Nothing rings before `run`.

        Args:
            engine: whose timers.
            wall: the office's clock, aware.
        """
        self._engine, self._wall = engine, wall
        self._next: datetime | None = None
        self._earlier = asyncio.Event()
        engine.listeners.append(self._notice)

    def look(self) -> None:
        """Look again now: the clock was set."""
        self._earlier.set()

    async def run(self) -> None:
        """Ring until cancelled."""
        while True:
            self._earlier.clear()
            try:
                await self._engine.due(self._wall())
                self._next = await self._engine.next_due()
            except StoreError as error:
                logger.error("timers cannot be read", extra={"error": str(error)})
                await asyncio.sleep(AFTER_FAULT_SECONDS)
                continue
            wait = LOOK_SECONDS
            if self._next is not None:
                wait = min(wait, max(0.0, (self._next - self._wall()).total_seconds()))
            try:
                async with asyncio.timeout(wait):
                    await self._earlier.wait()
            except TimeoutError:
                continue

    def _notice(self, changes: Changes) -> None:
        if changes.timers and (self._next is None or min(changes.timers) < self._next):
            self._earlier.set()
