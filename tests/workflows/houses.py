"""Where runs live in the contract tests: the engine on SQLite or PostgreSQL, or Temporal's API."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from server.work.dispatcher import Dispatcher
from server.work.timers import Timers
from workflows.adapters.sql_store import SqlStore
from workflows.connector import Answer, Did, Refuse, TryAgain
from workflows.definition import Definition
from workflows.engine import Changes, Engine
from workflows.run import OVER, Run
from workflows.store import Store

LIMIT = 60.0
"""Seconds until a test gives up waiting."""


class Scripted:
    """A connector that answers as it was told, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Mapping[str, Any], str]] = []
        self.answers: dict[str, list[Answer]] = {}
        """By verb; the last one stays."""

    async def call(self, verb: str, params: Mapping[str, Any], key: str) -> Answer:
        self.asked.append((verb, params, key))
        left = self.answers.get(verb)
        if not left:
            return Did(result=f"{verb} done")
        return left.pop(0) if len(left) > 1 else left[0]

    def refuse(self, verb: str, reason: str) -> None:
        self.answers[verb] = [Refuse(reason=reason)]

    def fail_first(self, verb: str, times: int) -> None:
        self.answers[verb] = [*[TryAgain(reason="not now")] * times, Did(result=f"{verb} done")]


class Refusal(Exception):
    """A run did not take an event, as told by an engine that has no errors of its own for it."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class House(Protocol):
    """What every engine of runs does."""

    scripted: Scripted

    async def start(self, definition: str, data: Mapping[str, Any], *, key: str, actor: str) -> Run:
        """Start a run, or give the one that was started with this key."""

    async def send(
        self, run: Run, event: str, data: Mapping[str, Any], *, actor: str, roles: Sequence[str], key: str | None
    ) -> Run:
        """Send an event; raises an exception with `code` of the workflow error."""

    async def get(self, run: Run) -> Run:
        """Give a run as it is now."""

    async def outline(self, run: Run) -> list[tuple[str, str, str]]:
        """Give what happened: event, state after it, outcome."""

    async def until(self, run: Run, holds: Callable[[Run], bool]) -> Run:
        """Wait until something is true of a run."""


class EngineHouse:
    """The engine with its dispatcher and timers, on a database."""

    def __init__(self, engine: Engine, scripted: Scripted) -> None:
        self._engine, self.scripted = engine, scripted
        self._news = asyncio.Event()
        engine.listeners.append(self._notice)

    @classmethod
    @asynccontextmanager
    async def open(cls, where: str | Path, library: Mapping[str, Definition]) -> AsyncIterator[EngineHouse]:
        store = await SqlStore.open(where)
        try:
            async with cls.on(store, library) as house:
                yield house
        finally:
            assert await store.audit_fault() is None
            await store.close()

    @classmethod
    @asynccontextmanager
    async def on(cls, store: Store, library: Mapping[str, Definition]) -> AsyncIterator[EngineHouse]:
        engine = Engine(store, timezone=ZoneInfo("UTC"), library=library)
        scripted = Scripted()
        dispatcher = Dispatcher({"test": scripted}, _now, name="here")
        timers = Timers(engine, _now)
        house = cls(engine, scripted)
        jobs = [asyncio.create_task(dispatcher.run(engine, store)), asyncio.create_task(timers.run())]
        try:
            yield house
        finally:
            for job in jobs:
                job.cancel()
                with suppress(asyncio.CancelledError):
                    await job

    async def start(self, definition: str, data: Mapping[str, Any], *, key: str, actor: str) -> Run:
        return (await self._engine.start(definition, data, key=key, actor=actor, now=_now())).run

    async def send(
        self,
        run: Run,
        event: str,
        data: Mapping[str, Any],
        *,
        actor: str,
        roles: Sequence[str] = (),
        key: str | None = None,
    ) -> Run:
        return (await self._engine.send(run.id, event, data, actor=actor, roles=roles, key=key, now=_now())).run

    async def get(self, run: Run) -> Run:
        return await self._engine.get(run.id)

    async def outline(self, run: Run) -> list[tuple[str, str, str]]:
        return [(one.event, one.to_state, one.outcome.value) for one in await self._engine.history(run.id)]

    async def until(self, run: Run, holds: Callable[[Run], bool]) -> Run:
        async with asyncio.timeout(LIMIT):
            while True:
                self._news.clear()
                now = await self._engine.get(run.id)
                if holds(now):
                    return now
                await self._news.wait()

    def _notice(self, changes: Changes) -> None:
        self._news.set()


def over(run: Run) -> bool:
    """The run has ended."""
    return run.status in OVER


def _now() -> datetime:
    return datetime.now(UTC)
