"""The SQLite file: one writer that also checkpoints, read-only readers, the schema brought up to date."""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self

from sqlalchemy import Connection, event, inspect, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from workflows.errors import StoreError
from workflows.schema import HEAD, REVISIONS

logger = logging.getLogger(__name__)

SAFE_SQLITE = (3, 51, 3)
"""From here on, two writing connections cannot damage the write-ahead log. We keep to one anyway."""
BUSY_MS = 5000
READERS = 4
TROUBLE = ("disk is full", "readonly database", "disk I/O error", "unable to open")
"""What SQLite says when the fault is the disk's or the folder's."""


@dataclass(slots=True)
class Database:
    """An open database. Made by `open`; closed by `close`."""

    _writer: AsyncEngine
    _reader: AsyncEngine
    _turn: asyncio.Lock
    _lock_file: IO[bytes]

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Open or create the file and bring its schema up to date.

        Raises:
            StoreError: another process has it open, it is no database, it cannot be written, or a
                newer Atrium made it.
        """
        lock_file = _lock(path)
        if sqlite3.sqlite_version_info < SAFE_SQLITE:
            logger.info("older sqlite, one writer only", extra={"sqlite": sqlite3.sqlite_version})
        writer = create_async_engine(
            URL.create("sqlite+aiosqlite", database=str(path)),
            poolclass=AsyncAdaptedQueuePool,
            pool_size=1,
            max_overflow=0,
        )
        event.listen(writer.sync_engine, "connect", _prepare_writer)
        event.listen(writer.sync_engine, "begin", _begin_writing)
        reader = create_async_engine(
            URL.create(
                "sqlite+aiosqlite", database=f"file:{_uri_path(path)}", query={"mode": "ro", "uri": "true"}
            ),
            poolclass=AsyncAdaptedQueuePool,
            pool_size=READERS,
            max_overflow=0,
        )
        event.listen(reader.sync_engine, "connect", _prepare_reader)
        database = cls(_writer=writer, _reader=reader, _turn=asyncio.Lock(), _lock_file=lock_file)
        try:
            async with database.write() as connection:
                await connection.run_sync(_bring_up_to_date)
        except DBAPIError as fault:
            await database.close()
            raise StoreError(f"{path} cannot be used as the office's database: {fault.orig}") from fault
        except BaseException:
            await database.close()
            raise
        return database

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """Open the one writing transaction; callers wait their turn.

        Raises:
            StoreError: the disk is full, or the file has become read-only.
        """
        async with self._turn:
            try:
                async with self._writer.begin() as connection:
                    yield connection
            except DBAPIError as fault:
                if fault.orig is not None and _is_trouble(str(fault.orig)):
                    raise StoreError(
                        f"the database cannot be written ({fault.orig}); free some disk space or give the "
                        "office write permission to its data folder, then try again"
                    ) from fault
                raise

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Open a read-only connection: it sees everything that was committed before."""
        async with self._reader.connect() as connection:
            yield connection

    async def close(self) -> None:
        """Close the readers, then the writer (which folds the log into the file), then let go of the lock."""
        await self._reader.dispose()
        await self._writer.dispose()
        self._lock_file.close()


def _lock(path: Path) -> IO[bytes]:
    """Hold the file beside the database, so that no second process writes to it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as fault:
        raise StoreError(
            f"{path.parent} cannot be written ({fault.strerror}); choose another data folder with "
            "ATRIUM_DATA or give yourself write permission"
        ) from fault
    handle = os.fdopen(descriptor, "r+b")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as fault:
        handle.close()
        raise StoreError(
            f"another Atrium is at work on {path.parent}; stop it first, or choose another data folder"
        ) from fault
    return handle


def _uri_path(path: Path) -> str:
    return path.resolve().as_uri().removeprefix("file://")


def _is_trouble(reason: str) -> bool:
    return any(
        words in reason for words in ("disk is full", "readonly database", "disk I/O error", "unable to open")
    )


def _prepare_writer(connection: Any, record: object) -> None:
    connection.isolation_level = None  # the driver opens no transaction by itself; _begin_writing does
    _pragmas(connection, "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_MS}")


def _prepare_reader(connection: Any, record: object) -> None:
    _pragmas(connection, "query_only=ON", f"busy_timeout={BUSY_MS}")


def _pragmas(connection: Any, *pragmas: str) -> None:
    cursor = connection.cursor()
    for pragma in pragmas:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_writing(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _bring_up_to_date(connection: Connection) -> None:
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
