"""SQLite as the office's database: one connection that writes and checkpoints, others that only read."""

from __future__ import annotations

import fcntl
import logging
import os
import sqlite3
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.pool import QueuePool, StaticPool

from workflows.adapters.json_text import compact, read_json
from workflows.errors import StoreError

logger = logging.getLogger(__name__)

SAFE_SQLITE = (3, 51, 3)
"""From here on, two writing connections cannot damage the write-ahead log. We keep to one anyway."""
BUSY_MS = 5000
READERS = 4
LOG_BYTES = 32 * 1024 * 1024
"""The log is folded into the file when it is longer than this; it keeps that length, and is written from its start
again. Shorter, the same pages are written into the file more often; longer, folding takes longer at a time."""
LOOK_EVERY = 16
"""Commits after which the length is looked at again: who looks lets others have the interpreter, and gets it back
late."""
_LOG_HEAD, _FRAME_HEAD = 32, 24
"""Bytes before the frames, and before the page in each: https://www.sqlite.org/fileformat2.html, 4.1."""


def open_sqlite(path: Path) -> tuple[Engine, Engine, IO[bytes]]:
    """Open or create the file: an engine that writes, one that reads, and the lock that keeps others away.

    Raises:
        StoreError: another process has it open, or the folder cannot be written.
    """
    lock = _lock(path)
    if sqlite3.sqlite_version_info < SAFE_SQLITE:
        logger.warning(
            "this SQLite could damage its log if two connections wrote; only one does",
            extra={"sqlite": sqlite3.sqlite_version, "safe": ".".join(map(str, SAFE_SQLITE))},
        )
    writer = create_engine(
        URL.create("sqlite", database=str(path)),
        poolclass=StaticPool,
        connect_args={"check_same_thread": False},
        json_serializer=compact,
        json_deserializer=read_json,
    )
    event.listen(writer, "connect", _prepare_writer)
    event.listen(writer, "begin", _begin_writing)
    reader = create_engine(
        URL.create("sqlite", database=f"file:{_uri_path(path)}", query={"mode": "ro", "uri": "true"}),
        poolclass=QueuePool,
        pool_size=READERS,
        max_overflow=0,
        connect_args={"check_same_thread": False},
        json_deserializer=read_json,
    )
    event.listen(reader, "connect", _prepare_reader)
    return writer, reader, lock


class Checkpoints:
    """Folds the log into the file when it has become long, or when nothing of before may stay in it."""

    def __init__(self, path: Path, engine: Engine) -> None:
        """Watch the log of this database; `engine` is the one that writes."""
        self._log, self._engine = path.with_name(path.name + "-wal"), engine
        self._next, self._commits = LOG_BYTES, 0
        self._emptying = False

    def empty(self) -> None:
        """Cut the log off when next called, or as soon as nobody reads an older state any more."""
        self._emptying = True

    def __call__(self) -> None:
        """Look, now and then, and fold. Nobody is waited for: what somebody still reads is folded another time."""
        self._commits += 1
        try:
            if self._emptying:
                busy, _, _ = self._fold("TRUNCATE")
                self._emptying = bool(busy)
            elif self._commits % LOOK_EVERY == 0 and _is_longer(self._log, self._next):
                _, frames, folded = self._fold("PASSIVE")
                self._next = LOG_BYTES if folded == frames else self._next + LOG_BYTES
        except (sqlite3.Error, OSError) as fault:
            # What was committed is safe in the log.
            logger.error("the log cannot be folded; free some disk space", extra={"error": str(fault)})
            self._next += LOG_BYTES

    def _fold(self, how: str) -> tuple[int, int, int]:
        """Give whether somebody was in the way, the frames of the log, and how many are folded."""
        with self._engine.connect() as connection:
            raw = connection.connection.driver_connection
            assert raw is not None
            raw.execute("PRAGMA busy_timeout=0")
            try:
                found: tuple[int, int, int] = raw.execute(f"PRAGMA wal_checkpoint({how})").fetchone()
            finally:
                raw.execute(f"PRAGMA busy_timeout={BUSY_MS}")
            return found


def _is_longer(log: Path, length: int) -> bool:
    """Say whether a log holds more than so many bytes that belong together.

    Its size does not say: frames of before stay behind those that were written over. They bear other salts than
    the log's head, so that one look at the frame in question is enough. (The index of the log would say it, too.
    But whoever opens and closes that takes SQLite's locks away.)
    """
    if not log.exists() or log.stat().st_size <= length:
        return False
    with log.open("rb") as file:
        head = file.read(_LOG_HEAD)
        frame = _FRAME_HEAD + int.from_bytes(head[8:12])
        file.seek(_LOG_HEAD + (length // frame) * frame)
        return file.read(_FRAME_HEAD)[8:16] == head[16:24]


def check_writable(connection: Connection) -> None:
    """Write something without meaning: a file that may only be read is opened without a word.

    Raises:
        DBAPIError: it cannot be written.
    """
    version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
    connection.exec_driver_sql(f"PRAGMA user_version={version}")


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


def _prepare_writer(connection: Any, record: object) -> None:
    connection.isolation_level = None  # the driver opens no transaction by itself; _begin_writing does
    _pragmas(
        connection,
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "wal_autocheckpoint=0",
        f"busy_timeout={BUSY_MS}",
    )


def _prepare_reader(connection: Any, record: object) -> None:
    _pragmas(connection, "query_only=ON", f"busy_timeout={BUSY_MS}")


def _pragmas(connection: Any, *pragmas: str) -> None:
    cursor = connection.cursor()
    for pragma in pragmas:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_writing(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
