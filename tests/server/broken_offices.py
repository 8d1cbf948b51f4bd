"""`atrium selftest` over an engine that does not keep its word: `python broken_offices.py KIND ARGUMENTS`."""

from __future__ import annotations

import sys
import threading
from dataclasses import replace
from typing import Any

from server.__main__ import main
from server.selftest import branch
from workflows.adapters import writer
from workflows.adapters.database import Database
from workflows.adapters.draft import Draft
from workflows.adapters.unit import Unit
from workflows.run import HistoryEntry, Run

LAPS = 5
"""Turns of the event loop until who was answered has noted it."""


def hasty() -> None:
    """Callers are answered before anything is written; who reads waits, so that nobody notices but for a crash."""
    work, attempt, flush, read = writer.Writer._work, writer.Writer._attempt, Unit.flush, Database._read
    batches = threading.local()
    writing = threading.Lock()

    def attempt_alone(self: writer.Writer, batch: Any, *, open: bool) -> None:
        with writing:
            attempt(self, batch, open=open)

    def read_later(self: Database, wanted: Any) -> Any:
        with writing:
            return read(self, wanted)

    def work_noting(self: writer.Writer, connection: Any, batch: list[Any], *, open: bool) -> Unit | None:
        batches.now = list(batch)
        return work(self, connection, batch, open=False)

    def flush_late(self: Unit) -> None:
        ready = [job for job in batches.now if job.result is not None]
        batches.now = [job for job in batches.now if job.result is None]
        if not ready:
            flush(self)
            return
        loop = ready[0].loop
        writer._deliver(ready)
        noted = threading.Event()

        def lap(left: int) -> None:
            loop.call_soon(lap, left - 1) if left else noted.set()

        loop.call_soon_threadsafe(lap, LAPS)
        noted.wait()
        for job in ready:  # told once, and not again after the commit
            job.settled = None
        flush(self)

    writer.Writer._work, writer.Writer._attempt = work_noting, attempt_alone  # type: ignore[method-assign]
    Unit.flush, Database._read = flush_late, read_later  # type: ignore[method-assign, assignment]


def deaf() -> None:
    """Who opens after a crash knows nothing of what came before: a repeat is taken for something new."""
    advance, has_event, recover = Draft.advance, Draft.has_event, branch.recover

    def advance_again(self: Draft, run: Run, entry: HistoryEntry) -> None:
        known = entry.key is not None and has_event(self, run.id, entry.key)
        advance(self, run, replace(entry, key=None) if known else entry)

    async def recover_deaf(*arguments: Any, **more: Any) -> Any:
        Draft.has_event = lambda self, run_id, key: False  # type: ignore[method-assign]
        Draft.advance = advance_again  # type: ignore[method-assign]
        return await recover(*arguments, **more)

    branch.recover = recover_deaf


if __name__ == "__main__":
    branch.PATIENCE = 5.0
    {"hasty": hasty, "deaf": deaf}[sys.argv[1]]()
    sys.exit(main(sys.argv[2:]))
