"""Who was thought dead and comes back is fenced, by its next sign of life or by its result, on each database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from server.work.dispatcher import Dispatcher, DispatchSettings
from tests.postgres import postgres_server
from workflows.adapters.sql_store import SqlStore
from workflows.connector import Answer, Did
from workflows.engine import Changes, Engine, Outcome
from workflows.parts import Rules
from workflows.run import OVER, Run
from workflows.store import Claimed, Lease
from workflows.written import read_definition

DEFINITION = read_definition(
    "name: job\ninitial: a\nstates:\n  a: {calls: {do: {action: hand.do, save: by}}, on: {done.do: b}}\n"
    "  b: {final: true}\n",
    Rules(),
)


class Clock:
    """The wall clock of all offices."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class Hand:
    """A connector that answers when it is let."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.begun, self.let, self.given_up = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def call(self, verb: str, params: Mapping[str, Any], key: str) -> Answer:
        self.begun.set()
        try:
            await self.let.wait()
        except asyncio.CancelledError:
            self.given_up.set()
            raise
        return Did(result=self._name)


class Sleeper:
    """A store as a process sees it that, while it is not awake, gives no sign of life and asks for no work."""

    def __init__(self, store: SqlStore) -> None:
        self._store, self.awake = store, asyncio.Event()
        self.awake.set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def renew(self, leases: Sequence[Lease], until: datetime) -> list[Lease]:
        await self.awake.wait()
        return await self._store.renew(leases, until)

    async def waiting(self, now: datetime) -> Mapping[str, int]:
        await self.awake.wait()
        return await self._store.waiting(now)


class Telling(Engine):
    """Tells when somebody came with a result."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.told = asyncio.Event()

    async def done(self, claimed: Claimed, result: Any, now: datetime) -> Outcome:
        try:
            return await super().done(claimed, result, now)
        finally:
            self.told.set()


@dataclass(slots=True)
class Office:
    """An engine of its own with a dispatcher, on the database of all."""

    engine: Telling
    sleeper: Sleeper
    dispatcher: Dispatcher
    hand: Hand
    news: asyncio.Event

    def noticed(self, changes: Changes) -> None:
        self.news.set()

    async def over(self, run: Run) -> Run:
        while True:
            self.news.clear()
            now = await self.engine.get(run.id)
            if now.status in OVER:
                return now
            await self.news.wait()


class Town:
    """Offices on one database."""

    def __init__(self, stack: AsyncExitStack, url: str | None, store: SqlStore) -> None:
        self._stack, self._url, self._store = stack, url, store
        self.clock = Clock()

    async def open(self, name: str, lease_seconds: float = 30.0) -> Office:
        store = self._store
        if self._url is not None:
            store = await SqlStore.open(self._url)
            self._stack.push_async_callback(store.close)
        sleeper = Sleeper(store)
        engine = Telling(store, timezone=ZoneInfo("UTC"), library={"job": DEFINITION}, lease_seconds=lease_seconds)
        hand = Hand(name)
        settings = DispatchSettings(lease_seconds=lease_seconds, exclusive=False)
        dispatcher = Dispatcher({"hand": hand}, self.clock, name=name, settings=settings)
        office = Office(engine, sleeper, dispatcher, hand, asyncio.Event())
        engine.listeners.append(office.noticed)
        job = asyncio.create_task(dispatcher.run(engine, sleeper))
        self._stack.push_async_callback(_end, job)
        return office


async def _end(job: asyncio.Task[None]) -> None:
    job.cancel()
    with suppress(asyncio.CancelledError):
        await job


@pytest.fixture(params=["sqlite", "postgres"])
async def town(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Town]:
    async with AsyncExitStack() as stack:
        url = None
        if request.param == "postgres":
            url = stack.enter_context(postgres_server()).database()
        store = await SqlStore.open(url or tmp_path / "office.db")
        stack.push_async_callback(store.close)
        yield Town(stack, url, store)
        assert await store.audit_fault() is None


async def _begun_and_taken_over(town: Town, lease_seconds: float) -> tuple[Office, Office, Run]:
    """One office begins, is not heard of while its lease runs out, and another takes its request over."""
    first = await town.open("first", lease_seconds)
    run = (await first.engine.start("job", {}, key="k", actor="ana", now=town.clock())).run
    await first.hand.begun.wait()
    first.sleeper.awake.clear()
    town.clock.now += timedelta(seconds=31)
    second = await town.open("second")
    await second.hand.begun.wait()
    return first, second, run


async def test_the_result_of_a_zombie_is_refused(town: Town) -> None:
    first, second, run = await _begun_and_taken_over(town, lease_seconds=30)
    second.hand.let.set()
    assert (await second.over(run)).data["by"] == "second"
    first.hand.let.set()
    await first.engine.told.wait()
    await asyncio.sleep(0)
    assert (first.dispatcher.counters.fenced, first.dispatcher.counters.done) == (1, 0)
    await _check(second, run)


async def test_a_zombie_stops_at_its_next_sign_of_life(town: Town) -> None:
    first, second, run = await _begun_and_taken_over(town, lease_seconds=0.3)
    first.sleeper.awake.set()
    await first.hand.given_up.wait()
    assert first.dispatcher.counters.fenced == 1
    second.hand.let.set()
    await second.over(run)
    await _check(second, run)


async def _check(office: Office, run: Run) -> None:
    assert (await office.engine.get(run.id)).data["by"] == "second"
    assert [entry.event for entry in await office.engine.history(run.id)] == ["start", "done.do"]
