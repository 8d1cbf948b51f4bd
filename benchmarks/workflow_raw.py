"""Plain SQL in `benchmarks.workflow`: three statements a transition and nothing above them. What the disk allows.

On SQLite, in the write-ahead log and with full sync, one loop moves as many purchases at a time as there are
callers, and keeps them with one commit. On PostgreSQL each caller has a connection, and a commit for each.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Protocol

import psycopg

from benchmarks.workflow_subject import EFFECTS, TRANSITIONS, Meter, serve

TABLES = (
    "CREATE TABLE IF NOT EXISTS run"
    " (id TEXT PRIMARY KEY, state TEXT NOT NULL, version INTEGER NOT NULL, data TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS event (run TEXT NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL,"
    " data TEXT NOT NULL, at DOUBLE PRECISION NOT NULL, PRIMARY KEY (run, number))",
    "CREATE TABLE IF NOT EXISTS effect (run TEXT NOT NULL, number INTEGER NOT NULL, action TEXT NOT NULL,"
    " status TEXT NOT NULL, PRIMARY KEY (run, number))",
)
START = "INSERT INTO run VALUES (?, ?, 0, ?)"
MOVE = "UPDATE run SET state = ?, version = version + 1 WHERE id = ? AND version = ?"
EVENT = "INSERT INTO event VALUES (?, ?, ?, ?, ?)"
EFFECT = "INSERT INTO effect VALUES (?, ?, ?, ?)"
DATA = '{"what": "chairs", "amount": "1200.00"}'


class Connection(Protocol):
    """Of either database."""

    def execute(self, statement: Any, values: Sequence[Any] = ..., /) -> Any:
        """Send a statement."""


class Store(Protocol):
    """Either database."""

    def load(self, callers: int, meter: Meter) -> None:
        """Move purchases until the meter is over."""

    def approvals(self, number: int) -> list[float]:
        """Seconds of so many transitions that have a commit each."""

    def close(self) -> None:
        """Close it."""


Statements = tuple[str, str, str, str]
SQLITE: Statements = (START, MOVE, EVENT, EFFECT)
POSTGRES: Statements = (
    START.replace("?", "%s"), MOVE.replace("?", "%s"), EVENT.replace("?", "%s"), EFFECT.replace("?", "%s"),
)  # fmt: skip


def move(connection: Connection, run: str, number: int, statements: Statements) -> None:
    """Do the `number`-th transition of a purchase, from 0."""
    start, step, event, effect = statements
    if number == 0:
        connection.execute(start, (run, "step 0", DATA))
    else:
        connection.execute(step, (f"step {number}", run, number - 1))
    connection.execute(event, (run, number, "done", DATA, time.time()))
    connection.execute(effect, (run, number, "pay", "waiting"))


class Sqlite:
    """Fulfils `Store`."""

    def __init__(self, path: str) -> None:
        """Open the file."""
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        for setting in ("journal_mode = WAL", "synchronous = FULL"):
            self._connection.execute(f"PRAGMA {setting}")
        for table in TABLES:
            self._connection.execute(table)

    def load(self, callers: int, meter: Meter) -> None:
        """One loop: all callers' transitions in one commit."""
        while not meter.over:
            runs = [uuid.uuid4().hex for _ in range(callers)]
            for number in range(TRANSITIONS):
                with self._commit():
                    for run in runs:
                        move(self._connection, run, number, SQLITE)
                meter.moved(callers)

    def approvals(self, number: int) -> list[float]:
        """A commit for each."""
        runs = [uuid.uuid4().hex for _ in range(number)]
        with self._commit():
            for run in runs:
                for before in range(EFFECTS + 1):
                    move(self._connection, run, before, SQLITE)
        seconds = []
        for run in runs:
            clicked = time.perf_counter()
            with self._commit():
                move(self._connection, run, EFFECTS + 1, SQLITE)
            seconds.append(time.perf_counter() - clicked)
        return seconds

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    @contextmanager
    def _commit(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        yield
        self._connection.execute("COMMIT")


class Postgres:
    """Fulfils `Store`."""

    def __init__(self, address: str) -> None:
        """Make the tables."""
        self._address = address
        with psycopg.connect(address) as connection:
            for table in TABLES:
                connection.execute(table.encode())

    def load(self, callers: int, meter: Meter) -> None:
        """A thread and a connection for each caller."""

        def call() -> None:
            with psycopg.connect(self._address, autocommit=True) as connection:
                while not meter.over:
                    run = uuid.uuid4().hex
                    for number in range(TRANSITIONS):
                        with connection.transaction():
                            move(connection, run, number, POSTGRES)
                        meter.moved()

        with ThreadPoolExecutor(callers) as pool:
            for done in [pool.submit(call) for _ in range(callers)]:
                done.result()

    def approvals(self, number: int) -> list[float]:
        """A commit for each."""
        seconds = []
        with psycopg.connect(self._address, autocommit=True) as connection:
            for _ in range(number):
                run = uuid.uuid4().hex
                with connection.transaction():
                    for before in range(EFFECTS + 1):
                        move(connection, run, before, POSTGRES)
                clicked = time.perf_counter()
                with connection.transaction():
                    move(connection, run, EFFECTS + 1, POSTGRES)
                seconds.append(time.perf_counter() - clicked)
        return seconds

    def close(self) -> None:
        """Every connection is closed already."""


class Raw:
    """Fulfils `Approving`."""

    def __init__(self) -> None:
        """Nothing is open yet."""
        self._store: Store | None = None

    async def open(self, store: str) -> None:
        """Open or make the database."""
        self._store = Postgres(store) if "://" in store else Sqlite(store)

    async def load(self, callers: int, meter: Meter) -> None:
        """Move purchases until the meter is over."""
        await asyncio.to_thread(self._opened.load, callers, meter)

    async def approvals(self, number: int) -> list[float]:
        """Seconds of so many transitions that have a commit each."""
        return await asyncio.to_thread(self._opened.approvals, number)

    async def close(self) -> None:
        """Close it."""
        self._opened.close()

    @property
    def _opened(self) -> Store:
        assert self._store is not None
        return self._store


if __name__ == "__main__":
    serve(Raw())
