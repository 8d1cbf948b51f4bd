"""One PostgreSQL that is stopped hard while offices work on it, and offices that share what is to be done."""

from __future__ import annotations

import asyncio
import json
import queue
import subprocess
import sys
import threading
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from server.selftest import branch, customer
from server.selftest.branch import Place
from server.selftest.points import Points
from server.selftest.postgres import PostgresServer, postgres_server
from server.work import timers
from workflows.adapters.bulk import Batch
from workflows.adapters.postgres import CommitMarks, open_postgres
from workflows.adapters.sql_store import SqlStore
from workflows.adapters.tables import commit_mark
from workflows.definition import Definition
from workflows.engine import Engine, Outcome
from workflows.errors import StoreError
from workflows.parts import Rules
from workflows.run import Run
from workflows.written import read_definition

T = TypeVar("T")
NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
LEASE = "1.0"
"""Seconds."""
LIMIT = 60.0
"""Seconds until a test gives up waiting."""


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        yield server


def job(name: str, verb: str) -> Definition:
    return read_definition(
        f"name: {name}\ninitial: a\nstates:\n  a:\n    calls: {{do: {{action: job.{verb}}}}}\n"
        "    on: {done.do: b}\n  b: {final: true}\n",
        Rules(),
    )


LIBRARY = {"plain": job("plain", "any"), "sticky": job("sticky", "first")}


class Patient(Engine):
    """Asks again until there is an answer, as a person would."""

    async def start(self, *arguments: Any, **options: Any) -> Outcome:
        return await self._insist(super().start, *arguments, **options)

    async def send(self, *arguments: Any, **options: Any) -> Outcome:
        return await self._insist(super().send, *arguments, **options)

    async def get(self, run_id: str) -> Run:
        return await self._insist(super().get, run_id)

    async def _insist(self, ask: Callable[..., Awaitable[T]], *arguments: Any, **options: Any) -> T:
        while True:
            try:
                return await ask(*arguments, **options)
            except StoreError:
                continue


async def test_a_server_that_is_stopped_hard_again_and_again_loses_and_doubles_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(branch, "Engine", Patient)
    monkeypatch.setattr(timers, "AFTER_FAULT_SECONDS", 0.05)
    monkeypatch.setattr(branch, "PATIENCE", LIMIT)
    monkeypatch.setattr(customer, "WALKS", 25)
    calm, stormy = (tmp_path / name for name in ("calm", "stormy"))
    calm.mkdir()
    stormy.mkdir()
    expected, found = await branch.recover(Place(folder=calm, url=f"sqlite:///{calm / 'office.db'}"), None)
    assert found == []
    with postgres_server(safe=True) as server:
        place = Place(folder=stormy, url=server.database())
        answers = Answers()
        connections = Connections()
        storm = asyncio.create_task(_stop_again_and_again(server, answers, connections))
        try:
            with connections.counted():
                await branch.work(place, answers)
                counts = [*await storm, connections.made]
        except BaseException:
            storm.cancel()  # and let no server be started behind the back of who ends it
            await asyncio.get_running_loop().shutdown_default_executor()
            raise
        assert sorted(set(counts)) == counts  # after each stop, work went on over other connections
        _, found = await branch.recover(place, expected)
    assert found == []


class Answers(Points):
    """Counts what was answered."""

    def __init__(self) -> None:
        super().__init__(None, print)
        self._count, self._more = 0, asyncio.Event()

    def reach(self, name: str) -> None:
        if name == "after the note of an answer":
            self._count += 1
            self._more.set()

    async def until(self, count: int) -> None:
        while self._count < count:
            self._more.clear()
            await self._more.wait()


class Connections:
    """Counts what was connected to a database."""

    def __init__(self) -> None:
        self.made = 0

    @contextmanager
    def counted(self) -> Iterator[None]:
        sa.event.listen(sa.Pool, "connect", self._count)
        try:
            yield
        finally:
            sa.event.remove(sa.Pool, "connect", self._count)

    def _count(self, *_: object) -> None:
        self.made += 1


async def _stop_again_and_again(server: PostgresServer, answers: Answers, connections: Connections) -> list[int]:
    """Gives how many connections had been made at each stop."""
    made = []
    for count in (5, 50, 100):
        await answers.until(count)
        await asyncio.to_thread(server.stop, immediate=True)
        made.append(connections.made)
        await asyncio.to_thread(server.start)
    return made


@asynccontextmanager
async def offices(url: str, number: int) -> AsyncIterator[list[Engine]]:
    async with AsyncExitStack() as stack:
        engines = []
        for _ in range(number):
            store = await SqlStore.open(url)
            stack.push_async_callback(store.close)
            engines.append(Engine(store, timezone=ZoneInfo("UTC"), library=LIBRARY))
        yield engines


