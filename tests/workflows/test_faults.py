"""Faults of the disk and of other programs: nothing is half done, it is said what to do, and it goes on."""

from __future__ import annotations

import asyncio
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from workflows.adapters import sqlite, writer
from workflows.adapters.sql_store import SqlStore
from workflows.engine import Engine
from workflows.errors import StoreError
from workflows.parts import Rules
from workflows.store import RunFilter
from workflows.written import read_definition

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
WALK = read_definition(
    "name: walk\ninitial: a\nstates:\n  a: {on: {go: b}}\n  b: {on: {go: a, stop: end}}\n  end: {final: true}\n",
    Rules(),
)
HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.readline()
connection.execute("ROLLBACK")
print("free", flush=True)
"""


def engine_on(store: SqlStore) -> Engine:
    return Engine(store, timezone=ZoneInfo("UTC"), library={"walk": WALK})


async def check_whole(store: SqlStore, path: Path) -> None:
    """The file, the audit chain and every run with its history fit together."""
    assert await store.audit_fault() is None
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        unlike = "SELECT id FROM run WHERE version <> (SELECT count(*) FROM event WHERE event.run = run.id)"
        assert connection.execute(unlike).fetchall() == []


# --- the disk ---------------------------------------------------------------------------------------------------


@contextmanager
def no_larger_files(size: int) -> Iterator[None]:
    """Let no file of this process become larger than this many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_on_a_full_disk_nothing_is_half_done_and_it_goes_on_when_there_is_room(
    store: SqlStore, tmp_path: Path
) -> None:
    engine = engine_on(store)
    run = (await engine.start("walk", {}, key="k", actor="ana", now=NOW)).run
    pages = await store.database.write(lambda it: int(it.exec_driver_sql("PRAGMA page_count").scalar_one()))
    await store.database.write(lambda it: it.exec_driver_sql(f"PRAGMA max_page_count={pages}").scalar())
    large = {"text": "x" * 50_000}
    with pytest.raises(StoreError, match=r"disk is full.*free some disk space"):
        await engine.send(run.id, "go", large, actor="ana", key="1", now=NOW)
    assert (await engine.get(run.id)).version == 1
    await store.database.write(lambda it: it.exec_driver_sql("PRAGMA max_page_count=100000").scalar())
    assert (await engine.send(run.id, "go", large, actor="ana", key="1", now=NOW)).changed
    assert [entry.event for entry in await engine.history(run.id)] == ["start", "go"]
    await check_whole(store, tmp_path / "office.db")


async def test_a_log_that_cannot_grow_spoils_no_commit_but_its_own(store: SqlStore, tmp_path: Path) -> None:
    engine = engine_on(store)
    run = (await engine.start("walk", {}, key="k", actor="ana", now=NOW)).run
    large = {"text": "x" * 50_000}
    with no_larger_files((tmp_path / "office.db-wal").stat().st_size + 20_000):
        asked = [engine.send(run.id, "go", large, actor="ana", key=str(key), now=NOW) for key in range(3)]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        assert [type(answer) for answer in answers] == [StoreError] * 3
        assert "free some disk space" in str(answers[0])
        assert (await engine.get(run.id)).version == 1
    for key in range(3):
        await engine.send(run.id, "go", large, actor="ana", key=str(key), now=NOW)
    assert (await engine.get(run.id)).version == 4
    await check_whole(store, tmp_path / "office.db")


async def test_a_log_that_cannot_be_folded_does_not_spoil_what_was_committed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "office.db"
    monkeypatch.setattr(sqlite, "LOG_BYTES", 1)
    monkeypatch.setattr(sqlite, "LOOK_EVERY", 1)
    store = await SqlStore.open(path)
    engine = engine_on(store)
    for key in range(30):
        run = (await engine.start("walk", {"text": "x" * 10_000}, key=str(key), actor="ana", now=NOW)).run
    with no_larger_files(path.stat().st_size):
        for key in range(3):
            await engine.send(run.id, "go", {"text": "x" * 10_000}, actor="ana", key=str(key), now=NOW)
    assert "cannot be folded" in caplog.text
    assert (await engine.get(run.id)).version == 4
    await engine.send(run.id, "stop", actor="ana", key="stop", now=NOW)
    await check_whole(store, path)
    await store.close()
    assert path.stat().st_size > 300_000


