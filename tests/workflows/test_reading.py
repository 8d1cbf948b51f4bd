"""What pages ask of the store: whose runs, and how many stand where; in memory, on SQLite and PostgreSQL alike."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text
from sqlalchemy.dialects import sqlite

from tests.postgres import PostgresServer, postgres_server
from workflows.adapters import tables
from workflows.adapters.sql_store import SqlStore, involves
from workflows.engine import Engine
from workflows.memory import MemoryStore
from workflows.parts import Rules
from workflows.store import Involved, RunCount, RunFilter, Store
from workflows.written import read_definition

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
WISH = """
name: wish
initial: asked
owner: facilitator
states:
  asked:
    asks: {yes: {role: facilitator, title: May it be}}
    on: {approve.yes: [{to: sent, if: data.send}, granted], reject.yes: refused}
  sent:
    calls: {letter: {action: mail.send, retry: {attempts: 1}}}
    on: {done.letter: granted}
  granted: {final: true}
  refused: {final: true}
"""
PAIR = """
name: pair
initial: both
states:
  both:
    parallel: true
    states:
      left: {states: {here: {}}}
      right: {states: {there: {asks: {look: {person: "{data.who}", title: Look}}}}}
"""


@dataclass(kw_only=True)
class Office:
    engine: Engine
    store: Store

    async def start(self, definition: str, key: str, *, by: str, **data: object) -> str:
        return (await self.engine.start(definition, data, key=key, actor=by, now=NOW)).run.id

    async def decide(self, run: str, decision: str, *, by: str) -> None:
        (task,) = await self.store.human_tasks(run=run, only_open=True)
        await self.engine.decide(
            run, task.name, decision, subject=task.subject, form={}, actor=by, roles=("facilitator",), now=NOW
        )

    async def fails(self, run: str) -> None:
        claimed = await self.store.claim("a test", NOW, NOW, {"": 10})
        await self.engine.failed(next(one for one in claimed if one.lease.run == run), "full", NOW, final=True)

    async def of(self, person: str, *roles: str) -> set[str]:
        found = await self.store.find(RunFilter(involves=Involved(person=person, roles=roles)), limit=50)
        return {run.key for run in found}


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        yield server


@pytest.fixture(params=["memory", "sqlite", "postgres"])
async def office(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Office]:
    sql: SqlStore | None = None
    if request.param != "memory":
        of_server = request.param == "postgres"
        sql = await SqlStore.open(
            request.getfixturevalue("server").database() if of_server else tmp_path / "office.db"
        )
    store = sql or MemoryStore()
    engine = Engine(store, timezone=ZoneInfo("UTC"))
    for written in (WISH, PAIR):
        engine.put(read_definition(written, Rules()))
    office = Office(engine=engine, store=store)
    await office.start("wish", "open", by="ana")
    await office.decide(await office.start("wish", "granted", by="bo"), "approve", by="lin")
    await office.decide(await office.start("wish", "refused", by="ana"), "reject", by="kim")
    stuck = await office.start("wish", "stuck", by="bo", send=True)
    await office.decide(stuck, "approve", by="kim")
    await office.fails(stuck)
    await office.start("pair", "pair", by="bo", who="lin")
    yield office
    if sql is not None:
        await sql.close()


async def test_people_find_the_runs_that_they_have_to_do_with(office: Office) -> None:
    assert await office.of("ana") == {"open", "refused"}, "she started them"
    assert await office.of("lin") == {"granted", "pair"}, "she decided one, and is asked by another"
    assert await office.of("lin", "facilitator") == {"granted", "pair", "open", "stuck"}
    assert await office.of("kim") == {"refused", "stuck"}, "decided, whatever became of it"
    assert await office.of("facilitator") == {"stuck"}, "who looks after it may be named or have the role"
    assert await office.of("nobody") == set()


async def test_it_goes_together_with_what_else_is_wanted(office: Office) -> None:
    hers = Involved(person="lin", roles=("facilitator",))
    found = await office.store.find(RunFilter(involves=hers, definitions=("wish",), statuses=("done",)))
    assert [run.key for run in found] == ["granted"]
    assert await office.store.counts(RunFilter(involves=hers, definitions=("pair",))) == [
        RunCount(definition="pair", state="here,there", status="active", runs=1)
    ]


async def test_runs_are_counted_by_state_and_by_how_they_do(office: Office) -> None:
    await office.start("wish", "another", by="ana")
    assert await office.store.counts(RunFilter()) == [
        RunCount(definition="pair", state="here,there", status="active", runs=1),
        RunCount(definition="wish", state="asked", status="active", runs=2),
        RunCount(definition="wish", state="granted", status="done", runs=1),
        RunCount(definition="wish", state="refused", status="done", runs=1),
        RunCount(definition="wish", state="sent", status="stuck", runs=1),
    ]
    first, *_ = await office.store.counts(RunFilter())
    assert first.states == ("here", "there")
    open_ones = RunFilter(definitions=("wish",), statuses=("active", "stuck"))
    assert [(one.state, one.runs) for one in await office.store.counts(open_ones)] == [("asked", 2), ("sent", 1)]


async def test_each_part_of_it_is_looked_up_in_an_index(tmp_path: Path) -> None:
    store = await SqlStore.open(tmp_path / "office.db")
    wanted = select(tables.run.c.id).where(involves(Involved(person="ana", roles=("member",))))
    written = wanted.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    rows = await store.database.read(lambda opened: opened.execute(text(f"EXPLAIN QUERY PLAN {written}")).all())
    await store.close()
    plan = "\n".join(row.detail for row in rows)
    for index in ("ix_event_decided", "ix_run_started_by", "ix_run_status_updated_at", "ix_asked_who"):
        assert index in plan
    assert "SCAN run" not in plan
