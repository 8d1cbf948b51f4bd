"""The database: opened safely, whole after a crash, its schema as the migrations say."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from contextlib import closing
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
from workflows.engine import Engine
from workflows.errors import StoreError
from workflows.schema import HEAD, REVISIONS
from workflows.store import Timer, Transaction
from workflows.task import TaskDraft
from workflows.tasks import TaskList

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
    def look(connection: sa.Connection) -> dict[str, object]:
        names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "wal_autocheckpoint")
        return {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names}

    assert await store.database.write(look) == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 5000,
        "wal_autocheckpoint": 0,
    }
    with pytest.raises(StoreError, match=r"readonly|read-only"):
        await store.database.read(lambda connection: connection.exec_driver_sql("DELETE FROM run"))


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


@pytest.mark.parametrize("url", ["mysql://localhost/office", "postgresql://localhost", "sqlite://", "://x"])
async def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(StoreError, match="sqlite:///path"):
        await SqlStore.open(url)


async def test_an_error_inside_rolls_everything_of_it_back_and_nothing_of_others(store: SqlStore) -> None:
    tasks = TaskList(Engine(store, timezone=ZoneInfo("UTC")), store)
    task = (await tasks.add(DRAFT, key="k", now=NOW)).task

    def fail_late(tx: Transaction) -> None:
        tx.set_timer(Timer(run=task.id, name="late", at=NOW, event="deadline", fence=1))
        raise RuntimeError("power cut")

    failing = store.transact(fail_late)
    kept = tasks.send(task.id, "accept", actor="bo", now=NOW)
    failed, accepted = await asyncio.gather(failing, kept, return_exceptions=True)
    assert isinstance(failed, RuntimeError)
    assert not isinstance(accepted, BaseException)
    assert await store.timers(task.id) == []
    assert (await tasks.get(task.id)).state == "accepted"


async def test_what_was_asked_for_and_given_up_before_its_turn_is_not_done(store: SqlStore) -> None:
    tasks = TaskList(Engine(store, timezone=ZoneInfo("UTC")), store)
    begun, go = threading.Event(), threading.Event()

    def hold(connection: sa.Connection) -> None:
        begun.set()
        go.wait()

    holding = asyncio.create_task(store.database.write(hold))
    await asyncio.to_thread(begun.wait)
    given_up = asyncio.create_task(tasks.add(DRAFT, key="k", now=NOW))
    await asyncio.sleep(0)
    given_up.cancel()
    with pytest.raises(asyncio.CancelledError):
        await given_up
    go.set()
    await holding
    assert (await tasks.add(DRAFT, key="other", now=NOW)).changed
    assert len(await tasks.all()) == 1
