"""An office of its own that works on a shared outbox: `python outbox_worker.py URL NAME LEDGER LEASE_SECONDS`.

It says `ready`, `begun KEY` for each request, and `over RUN` for each run that is over and kept. Where a request's
verb is its name, it never comes to an end.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from server.selftest.ledger import Ledger
from server.work.dispatcher import Dispatcher, DispatchSettings
from workflows.adapters.sql_store import SqlStore
from workflows.connector import Answer, Did
from workflows.engine import Changes, Engine
from workflows.run import OVER


class Worker:
    """A connector that notes who did what."""

    def __init__(self, name: str, ledger: Ledger) -> None:
        self._name, self._ledger = name, ledger

    async def call(self, verb: str, params: Mapping[str, Any], key: str) -> Answer:
        """Do it, or never be done with it."""
        print("begun", key, flush=True)
        if verb == self._name:
            await asyncio.Event().wait()
        self._ledger.note(key=key, by=self._name)
        return Did()


async def work(url: str, name: str, ledger: Path, lease_seconds: float) -> None:
    """Work until this process is killed."""
    store = await SqlStore.open(url)
    settings = DispatchSettings(window=3, lease_seconds=lease_seconds, look_seconds=0.1, exclusive=False)
    dispatcher = Dispatcher(
        {"job": Worker(name, Ledger(ledger))}, lambda: datetime.now(UTC), name=name, settings=settings
    )
    engine = Engine(store, timezone=ZoneInfo("UTC"), lease_seconds=lease_seconds)
    engine.listeners.append(_say)
    print("ready", flush=True)
    await dispatcher.run(engine, store)


def _say(changes: Changes) -> None:
    for run, _ in changes.moved:
        if run.status in OVER:
            print("over", run.id, flush=True)


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1], sys.argv[2], Path(sys.argv[3]), float(sys.argv[4])))