async def test_the_log_is_written_from_its_start_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, log, long = tmp_path / "office.db", tmp_path / "office.db-wal", 400_000
    monkeypatch.setattr(sqlite, "LOG_BYTES", long)
    monkeypatch.setattr(sqlite, "LOOK_EVERY", 1)
    store = await SqlStore.open(path)
    engine = engine_on(store)

    async def write(number: int) -> None:
        for key in range(number):
            await engine.start("walk", {"text": "x" * 10_000}, key=f"{number} {key}", actor="ana", now=NOW)

    await write(100)
    assert long < log.stat().st_size < 2 * long
    assert path.stat().st_size > 1_000_000
    reader = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM run").fetchone()
    before = path.stat().st_size
    await write(80)
    assert path.stat().st_size < before + 2 * long, "what the reader might need of the file is not written over"
    assert log.stat().st_size > 2 * long
    reader.close()
    await write(90)
    grown = log.stat().st_size
    assert path.stat().st_size > before + 1_000_000
    await write(101)
    assert log.stat().st_size <= grown + long
    await check_whole(store, path)
    await store.close()


@contextmanager
def somebody_without_rights() -> Iterator[None]:
    """Root may write everywhere: be somebody else for a while."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


@pytest.mark.parametrize("what", ["file", "folder"])
async def test_what_may_only_be_read_is_refused_with_what_to_do(what: str) -> None:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "office.db"
        await (await SqlStore.open(path)).close()
        (path if what == "file" else path.parent).chmod(0o555)
        if what == "file":
            path.parent.chmod(0o777)
            path.with_name("office.db.lock").chmod(0o666)
        with somebody_without_rights(), pytest.raises(StoreError, match=r"read-?only|write permission"):
            await SqlStore.open(path)
        path.chmod(0o644)
        path.parent.chmod(0o755)
        await (await SqlStore.open(path)).close()


# --- other programs ---------------------------------------------------------------------------------------------


@contextmanager
def another_program(path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the database's only right to write."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holding:
        assert holding.stdout is not None
        assert holding.stdout.readline() == "held\n"
        try:
            yield holding
        finally:
            holding.communicate("\n" if holding.poll() is None else None)


def let_go(holding: subprocess.Popen[str]) -> None:
    assert holding.stdin is not None
    assert holding.stdout is not None
    print(file=holding.stdin, flush=True)
    assert holding.stdout.readline() == "free\n"


async def test_who_holds_the_database_for_a_while_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_MS", 1)
    store = await SqlStore.open(tmp_path / "office.db")
    engine = engine_on(store)
    with another_program(tmp_path / "office.db") as holding:
        waits = []

        def wait(seconds: float) -> None:
            waits.append(seconds)
            if len(waits) == 3:
                let_go(holding)

        monkeypatch.setattr(time, "sleep", wait)
        assert (await engine.start("walk", {}, key="k", actor="ana", now=NOW)).changed
    assert waits == list(writer.WAITS[:3])
    await check_whole(store, tmp_path / "office.db")
    await store.close()


async def test_who_holds_the_database_for_too_long_is_named_and_then_it_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_MS", 1)
    monkeypatch.setattr(writer, "WAITS", (0.0, 0.0))
    store = await SqlStore.open(tmp_path / "office.db")
    engine = engine_on(store)
    with another_program(tmp_path / "office.db") as holding:
        with pytest.raises(StoreError, match="another program has held the database for too long"):
            await engine.start("walk", {}, key="k", actor="ana", now=NOW)
        let_go(holding)
    assert (await engine.start("walk", {}, key="k", actor="ana", now=NOW)).changed
    assert [run.key for run in await store.find(RunFilter())] == ["k"]
    await check_whole(store, tmp_path / "office.db")
    await store.close()
