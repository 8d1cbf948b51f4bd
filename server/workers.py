"""Models run in a process of their own, so that a slow one never holds up voices or presence."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import connection
from typing import Any, ParamSpec, TypeVar

logger = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")


class WorkersBusy(Exception):
    """The queue in front of the models is full; what can wait is dropped, what cannot waits."""


def _begin(start: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    """First thing in a model process: live no longer than the office, leave Ctrl+C to it, load the models."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()
    start(*arguments)


def _end_with(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)


class Workers:
    """A bounded queue in front of the model processes."""

    def __init__(
        self, start: Callable[..., None], arguments: tuple[Any, ...], *, processes: int = 1, queue: int = 64
    ) -> None:
        """`start(*arguments)` loads the models in each process; at most `queue` calls wait."""
        self._start, self._arguments = start, arguments
        self._processes, self._limit = processes, queue
        self._pool = self._make()
        self.waiting = 0
        """Calls under way or waiting."""
        self.restarts = 0
        """How often a process died and was replaced."""

    def _make(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            self._processes,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_begin,
            initargs=(self._start, self._arguments),
        )

    async def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call a module-level function in a model process; tried again once if the process dies under it.

        Raises:
            WorkersBusy: more than `queue` calls are waiting.
            BrokenProcessPool: the process died twice.
        """
        if self.waiting >= self._limit:
            raise WorkersBusy(f"{self.waiting} calls are waiting for the models")
        self.waiting += 1
        try:
            return await self._attempt(function, args, kwargs)
        finally:
            self.waiting -= 1

    async def _attempt(self, function: Callable[..., R], args: Any, kwargs: Any) -> R:
        loop = asyncio.get_running_loop()
        for last in (False, True):
            pool = self._pool
            try:
                return await asyncio.wrap_future(pool.submit(function, *args, **kwargs), loop=loop)
            except BrokenProcessPool:
                if self._pool is pool:  # the first to notice replaces it for all
                    self.restarts += 1
                    logger.error("model process died; starting another", extra={"restarts": self.restarts})
                    pool.shutdown(wait=False)
                    self._pool = self._make()
                if last:
                    raise
        raise AssertionError("unreachable")

    async def close(self) -> None:
        """Let calls under way end, drop those that wait, end the processes."""
        await asyncio.to_thread(self._pool.shutdown, wait=True, cancel_futures=True)
