"""DBOS in `benchmarks.workflow`: the same purchase as a durable function, with an environment of its own.

It is given what suits it best: plain functions and threads, which are quicker here than its asyncio; its own
settings; and under load the approval is sent as soon as a purchase has started, so that its function finds it
there and never waits for the next look (on SQLite DBOS looks for messages once a second). Its steps are counted
as everybody's transitions are; its start, approval and sleep, too.
"""

from __future__ import annotations

import asyncio
import importlib
import queue
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from benchmarks.workflow_subject import EFFECTS, TIMER_SECONDS, Meter, serve

APPROVAL = "approval"
PATIENCE = 600.0
LOOK_SECONDS = 1.0
"""How often it looks for messages on SQLite; people click at any moment between two looks."""


class Dbos:
    """Fulfils `Approving`."""

    def __init__(self) -> None:
        """Register the purchase."""
        self._dbos: Any = importlib.import_module("dbos").DBOS
        self._meter = Meter(warm=0.0, seconds=0.0)
        self._waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._approved: queue.SimpleQueue[float] = queue.SimpleQueue()
        self._looks = False
        self._chance = random.Random(1)

        def effect(number: int) -> int:
            return number

        step = self._dbos.step(name="effect")(effect)

        def purchase() -> None:
            for number in range(EFFECTS):
                step(number)
                self._meter.moved()
            self._waiting.put(self._dbos.workflow_id)
            self._dbos.recv(APPROVAL, PATIENCE)
            self._approved.put(time.perf_counter())
            self._meter.moved()
            self._dbos.sleep(TIMER_SECONDS)
            self._meter.moved()

        self._purchase = self._dbos.workflow(name="purchase")(purchase)

    async def open(self, store: str) -> None:
        """Open or make its system database."""
        self._looks = "://" not in store
        url = f"sqlite:///{store}" if self._looks else store
        self._dbos(config={"name": "purchases", "system_database_url": url, "log_level": "WARNING"})
        await asyncio.to_thread(self._dbos.launch)

    async def load(self, callers: int, meter: Meter) -> None:
        """A thread for each caller."""
        self._meter = meter

        def call() -> None:
            while not meter.over:
                handle = self._dbos.start_workflow(self._purchase)
                meter.moved()
                self._dbos.send(handle.workflow_id, "yes", APPROVAL)
                handle.get_result()

        def call_all() -> None:
            with ThreadPoolExecutor(callers) as pool:
                for done in [pool.submit(call) for _ in range(callers)]:
                    done.result()

        await asyncio.to_thread(call_all)

    async def approvals(self, number: int) -> list[float]:
        """From before the message is sent until the function goes on: what it got is kept by then."""
        return await asyncio.to_thread(self._approvals, number)

    async def close(self) -> None:
        """Wait for nobody."""
        await asyncio.to_thread(self._dbos.destroy, workflow_completion_timeout_sec=0)

    def _approvals(self, number: int) -> list[float]:
        self._waiting, self._approved = queue.SimpleQueue(), queue.SimpleQueue()
        handles = [self._dbos.start_workflow(self._purchase) for _ in range(number)]
        ready = [self._waiting.get(timeout=PATIENCE) for _ in handles]
        threading.Event().wait(0.5)  # all of them are inside of recv
        seconds: list[float] = []
        for one in ready:
            threading.Event().wait(self._chance.uniform(0, LOOK_SECONDS if self._looks else 0.05))
            clicked = time.perf_counter()
            self._dbos.send(one, "yes", APPROVAL)
            seconds.append(self._approved.get(timeout=PATIENCE) - clicked)
        for handle in handles:
            handle.get_result()
        return seconds


if __name__ == "__main__":
    serve(Dbos())
