"""The office's database, SQLite or PostgreSQL: one writer, readers beside it, the schema brought up to date."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Self, TypeVar

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from workflows.adapters.draft import Draft
from workflows.adapters.postgres import CommitMarks, hold_while_migrating, open_postgres
from workflows.adapters.sqlite import READERS, Checkpoints, check_writable, open_sqlite
from workflows.adapters.writer import Writer, said
from workflows.errors import StoreError
from workflows.schema import HEAD, REVISIONS
from workflows.store import Settled

T = TypeVar("T")


class Database:
    """An open database. Made by `open`; closed by `close`."""

    def __init__(
        self,
        engines: tuple[Engine, Engine],
        writer: Writer,
        lock: IO[bytes] | None,
        path: Path | None,
        checkpoints: Checkpoints | None,
    ) -> None:
        self._engines, self._writer, self._lock, self.path = engines, writer, lock, path
        self._checkpoints = checkpoints
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="database-reader")
        writer.start()

    @classmethod
    async def open(cls, where: str | Path) -> Self:
        """Open or create a database and bring its schema up to date.

        Args:
            where: a path, `sqlite:///path`, or `postgresql://...`.

        Raises:
            StoreError: another process has the file open, it is no database, it cannot be written or
                reached, or a newer Atrium made it.
        """
        return await asyncio.to_thread(cls._open, where)

    @classmethod
    def _open(cls, where: str | Path) -> Self:
        place = place_of(where)
        lock: IO[bytes] | None = None
        checkpoints: Checkpoints | None = None
        if isinstance(place, Path):
            writing, reading, lock = open_sqlite(place)
            checkpoints = Checkpoints(place, writing)
            writer = Writer(writing, alone=True, afterwards=checkpoints)
        else:
            writing, reading = open_postgres(place)
            writer = Writer(writing, marks=CommitMarks(writing, uuid.uuid4().hex))
        try:
            with writing.begin() as connection:
                _bring_up_to_date(connection)
                if lock is not None:
                    check_writable(connection)
        except BaseException as fault:
            writing.dispose()
            reading.dispose()
            if lock is not None:
                lock.close()
            if isinstance(fault, DBAPIError):
                name = place if isinstance(place, Path) else place.render_as_string()
                raise StoreError(f"{name} cannot be used as the office's database: {fault.orig}") from fault
            raise
        return cls((writing, reading), writer, lock, place if isinstance(place, Path) else None, checkpoints)

    @property
    def writer(self) -> Writer:
        """Counts commits."""
        return self._writer

    async def transact(
        self, work: Callable[[Draft], T], *, runs: Sequence[str] = (), settled: Settled | None = None
    ) -> T:
        """Do a unit of work of the engine. See `Writer.run`."""
        return await self._writer.run(work, runs=runs, settled=settled)

    async def write(self, work: Callable[[Connection], T], *, forget: bool = True) -> T:
        """Do something in a transaction; it may be repeated, and shares its commit with others.

        Args:
            work: gets the connection.
            forget: it may change runs, timers, keys of people or the audit, so that the writer must not go on with
                what it knows of them.

        Raises:
            StoreError: the disk is full, the file has become read-only, or the server is gone.
        """
        return await self._writer.plain(work, forget=forget)

    def empty_log(self) -> None:
        """Let nothing of before stay in SQLite's log after this commit; called by a piece of work that erases."""
        if self._checkpoints is not None:
            self._checkpoints.empty()

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Do something on a connection that only reads: it sees everything that was committed before.

        Raises:
            StoreError: the database cannot be read.
        """
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)

    def _read(self, work: Callable[[Connection], T]) -> T:
        for left in (1, 0):
            try:
                with self._engines[1].connect() as connection:
                    return work(connection)
            except DBAPIError as fault:
                if left and (fault.connection_invalidated or isinstance(fault, OperationalError)):
                    continue  # the server was started again meanwhile
                raise said(fault) from fault
        raise AssertionError("unreachable")

    async def close(self) -> None:
        """Finish what was asked for, close all connections, then let go of the lock. Harmless when repeated."""
        await self._writer.close()
        await asyncio.to_thread(self._readers.shutdown)
        for engine in reversed(self._engines):
            engine.dispose()
        if self._lock is not None:
            self._lock.close()


def place_of(where: str | Path) -> Path | URL:
    """Read where a database is: a path, `sqlite:///path`, or `postgresql://...`.

    Raises:
        StoreError: it is none of these.
    """
    if isinstance(where, Path) or "://" not in where:
        return Path(where)
    try:
        parsed = make_url(where)
    except ArgumentError as fault:
        raise StoreError(f"{where!r} is no database address; write a path or sqlite:///path") from fault
    kind = parsed.get_backend_name()
    if kind == "postgresql" and parsed.database:
        return parsed
    if kind != "sqlite" or not parsed.database:
        raise StoreError(f"{where!r} cannot be used; write sqlite:///path or postgresql://user@host/database")
    return Path(parsed.database)


def _bring_up_to_date(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        hold_while_migrating(connection)
    revision = current_revision(connection)
    if revision == HEAD:
        return
    if revision is not None and revision not in REVISIONS:
        raise StoreError(
            f"the database was made by a newer Atrium (schema {revision}, this one knows up to {HEAD}); "
            "install that version again, or restore a backup"
        )
    from workflows.adapters.migrations import migrate  # Alembic is slow to load and seldom needed

    migrate(connection)


def current_revision(connection: Connection) -> str | None:
    """Give the schema's revision, or None for an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if revision is None else str(revision)
