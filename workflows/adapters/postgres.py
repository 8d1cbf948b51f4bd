"""PostgreSQL as the office's database: several processes may share it."""

from __future__ import annotations

import time
import uuid

from sqlalchemy import Connection, Engine, create_engine, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import QueuePool

from workflows.adapters import tables
from workflows.adapters.bulk import Batch
from workflows.adapters.json_text import compact, read_json
from workflows.adapters.statements import LEAVE_MARK
from workflows.errors import StoreError

READERS = 4
PATIENCE = 30.0
"""Seconds that a server may be away before it is said of a commit that nobody knows whether it was kept."""
_MIGRATING = 0x6174726D
"""Advisory lock that is held while the schema is brought up to date."""


def open_postgres(url: URL) -> tuple[Engine, Engine]:
    """Open two engines on a server: one for the writer, one that only reads.

    The writer does not ask whether the server is there before each commit: it tries again where it was not.
    """
    plain = url.set(drivername="postgresql+psycopg")
    writer = create_engine(
        plain,
        pool_size=1,
        max_overflow=0,
        json_serializer=compact,
        json_deserializer=read_json,
    )
    reader = create_engine(
        plain,
        poolclass=QueuePool,
        pool_size=READERS,
        max_overflow=0,
        pool_pre_ping=True,
        connect_args={"options": "-c default_transaction_read_only=on"},
        json_deserializer=read_json,
    )
    return writer, reader


def hold_while_migrating(connection: Connection) -> None:
    """Let one process at a time bring the schema up to date; until the end of the transaction."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATING})


class CommitMarks:
    """Fulfils `workflows.adapters.writer.Marks` by a row of each process."""

    def __init__(self, engine: Engine, owner: str) -> None:
        """Mark the commits of one process."""
        self._engine, self._owner = engine, owner

    def leave(self, batch: Batch) -> str:
        """Leave a new mark in this transaction, and give it."""
        mark = uuid.uuid4().hex
        batch.add(LEAVE_MARK, [{"owner": self._owner, "mark": mark}])
        return mark

    def found(self, mark: str) -> bool:
        """Say whether that mark is there, once the server answers again.

        Where only the line was cut, the server may still be at that very commit: its row is waited for.

        Raises:
            StoreError: it does not come back.
        """
        mine = insert(tables.commit_mark).values(owner=self._owner, mark="").on_conflict_do_nothing()
        query = select(tables.commit_mark.c.mark).where(tables.commit_mark.c.owner == self._owner)
        query = query.with_for_update()
        until = time.monotonic() + PATIENCE
        while True:
            try:
                with self._engine.connect() as connection:
                    connection.execute(mine)
                    return connection.execute(query).scalar() == mark
            except DBAPIError as fault:
                if not (fault.connection_invalidated or isinstance(fault, OperationalError)):
                    raise
                if time.monotonic() > until:
                    raise StoreError(
                        "the database server went away while something was kept, and does not come back; "
                        "look whether it is there before you ask for it again"
                    ) from fault
                time.sleep(0.1)