async def test_offices_that_start_the_same_run_at_the_same_moment_get_one_run(server: PostgresServer) -> None:
    async with offices(server.database(), 4) as engines:
        for key in map(str, range(25)):
            asked = [engine.start("plain", {}, key=key, actor="ana", now=NOW) for engine in engines]
            outcomes = await asyncio.gather(*asked)
            assert len({outcome.run.id for outcome in outcomes}) == 1
            assert [outcome.changed for outcome in outcomes].count(True) == 1


class Offices:
    """Processes of their own on one outbox, and what they say."""

    def __init__(self, stack: ExitStack, url: str, ledger: Path) -> None:
        self._stack, self._url, self._ledger = stack, url, ledger
        self._said: queue.SimpleQueue[tuple[str, str, str]] = queue.SimpleQueue()
        self._heard: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self._processes: dict[str, subprocess.Popen[str]] = {}

    async def open(self, name: str) -> None:
        self._open(name)
        await self.said("ready", 1)

    def _open(self, name: str) -> None:
        script = str(Path(__file__).with_name("outbox_worker.py"))
        command = [sys.executable, script, self._url, name, str(self._ledger), LEASE]
        process = self._stack.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        listening = threading.Thread(target=self._listen, args=(name, process))
        listening.start()
        self._stack.callback(listening.join)
        self._stack.callback(process.kill)
        self._processes[name] = process

    async def said(self, word: str, times: int) -> list[tuple[str, str]]:
        """Wait until a word was said so often; gives by whom and of what."""
        while len(self._heard[word]) < times:
            name, first, rest = await asyncio.to_thread(self._said.get, timeout=LIMIT)
            self._heard[first].append((name, rest))
        return self._heard.pop(word)

    def kill(self, name: str) -> None:
        """As a crash would."""
        self._processes[name].kill()

    def ledger(self) -> list[tuple[str, str]]:
        """What was done, and by whom."""
        entries = [json.loads(line) for line in self._ledger.read_text().splitlines()]
        return [(entry["key"], entry["by"]) for entry in entries]

    def _listen(self, name: str, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            first, _, rest = line.strip().partition(" ")
            self._said.put((name, first, rest))


@pytest.fixture
def shared(server: PostgresServer, tmp_path: Path) -> Iterator[tuple[str, Offices]]:
    url = server.database()
    with ExitStack() as stack:
        yield url, Offices(stack, url, tmp_path / "ledger.jsonl")


async def test_offices_share_an_outbox_and_each_request_is_done_once(shared: tuple[str, Offices]) -> None:
    url, others = shared
    async with offices(url, 1) as (engine,):
        for key in map(str, range(30)):
            await engine.start("plain", {}, key=key, actor="ana", now=datetime.now(UTC))
        for name in ("here", "there"):
            await others.open(name)
        over = await others.said("over", 30)
        assert len({run for _, run in over}) == 30
        done = Counter(key for key, _ in others.ledger())
        assert set(done.values()) == {1}
        assert len(done) == 30


async def test_when_an_office_dies_another_does_its_requests_when_the_lease_is_over(
    shared: tuple[str, Offices],
) -> None:
    url, others = shared
    async with offices(url, 1) as (engine,):
        run = (await engine.start("sticky", {}, key="k", actor="ana", now=datetime.now(UTC))).run
        await others.open("first")
        [(_, key)] = await others.said("begun", 1)
        await others.open("second")
        others.kill("first")
        assert await others.said("over", 1) == [("second", run.id)]
        assert others.ledger() == [(key, "second")]
        [request] = await engine._store.requests(run.id)
        assert (request.status, request.attempts) == ("done", 2)
        assert [entry.event for entry in await engine.history(run.id)] == ["start", "done.do"]


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("kept", [True, False])
def test_a_commit_that_the_server_is_still_at_is_waited_for(
    server: PostgresServer, first: bool, kept: bool
) -> None:
    url = make_url(server.database())
    with ExitStack() as stack:
        working, asking, beside = (open_postgres(url)[0] for _ in range(3))
        for engine in (working, asking, beside):
            stack.callback(engine.dispose)
        commit_mark.create(beside)
        left, asked = (CommitMarks(engine, "office") for engine in (working, asking))
        if not first:
            with working.begin() as connection:
                _leave(left, connection)
        pool = stack.enter_context(ThreadPoolExecutor(1))
        connection = stack.enter_context(working.connect())
        transaction = connection.begin()
        mark = _leave(left, connection)
        found = pool.submit(asked.found, mark)
        while not (found.done() or _waits(beside)):
            continue
        assert not found.done()
        transaction.commit() if kept else transaction.rollback()
        assert found.result(LIMIT) is kept


def _leave(marks: CommitMarks, connection: sa.Connection) -> str:
    batch = Batch(connection)
    mark = marks.leave(batch)
    batch.send()
    return mark


def _waits(engine: sa.Engine) -> bool:
    """Somebody waits for a row."""
    with engine.connect() as connection:
        query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        return bool(connection.execute(sa.text(query)).scalar())
