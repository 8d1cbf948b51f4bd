"""What the writer knows is never older than the database; what cannot be kept spoils nothing of others."""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from tests.postgres import PostgresServer, postgres_server
from workflows.adapters import known, tables
from workflows.adapters.json_text import compact, read_json
from workflows.adapters.known import Known
from workflows.adapters.sql_store import SqlStore
from workflows.engine import Engine
from workflows.errors import StoreError
from workflows.parts import Rules
from workflows.run import Run
from workflows.store import Timer
from workflows.written import read_definition

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DOOR = """
name: door
initial: closed
states:
  closed:
    on: {open: opened, note: {do: told = event.told}}
  opened:
    on: {close: closed}
"""


TIMED = """
name: lamp
initial: dark
states:
  dark:
    on: {switch: lit}
  lit:
    on: {switch: dark, tick: dark}
deadlines:
  soon: {in: lit, after: 1 hour, event: tick}
"""


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgres"])
async def doors(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[tuple[Engine, SqlStore]]:
    where = tmp_path / "office.db" if request.param == "sqlite" else request.getfixturevalue("server").database()
    store = await SqlStore.open(where)
    engine = Engine(store, timezone=ZoneInfo("UTC"))
    engine.put(read_definition(DOOR, Rules()))
    yield engine, store
    await store.close()


async def start(engine: Engine, key: str) -> Run:
    return (await engine.start("door", {}, key=key, actor="ana", now=NOW)).run


async def test_a_run_that_was_changed_by_hand_is_read_again(doors: tuple[Engine, SqlStore]) -> None:
    engine, store = doors
    run = await start(engine, "front")
    await store.rows.update("run", {"state": "opened"}, {"id": run.id})
    closed = await engine.send(run.id, "close", actor="bo", now=NOW)
    assert (closed.run.state, closed.run.version) == ("closed", 2)


async def test_a_key_that_was_deleted_is_not_used_again(doors: tuple[Engine, SqlStore]) -> None:
    engine, store = doors
    await start(engine, "front")
    (before,) = await store.rows.select("person_key", {"person": "ana"})
    await store.rows.delete("person_key", {"person": "ana"})
    await start(engine, "back")
    (after,) = await store.rows.select("person_key", {"person": "ana"})
    assert before["key"] != after["key"]


async def test_what_is_no_json_spoils_nothing_of_others_in_the_same_commit(doors: tuple[Engine, SqlStore]) -> None:
    engine, store = doors
    runs = [await start(engine, str(number)) for number in range(6)]
    told: list[Any] = ["a", "b", object(), "d", "\x00" if store.database.path is None else object(), "f"]
    commits = store.database.writer.commits
    found = await asyncio.gather(
        *(
            engine.send(run.id, "note", {"told": words}, actor="bo", now=NOW)
            for run, words in zip(runs, told, strict=True)
        ),
        return_exceptions=True,
    )
    kept = [await engine.get(run.id) for run in runs]
    assert [run.data.get("told") for run in kept] == ["a", "b", None, "d", None, "f"]
    assert [isinstance(one, Exception) for one in found] == [False, False, True, False, True, False]
    assert store.database.writer.commits - commits <= len(runs)
    again = await engine.send(runs[2].id, "note", {"told": "c"}, actor="bo", now=NOW + timedelta(seconds=1))
    assert (again.run.version, again.run.data["told"]) == (2, "c")
    audit = await store.audit()
    assert [entry.seq for entry in audit] == list(range(1, len(audit) + 1))


async def test_after_a_commit_that_failed_all_is_read_again(tmp_path: Path) -> None:
    store = await SqlStore.open(tmp_path / "office.db")
    engine = Engine(store, timezone=ZoneInfo("UTC"))
    engine.put(read_definition(DOOR, Rules()))
    run = await start(engine, "front")
    pages = await store.database.write(lambda opened: opened.exec_driver_sql("PRAGMA page_count").scalar())
    await store.database.write(lambda opened: opened.exec_driver_sql(f"PRAGMA max_page_count={pages}").scalar())
    with pytest.raises(StoreError, match="disk space"):
        await engine.send(run.id, "note", {"told": "x" * 100_000}, actor="bo", now=NOW)
    await store.database.write(lambda opened: opened.exec_driver_sql("PRAGMA max_page_count=100000").scalar())
    opened = await engine.send(run.id, "open", actor="bo", now=NOW)
    assert (opened.run.version, opened.run.data) == (2, {})
    count = sa.select(sa.func.count()).select_from(tables.audit)
    assert await store.database.read(lambda opened: opened.execute(count).scalar()) == 2
    await store.close()


@pytest.mark.parametrize("forget", [False, True])
async def test_what_came_before_and_after_other_work_in_the_same_commit_fits(
    doors: tuple[Engine, SqlStore], forget: bool
) -> None:
    engine, store = doors
    engine.put(read_definition(TIMED, Rules()))
    run = (await engine.start("lamp", {}, key="one", actor="ana", now=NOW)).run
    held, go = threading.Event(), threading.Event()

    def hold(connection: sa.Connection) -> None:
        held.set()
        assert go.wait(10)

    def look(connection: sa.Connection) -> Any:
        entries = sa.select(sa.func.count()).select_from(tables.audit)
        return connection.execute(entries).scalar(), connection.execute(
            sa.select(tables.timer.c.name)
        ).scalars().all()

    first = asyncio.create_task(store.database.write(hold))
    await asyncio.to_thread(held.wait)
    commits = store.database.writer.commits
    together = [
        asyncio.create_task(engine.send(run.id, "switch", actor="ana", now=NOW)),
        asyncio.create_task(store.database.write(look, forget=forget)),
        asyncio.create_task(engine.send(run.id, "switch", actor="bo", now=NOW)),
        asyncio.create_task(engine.start("lamp", {}, key="two", actor="ana", now=NOW)),
        asyncio.create_task(store.database.write(look, forget=forget)),
        asyncio.create_task(engine.send(run.id, "switch", actor="ana", now=NOW)),
    ]
    await asyncio.sleep(0)
    go.set()
    await first
    on, one, off, _, two, again = await asyncio.gather(*together)
    assert store.database.writer.commits == commits + 1
    assert [out.run.state for out in (on, off, again)] == ["lit", "dark", "lit"]
    assert (one, two) == ((2, ["soon"]), (4, []))
    assert await store.timers(run.id) == [Timer(run=run.id, name="soon", at=NOW + HOUR, event="tick", fence=4)]
    assert await store.audit_fault() is None
    switched = await engine.send(run.id, "switch", actor="ana", now=NOW)
    assert (switched.run.version, await store.audit_fault()) == (5, None)


def test_few_runs_are_kept_those_that_moved_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "MOST_RUNS", 2)
    runs = {name: run_of(name) for name in "abc"}
    ours, shared = Known(alone=True), Known(alone=False)
    for mind in (ours, shared):
        mind.learn({"a": runs["a"], "b": runs["b"]}, (2, "hash"))
        mind.learn({"a": runs["a"]}, None)
        mind.learn({"c": runs["c"]}, None)
    assert (ours.run("a"), ours.run("b"), ours.run("c")) == (runs["a"], None, runs["c"])
    assert ours.head == (2, "hash")
    assert (shared.run("c"), shared.head) == (None, None), "others may have written since"
    ours.forget()
    assert ours.run("c") is None
    assert ours.head is None


def run_of(name: str) -> Run:
    return Run(
        id=name, definition="door", definition_hash="h", key=name, state="closed", data={}, version=1,
        created_at=NOW, updated_at=NOW,
    )  # fmt: skip


class Loud(str):
    def __str__(self) -> str:
        return self.upper()


class Grade(int):
    pass


class Share(float):
    pass


@pytest.mark.parametrize(
    "value",
    [
        {"a": [1, 2.5, None, True, "ü"]},
        2**80,
        -(2**70),
        "\ud800 half",
        [Loud("quiet"), Grade(3), Share(0.5)],
        OrderedDict(b=1, a=2),
        MappingProxyType({"x": 1}),
        (1, (2,)),
    ],
)
def test_json_comes_back_as_it_was(value: Any) -> None:
    plain = value
    if isinstance(value, list):
        plain = ["quiet", 3, 0.5]
    elif isinstance(value, tuple):
        plain = [1, [2]]
    again = read_json(compact(value))
    assert again == plain
    assert type(again) is type(plain) or isinstance(plain, OrderedDict | MappingProxyType)


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(TypeError, match="a object is no JSON value"):
        compact({"a": object()})
