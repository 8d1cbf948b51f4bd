"""Work that goes on beside what asked for it; a fault ends only that piece, and is logged and counted."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

logger = logging.getLogger(__name__)


class Background:
    """A set of running tasks of one kind."""

    def __init__(self, what: str) -> None:
        """`what` names them in the log."""
        self._what = what
        self._tasks: set[asyncio.Task[object]] = set()
        self.faults = 0
        """Tasks that ended with an exception."""

    def start(self, work: Coroutine[Any, Any, object]) -> None:
        """Run this beside everything else."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    async def settled(self) -> None:
        """Wait until nothing is running, also of what is started meanwhile."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def cancel(self) -> None:
        """End whatever runs."""
        for task in self._tasks:
            task.cancel()
        await self.settled()

    def _done(self, task: asyncio.Task[object]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.faults += 1
            logger.error("background task failed", exc_info=error, extra={"what": self._what})
