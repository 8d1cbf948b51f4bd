"""A power cut on SQLite: the log ends anywhere, or in rubbish; all is whole, and what was promised is there."""

from __future__ import annotations

import asyncio
import random
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from workflows.adapters.sql_store import SqlStore
from workflows.engine import Engine
from workflows.parts import Rules
from workflows.store import RunFilter
from workflows.written import read_definition

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
HEADER, FRAME_HEADER = 32, 24
"""Bytes before the first frame of the log, and before the page in each frame."""
DEFINITION = read_definition(
    """
name: walk
initial: a
states:
  a: {calls: {ask: {action: test.ask, retry: {attempts: 2}}}, on: {go: b, stop: end}}
  b: {on: {go: a, stop: end}}
  end: {final: true}
deadlines:
  late: {in: [a, b], after: 3600, event: stop}
""",
    Rules(),
)


@dataclass(frozen=True)
class Promise:
    """Something that was answered when the log was as long as this."""

    log_bytes: int
    run: str
    version: int
    key: str


@dataclass(frozen=True)
class Office:
    """A file and its log as they lay on the disk, all of what was promised, and the chain."""

    file: bytes
    log: bytes
    promises: Sequence[Promise]
    chain: Sequence[str]
    """Hashes of the audit."""

    @property
    def page(self) -> int:
        """Bytes of a page."""
        return int.from_bytes(self.log[8:12], "big")

    @property
    def ends(self) -> list[int]:
        """Where the frames of the log end."""
        return list(range(HEADER, len(self.log) + 1, FRAME_HEADER + self.page))


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return asyncio.run(_worked(tmp_path_factory.mktemp("worked")))


async def _worked(folder: Path) -> Office:
    """Let an office work, and take its files as they are while it is open."""
    path = folder / "office.db"
    log = folder / "office.db-wal"
    await (await SqlStore.open(path)).close()
    store = await SqlStore.open(path)
    engine = Engine(store, timezone=ZoneInfo("UTC"), library={"walk": DEFINITION})
    promises: list[Promise] = []

    async def promised(run: str, version: int, key: str) -> None:
        promises.append(Promise(log.stat().st_size, run, version, key))

    runs = []
    for number in range(4):
        run = (await engine.start("walk", {"n": number}, key=f"k{number}", actor="ana", now=NOW)).run
        await promised(run.id, 1, "")
        runs.append(run.id)
    for step in range(2):
        sent = [engine.send(run, "go", actor="ana", key=f"go{step}", now=NOW) for run in runs]
        for outcome in await asyncio.gather(*sent):
            await promised(outcome.run.id, outcome.run.version, f"go{step}")
    [claimed, *_] = await store.claim("me", NOW, NOW + timedelta(seconds=30), {"": 10})
    await engine.failed(claimed, "not now", NOW)
    for id in runs[:2]:
        outcome = await engine.send(id, "stop", actor="ana", key="stop", now=NOW)
        await promised(id, outcome.run.version, "stop")
    cut = Office(path.read_bytes(), log.read_bytes(), promises, [entry.hash for entry in await store.audit()])
    await store.close()
    return cut


def _check(folder: Path, office: Office, log: bytes, kept: int) -> int:
    """Open what the power cut left, and check it.

    Args:
        folder: to work in.
        office: as it was.
        log: what is left of it.
        kept: so many of its bytes are as they were written.

    Returns:
        How many entries the audit has.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    path = folder / "office.db"
    path.write_bytes(office.file)
    path.with_name("office.db-wal").write_bytes(log)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA synchronous=OFF")  # only the check is quicker by it
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        chain = [hash for (hash,) in connection.execute("SELECT hash FROM audit ORDER BY seq")]
        assert chain == list(office.chain[: len(chain)])
        assert connection.execute("SELECT seq FROM audit_head").fetchall() == [(len(chain),)]
        versions = dict(connection.execute("SELECT id, version FROM run").fetchall())
        counted = dict(connection.execute("SELECT run, count(*) FROM event GROUP BY run").fetchall())
        assert versions == counted
        assert sum(versions.values()) == len(chain)
        events = set(connection.execute("SELECT run, coalesce(key, '') FROM event").fetchall())
        for promise in office.promises:
            if promise.log_bytes <= kept:
                assert versions[promise.run] >= promise.version
                assert (promise.run, promise.key) in events
        requests = connection.execute("SELECT count(*) FROM request").fetchone()[0]
        entered = "SELECT count(*) FROM event WHERE to_state = 'a' AND from_state <> 'a'"
        assert requests == connection.execute(entered).fetchone()[0]
    return len(chain)


def test_the_log_may_end_after_any_frame(office: Office, tmp_path: Path) -> None:
    lengths = [_check(tmp_path / "cut", office, office.log[:end], end) for end in office.ends]
    assert lengths == sorted(lengths)
    assert (lengths[0], lengths[-1]) == (0, len(office.chain))
    assert len(set(lengths)) > 8


def test_the_log_may_end_within_any_frame(office: Office, tmp_path: Path) -> None:
    before = [0, *office.ends]
    for start, end in zip(before, office.ends, strict=False):
        for torn in (start + FRAME_HEADER, (start + end) // 2, end - 1):
            _check(tmp_path / "cut", office, office.log[:torn], min(start, torn))


@pytest.mark.parametrize("rubbish", ["zeros", "noise", "frames of before"])
def test_the_log_may_end_in_rubbish(office: Office, tmp_path: Path, rubbish: str) -> None:
    for end in office.ends:
        rest = len(office.log) - end
        tail = {
            "zeros": bytes(rest),
            "noise": random.Random(end).randbytes(rest),
            "frames of before": office.log[HEADER : HEADER + rest],
        }[rubbish]
        _check(tmp_path / "cut", office, office.log[:end] + tail, end)


def test_a_frame_that_is_torn_in_the_middle_takes_what_comes_after_with_it(office: Office, tmp_path: Path) -> None:
    for place, frame in enumerate(_frames(office)):
        start = HEADER + place * len(frame)
        log = bytearray(office.log)
        middle = start + len(frame) // 2
        log[middle : start + len(frame)] = bytes(start + len(frame) - middle)
        if bytes(log) == office.log:
            continue  # the second half of this page held nothing but zeros
        _check(tmp_path / "cut", office, bytes(log), start)


async def test_an_office_goes_on_after_any_commit(office: Office, tmp_path: Path) -> None:
    for end in office.ends[:: max(1, len(office.ends) // 12)]:
        folder = tmp_path / f"cut{end}"
        _check(folder, office, office.log[:end], end)
        store = await SqlStore.open(folder / "office.db")
        engine = Engine(store, timezone=ZoneInfo("UTC"), library={"walk": DEFINITION})
        run = (await engine.start("walk", {}, key="after", actor="bo", now=NOW)).run
        assert (await engine.send(run.id, "go", actor="bo", now=NOW)).run.state == "b"
        await engine.due(NOW + timedelta(hours=2))
        assert {run.state for run in await store.find(RunFilter())} == {"end"}
        assert await store.audit_fault() is None
        await store.close()


def _frames(office: Office) -> Iterator[bytes]:
    for start, end in zip(office.ends, office.ends[1:], strict=False):
        yield office.log[start:end]
