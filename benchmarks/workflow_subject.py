"""An engine under test in `benchmarks.workflow`: what is asked of it, and the process in which it answers.

A module with an engine ends with `serve(...)`, is run as a program, reads requests as lines of JSON and answers
each with one. Only the standard library is imported here: peers run in environments of their own.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Coroutine
from typing import Any, Protocol, runtime_checkable

EFFECTS = 6
TRANSITIONS = EFFECTS + 3
"""Of one purchase: it is started, six effects are done, it is approved, its timer rings."""
TIMER_SECONDS = 0.0
"""A purchase under load has a timer that rings at once: a longer one would only measure the wait."""


class Meter:
    """Counts what became durable while a window of time was open. Any thread may tell it."""

    def __init__(self, *, warm: float, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        """The window opens after `warm` seconds, for `seconds`."""
        self._clock, now = clock, clock()
        self._opens = now + warm
        self._closes = self._opens + seconds
        self._since_1970 = time.time() - now
        self._lock = threading.Lock()
        self._transitions = 0

    @property
    def over(self) -> bool:
        """Nothing new is to be started."""
        return self._clock() >= self._closes

    def moved(self, transitions: int = 1) -> None:
        """So many transitions are kept for good, just now."""
        if self._opens <= self._clock() < self._closes:
            with self._lock:
                self._transitions += transitions

    def found(self) -> dict[str, float]:
        """What was counted, for how many seconds, and from when to when (seconds since 1970)."""
        return {
            "transitions": self._transitions,
            "seconds": self._closes - self._opens,
            "opened": self._opens + self._since_1970,
            "closed": self._closes + self._since_1970,
        }


@runtime_checkable
class Subject(Protocol):
    """An engine that can be put under load."""

    async def open(self, store: str) -> None:
        """Open a store, or make it: the path of an SQLite file, or the address of a PostgreSQL database."""

    async def load(self, callers: int, meter: Meter) -> None:
        """Let callers make purchases, one after the other each, until the meter is over.

        A purchase has `EFFECTS` effects that return at once, an approval, and a timer of `TIMER_SECONDS`. Each of
        its `TRANSITIONS` is told to the meter when it is durable.
        """

    async def close(self) -> None:
        """Close the store."""


@runtime_checkable
class Approving(Subject, Protocol):
    """An engine in which something waits for a person."""

    async def approvals(self, number: int) -> list[float]:
        """Let so many purchases wait, and approve one after the other.

        Returns:
            Seconds from each click until the next state was durable and those who listen were told.
        """


@runtime_checkable
class Complete(Approving, Protocol):
    """An engine of which everything is measured: Atrium's own."""

    async def park(self, number: int, ring_in: float | None = None) -> None:
        """Let so many more runs wait for an approval; with `ring_in`, each also for a timer in so many seconds."""

    async def decide(self) -> None:
        """Approve one of the runs that are parked in the store, by whichever process."""

    async def rung(self, number: int) -> None:
        """Wait until so many timers have rung since the store was opened."""

    async def year(self) -> float:
        """Seconds that a workflow over a year takes with a clock that is moved by hand."""

    async def audit(self, entries: int) -> float:
        """Fill an audit with so many entries; returns the seconds that it takes to verify it."""

    async def noisy(self, queued: int, probes: int, work: float) -> list[float]:
        """Seconds of each of so many effects of one tenant while another has `queued` more of them waiting.

        Each takes `work` seconds.
        """


def serve(subject: Subject, run: Callable[[Coroutine[Any, Any, None]], None] = asyncio.run) -> None:
    """Answer requests until the standard input ends. What is printed meanwhile goes to the standard error.

    Args:
        subject: the engine.
        run: runs the event loop that the engine has in use.
    """
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)

    async def answer_all() -> None:
        while line := await asyncio.to_thread(sys.stdin.readline):
            try:
                answer = await _answer(subject, **json.loads(line))
            except Exception as fault:
                traceback.print_exc()
                answer = {"error": f"{type(fault).__name__}: {fault}"}
            answers.write(json.dumps(answer) + "\n")

    run(answer_all())
    sys.stderr.flush()
    os._exit(0)  # an engine's own threads must not keep the process


async def _answer(subject: Subject, do: str, **more: Any) -> dict[str, Any]:
    match do:
        case "open":
            await subject.open(more["store"])
        case "load":
            meter = Meter(warm=more["warm"], seconds=more["seconds"])
            await subject.load(more["callers"], meter)
            return dict(meter.found())
        case "look":
            gc.collect()
            return {"tasks": len(asyncio.all_tasks())}
        case "close":
            await subject.close()
        case "approvals" if isinstance(subject, Approving):
            return {"seconds": await subject.approvals(more["number"])}
        case "park" if isinstance(subject, Complete):
            await subject.park(more["number"], more.get("ring_in"))
        case "decide" if isinstance(subject, Complete):
            await subject.decide()
        case "rung" if isinstance(subject, Complete):
            await subject.rung(more["number"])
        case "year" if isinstance(subject, Complete):
            return {"seconds": await subject.year()}
        case "audit" if isinstance(subject, Complete):
            return {"seconds": await subject.audit(more["entries"])}
        case "noisy" if isinstance(subject, Complete):
            return {"seconds": await subject.noisy(more["queued"], more["probes"], more["work"])}
        case _:
            raise LookupError(f"{type(subject).__name__} cannot do {do!r}")
    return {}
