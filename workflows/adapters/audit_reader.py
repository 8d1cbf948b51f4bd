"""Reads the audit from the database as it lies there: no objects, no conversions, nothing is written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from workflows.adapters.read_only import read_only
from workflows.audit import Head, Row
from workflows.errors import StoreError

_AT = {"sqlite": "at", "postgresql": "to_char(at, 'YYYY-MM-DD HH24:MI:SS.US')"}
_HEAD = "SELECT seq, hash, (SELECT coalesce(max(seq), 0) FROM audit) FROM audit_head WHERE id = 1"


class AuditReader:
    """Fulfils `workflows.audit.Entries` on an open connection.

    Each call reads by itself, so that a long verification never holds back the database's house-keeping.
    """

    def __init__(self, connection: Connection) -> None:
        """Read on this connection; the caller closes it."""
        self._connection = connection
        at = _AT[connection.dialect.name]
        self._rows = f"SELECT seq, {at}, actor, action, run, version, digest, previous, hash FROM audit"

    def head(self) -> Head:
        """Say where the table ends."""
        found = self._ask(_HEAD)
        if not found:
            raise StoreError("the database does not say where its audit ends; restore it from a backup")
        seq, hash, last = found[0]
        return Head(seq=seq, hash=hash, last=last)

    def rows(self, after: int | None, limit: int) -> Sequence[Row]:
        """Give entries in order, from the first or from behind one."""
        where = "" if after is None else f" WHERE seq > {after:d}"
        found: Sequence[Row] = self._ask(f"{self._rows}{where} ORDER BY seq LIMIT {limit:d}")
        return found

    def _ask(self, sql: str) -> Sequence[Any]:
        cursor = self._connection.exec_driver_sql(sql).cursor
        assert cursor is not None
        found: Sequence[Any] = cursor.fetchall()
        self._connection.rollback()
        return found


@contextmanager
def open_audit(where: str | Path) -> Iterator[AuditReader]:
    """Open the audit of a database to read it; the office may be at work on it.

    Args:
        where: a path, `sqlite:///path`, or `postgresql://...`.

    Raises:
        StoreError: it cannot be read, or is of an older Atrium that kept no end of its chain.
    """
    with read_only(where, "the audit") as connection:
        yield AuditReader(connection)
