"""An office without rooms: a store, the engine, the dispatcher and the timers, put together as the real one's."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from server.selftest.checks import Expected, Finding, Kind, findings, summary
from server.selftest.customer import Clock, Customer
from server.selftest.ledger import Ledger
from server.selftest.points import Points
from server.selftest.shop import LIBRARY, Shop
from server.work.dispatcher import Dispatcher, DispatchSettings
from server.work.timers import Timers
from workflows.adapters.sql_store import SqlStore
from workflows.engine import Engine

PATIENCE = 20.0
"""Seconds for the whole script; what is not over then is stuck."""
LATER = 3.0
"""Hours that the office is closed after each crash: leases have run out, timers are due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an office keeps what it knows, and where the ledgers lie."""

    folder: Path
    url: str

    @property
    def shared(self) -> bool:
        """Several offices may work there at once: none takes another's requests before its lease is over."""
        return self.url.startswith("postgresql")

    def answered(self) -> Ledger:
        """What the customer was told."""
        return Ledger(self.folder / "answered.jsonl")

    def called(self) -> Ledger:
        """What the shop was asked to do."""
        return Ledger(self.folder / "called.jsonl")


@asynccontextmanager
async def _opened(place: Place) -> AsyncIterator[SqlStore]:
    store = await SqlStore.open(place.url)
    try:
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def _at_work(place: Place, store: SqlStore, clock: Clock, points: Points) -> AsyncIterator[Customer]:
    engine = Engine(store, timezone=ZoneInfo("UTC"), library=LIBRARY)
    timers = Timers(engine, clock.now)
    settings = DispatchSettings(exclusive=not place.shared)
    shop = Shop(place.called(), points)
    dispatcher = Dispatcher({"shop": shop}, clock.now, name=uuid.uuid4().hex, settings=settings)
    jobs = [asyncio.create_task(dispatcher.run(engine, store)), asyncio.create_task(timers.run())]
    try:
        yield Customer(engine, timers, clock, place.answered(), points)
    finally:
        for job in jobs:
            job.cancel()
            with suppress(asyncio.CancelledError):
                await job


async def make(place: Place) -> None:
    """Make an empty database."""
    async with _opened(place):
        return


async def work(place: Place, points: Points, *, crashes: int = 0) -> None:
    """Do the load, or what is left of it, or die at the chosen point.

    Args:
        place: where.
        points: count.
        crashes: so many came before.

    Raises:
        TimeoutError: it is not over in time.
        WorkflowError: something is refused.
    """
    async with _opened(place) as store, _at_work(place, store, Clock(crashes * LATER), points) as customer:
        async with asyncio.timeout(PATIENCE):
            for refused in await customer.everything():
                raise refused


async def recover(place: Place, expected: Expected | None, *, crashes: int = 1) -> tuple[Expected, list[Finding]]:
    """Open again, finish the load, and say how it ended and what is wrong; `expected` None: whatever it is."""
    found = []
    async with _opened(place) as store:
        async with _at_work(place, store, Clock(crashes * LATER), Points(None, print)) as customer:
            try:
                async with asyncio.timeout(PATIENCE):
                    for refused in await customer.everything():
                        found.append(Finding(Kind.STUCK, f"what was asked for again is refused: {refused}"))
            except TimeoutError:
                found.append(Finding(Kind.STUCK, f"the load is not over after {PATIENCE:g} s"))
        ended = await summary(store)
        answered, called = place.answered().entries(), place.called().entries()
        found += await findings(store, answered, called, ended if expected is None else expected)
    return ended, found
