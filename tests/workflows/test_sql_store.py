"""The database: opened safely, whole after a crash, its schema as the migrations say."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from workflows.adapters.migrations import config, migrate
from workflows.adapters.sql_store import SqlStore
from workflows.adapters.tables import metadata
from workflows.audit import first_fault
from workflows.engine import Engine
from workflows.errors import Conflict, StoreError
from workflows.library.action_item import ACTION_ITEM
from workflows.machine import begin
from workflows.schema import HEAD, REVISIONS
from workflows.task import TaskDraft, draft_data

NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
ROOT = Path(__file__).parents[2]
DRAFT = TaskDraft(text="Send it")


def test_the_migrations_make_the_tables_that_the_code_knows() -> None:
    engine = sa.create_engine("sqlite://")
    with engine.begin() as connection:
        migrate(connection)
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, metadata) == []
        inspector = sa.inspect(connection)
        for table in metadata.sorted_tables:
            made = {(c["name"], c["nullable"]) for c in inspector.get_columns(table.name)}
            assert made == {(c.name, c.nullable) for c in table.columns}, table.name
            assert len(inspector.get_foreign_keys(table.name)) == len(table.foreign_keys)
    engine.dispose()


def test_the_named_revisions_are_those_of_the_migrations() -> None:
    script = ScriptDirectory.from_config(config())
    assert tuple(reversed([r.revision for r in script.walk_revisions()])) == REVISIONS
    assert script.get_current_head() == HEAD


def test_words_from_before_their_times_were_kept_stay_and_get_the_name_of_who_corrected_them() -> None:
    engine = sa.create_engine("sqlite://")
    with engine.begin() as connection:
        migrate(connection, "0001")
        old = sa.MetaData()
        old.reflect(connection)
        at = NOW.replace(tzinfo=None)
        person = {"id": "bo", "name": "Bo", "role": "member", "look": "[]", "created_at": at, "seen_at": at}
        connection.execute(sa.insert(old.tables["person"]).values(person))
        meeting = {"id": "m", "title": "Old", "room": "hq", "zone": "cedar", "zone_name": "Cedar"}
        meeting |= {"facilitator": "bo", "facilitator_name": "Bo"}
        connection.execute(sa.insert(old.tables["meeting"]).values({**meeting, "started_at": at}))
        line = {"meeting": "m", "speaker": "bo", "speaker_name": "Bo", "text": "Yes", "started_at": at}
        line |= {"seconds": 1.0, "engine": "old"}
        utterance = old.tables["utterance"]
        for id, by in (("u1", None), ("u2", "bo"), ("u3", "gone")):
            connection.execute(sa.insert(utterance).values({**line, "id": id, "edited_by": by}))
        migrate(connection)
        rows = connection.execute(sa.select(metadata.tables["utterance"])).mappings().all()
    assert [(r["text"], r["edited_by_name"], r["words"], r["confidence"]) for r in rows] == [
        ("Yes", None, None, None), ("Yes", "Bo", None, None), ("Yes", None, None, None),
    ]  # fmt: skip
    engine.dispose()


async def test_the_rules_for_sqlite_hold(store: SqlStore) -> None:
    async with store._database.write() as connection:
        told = {
            name: (await connection.exec_driver_sql(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert told == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}
    async with store._database.read() as connection:
        with pytest.raises(sa.exc.OperationalError, match=r"readonly|read-only"):
            await connection.exec_driver_sql("DELETE FROM run")


async def test_a_second_process_is_told_to_stay_away(store: SqlStore, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="another Atrium is at work"):
        await SqlStore.open(tmp_path / "office.db")


async def test_a_database_of_a_newer_atrium_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "office.db"
    await (await SqlStore.open(path)).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num='9999'")
        connection.commit()
    with pytest.raises(StoreError, match="newer Atrium"):
        await SqlStore.open(path)


async def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "office.db"
    path.write_text("a shopping list, not a database" * 100)
    with pytest.raises(StoreError, match="cannot be used as the office's database"):
        await SqlStore.open(path)


async def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="choose another data folder"):
        await SqlStore.open(tmp_path / "file" / "office.db")


@pytest.mark.parametrize("url", ["postgresql://localhost/office", "sqlite://", "://x"])
async def test_other_addresses_are_refused_for_now(url: str) -> None:
    with pytest.raises(StoreError, match="sqlite:///path"):
        await SqlStore.open(url)


async def test_an_error_inside_rolls_everything_back(store: SqlStore) -> None:
    engine = Engine(store, timezone=ZoneInfo("UTC"))
    task = (await engine.start("action_item", DRAFT, key="k", now=NOW)).task

    async def fail_late() -> None:
        async with store.transaction() as tx:
            await tx.settle(task.id, 1)
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power"):
        await fail_late()
    assert len(await engine.unannounced()) == 1


async def test_a_stale_version_is_a_conflict(store: SqlStore) -> None:
    taken = begin(ACTION_ITEM, run_id="r", key="k", data=draft_data(DRAFT), actor="a", now=NOW)
    assert taken.entry is not None
    async with store.transaction() as tx:
        await tx.keep_definition(taken.run.definition_hash, "action_item", ACTION_ITEM.to_document())
        await tx.create(taken.run, taken.entry)
    with pytest.raises(Conflict, match="saw version 4, it is now 1"):
        async with store.transaction() as tx:
            await tx.advance(replace(taken.run, version=5), replace(taken.entry, seq=5))


async def test_a_cancelled_transaction_lets_the_next_one_in(store: SqlStore) -> None:
    inside = asyncio.Event()

    async def wait_inside() -> None:
        async with store.transaction():
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(wait_inside())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    engine = Engine(store, timezone=ZoneInfo("UTC"))
    assert (await engine.start("action_item", DRAFT, key="k", now=NOW)).changed


async def test_a_changed_audit_entry_is_found(store: SqlStore) -> None:
    engine = Engine(store, timezone=ZoneInfo("UTC"))
    for key in "abc":
        await engine.start("action_item", DRAFT, key=key, now=NOW)
    entries = await store.audit()
    assert first_fault(entries) is None
    assert first_fault([entries[0], replace(entries[1], actor="somebody else"), entries[2]]) == 2
    assert first_fault([entries[0], entries[2]]) == 2


CRASH = """
import asyncio, os, sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo
from workflows.adapters.sql_store import SqlStore, SqlTransaction
from workflows.engine import Engine
from workflows.task import TaskDraft

now = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)

async def main(path: str, point: str) -> None:
    store = await SqlStore.open(Path(path))
    engine = Engine(store, timezone=ZoneInfo("UTC"))
    draft = TaskDraft(text="Send it", due=now.date())
    task = (await engine.start("action_item", draft, key="kept", now=now)).task
    print(task.id, flush=True)

    def deadly(name):
        inner = getattr(SqlTransaction, name)
        async def call(self, *args):
            await inner(self, *args)
            os.kill(os.getpid(), 9)
        setattr(SqlTransaction, name, call)

    deadly(point)
    if point == "create":
        await engine.start("action_item", draft, key="lost", now=now)
    else:
        await engine.send(task.id, "done", actor="a", now=now)

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.mark.parametrize("point", ["create", "advance", "clear_timer", "add_effect"])
async def test_a_process_killed_inside_a_transaction_leaves_none_of_it(tmp_path: Path, point: str) -> None:
    path = tmp_path / "office.db"
    died = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", CRASH, str(path), point],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert died.returncode == -signal.SIGKILL, died.stderr
    store = await SqlStore.open(path)
    try:
        engine = Engine(store, timezone=ZoneInfo("UTC"))
        tasks = await engine.tasks()
        assert [(task.id, task.version, task.state) for task in tasks] == [(died.stdout.strip(), 1, "open")]
        assert len(await engine.history(tasks[0].id)) == 1
        assert len(await engine.unannounced()) == 1
        assert await store.audit_fault() is None
        assert (await engine.send(tasks[0].id, "done", actor="a", now=NOW)).changed
        assert (await engine.start("action_item", DRAFT, key="lost", now=NOW)).changed
    finally:
        await store.close()
