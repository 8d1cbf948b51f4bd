"""An engine in memory, with dispatchers and connectors whose every call a test holds in its hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from server.work.dispatcher import Dispatcher, DispatchSettings
from server.work.lanes import LaneSettings
from tests.server.work.clock_loop import the_loop
from workflows.connector import Answer, Did
from workflows.engine import Engine
from workflows.errors import StoreError
from workflows.memory import MemoryStore
from workflows.parts import Rules
from workflows.run import Run
from workflows.store import RequestRecord
from workflows.written import read_definition

T = TypeVar("T")
NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
LIBRARY = {
    name: read_definition(
        f"""
name: {name}
initial: a
states:
  a:
    calls: {{do: {{action: {action}, with: {{of: "{{run.key}}"}}, retry: {{{retry}, jitter: 0}}, timeout: 20}}}}
    on: {{done.do: good, failed.do: bad, leave: good}}
  good: {{final: true}}
  bad: {{final: true}}
""",
        Rules(),
    )
    for name, action, retry in (
        ("job", "hand.do", "first: 10000, most: 10000, attempts: 5"),
        ("stubborn", "hand.do", "first: 1, factor: 2, most: 5, attempts: 5"),
        ("unknown", "nowhere.do", "first: 1"),
        ("raising", "raising.do", "first: 1, attempts: 2"),
    )
}
for name, after in (("soon", 30), ("later", 90), ("day", 86_400)):
    LIBRARY[name] = read_definition(
        f"""
name: {name}
initial: a
states:
  a: {{on: {{late: b}}}}
  b: {{final: true}}
deadlines:
  end: {{in: a, after: {after}, event: late}}
""",
        Rules(),
    )


class FrailStore(MemoryStore):
    """A store that can be away."""

    def __init__(self) -> None:
        super().__init__()
        self.away: StoreError | None = None
        self.asked = 0
        """Questions while it was away."""

    def _look(self) -> None:
        if self.away is not None:
            self.asked += 1
            raise self.away

    async def transact(self, work: Callable[[Any], T], *, runs: Any = (), settled: Any = None) -> T:
        self._look()
        return await super().transact(work, runs=runs, settled=settled)

    async def waiting(self, now: datetime) -> Mapping[str, int]:
        self._look()
        return await super().waiting(now)

    async def renew(self, leases: Any, until: datetime) -> Any:
        self._look()
        return await super().renew(leases, until)

    async def timers_due(self, now: datetime, limit: int) -> Any:
        self._look()
        return await super().timers_due(now, limit)


@dataclass(slots=True)
class Call:
    """One that is under way, or was."""

    key: str
    of: str
    at: float
    """Seconds since the beginning."""
    answer: asyncio.Future[Answer]

    @property
    def given_up(self) -> bool:
        """Whoever called waits no more."""
        return self.answer.cancelled()


class Hand:
    """A connector that answers when the test says so."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self._began = the_loop().time()

    async def call(self, verb: str, params: Mapping[str, Any], key: str) -> Answer:
        at = the_loop().time() - self._began
        self.calls.append(Call(key, params["of"], at, the_loop().create_future()))
        return await self.calls[-1].answer

    @property
    def under_way(self) -> list[Call]:
        return [call for call in self.calls if not call.answer.done()]

    async def answer(self, call: Call, answer: Answer | None = None) -> None:
        call.answer.set_result(answer or Did())
        await the_loop().settle()

    @property
    def order(self) -> list[str]:
        """Whose calls began, by key of the run."""
        return [call.of for call in self.calls]


class Raising:
    """A connector with a fault."""

    async def call(self, verb: str, params: Mapping[str, Any], key: str) -> Answer:
        raise ValueError("there is a fault in it")


class World:
    """All of it. The office's clock goes with the loop's."""

    def __init__(self) -> None:
        self.store = FrailStore()
        self.engine = Engine(self.store, timezone=ZoneInfo("UTC"), library=LIBRARY)
        self.hand = Hand()
        self._began = the_loop().time()
        self.ahead = timedelta()
        """The office's clock was set by so much."""

    def wall(self) -> datetime:
        return NOON + self.ahead + timedelta(seconds=the_loop().time() - self._began)

    def dispatcher(self, name: str = "here", lane: LaneSettings | None = None, **settings: Any) -> Dispatcher:
        return Dispatcher(
            {"hand": self.hand, "raising": Raising()},
            self.wall,
            name=name,
            settings=DispatchSettings(**settings),
            lanes={"hand": lane or LaneSettings()},
        )

    @asynccontextmanager
    async def working(self, dispatcher: Dispatcher) -> AsyncIterator[asyncio.Task[None]]:
        job = asyncio.ensure_future(dispatcher.run(self.engine, self.store))
        await the_loop().settle()
        try:
            yield job
        finally:
            job.cancel()
            with suppress(asyncio.CancelledError):
                await job

    async def start(self, key: str, definition: str = "job", tenant: str = "") -> Run:
        outcome = await self.engine.start(
            definition, {}, key=key, actor="ana", now=self.wall(), tenant=tenant or key
        )
        await the_loop().settle()
        return outcome.run

    async def request(self, run: Run) -> RequestRecord:
        [request] = await self.store.requests(run.id)
        return request

    async def state(self, run: Run) -> str:
        return (await self.engine.get(run.id)).state
