"""Statements of the hot path: prepared by SQLAlchemy once, then given to the driver, many rows at a time.

SQLAlchemy needs far longer to run a statement than SQLite does. What stays its own: which SQL a database wants,
how values become columns and back, and which of its errors a fault is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, Connection, Dialect, Table
from sqlalchemy.sql import Executable
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.types import TypeEngine

from workflows.adapters.json_text import compact, read_json
from workflows.adapters.tables import Utc

Processor = Callable[[Any], Any]


class Bulk:
    """A statement that writes, with the columns that its rows give; rows may have more."""

    def __init__(
        self, make: Callable[[Dialect], UpdateBase], table: Table, names: Sequence[str], where: Sequence[str] = ()
    ) -> None:
        """Prepare; nothing is compiled before the first rows.

        Args:
            make: gives the statement for a dialect.
            table: whose columns give the types.
            names: columns that are written.
            where: columns that are compared; in the rows and the statement they are called `b_NAME`.
        """
        self._make, self._table, self._names, self._where = make, table, tuple(names), tuple(where)
        self._ready: dict[str, tuple[str, list[tuple[str, Processor | None]], bool]] = {}

    def run(self, connection: Connection, rows: Collection[Mapping[str, Any]]) -> int:
        """Do it for rows, at least one; returns how many rows of the table were concerned."""
        sql, plan, positional = self._for(connection.dialect)
        columns = [
            [row[name] for row in rows] if process is None else [process(row[name]) for row in rows]
            for name, process in plan
        ]
        values: Any = list(zip(*columns, strict=True))
        if not positional:
            names = [name for name, _ in plan]
            values = [dict(zip(names, row, strict=True)) for row in values]
        return connection.exec_driver_sql(sql, values).rowcount

    def _for(self, dialect: Dialect) -> tuple[str, list[tuple[str, Processor | None]], bool]:
        known = self._ready.get(dialect.name)
        if known is None:
            compiled = self._make(dialect).compile(dialect=dialect, column_keys=list(self._names))
            plan = {
                name: _to_column(self._table.c[name.removeprefix("b_")].type, dialect)
                for name in (*self._names, *(f"b_{name}" for name in self._where))
            }
            order = getattr(compiled, "positiontup", None)
            known = (str(compiled), [(name, plan[name]) for name in order or plan], order is not None)
            self._ready[dialect.name] = known
        return known


class Query:
    """A statement that reads. Its values are texts and numbers; its columns those of one table."""

    def __init__(self, make: Callable[[Dialect], Executable], columns: Sequence[Any]) -> None:
        """Prepare; nothing is compiled before it is asked.

        Args:
            make: gives the statement for a dialect.
            columns: what it gives, in its order.
        """
        self._make, self._columns = make, tuple(columns)
        self._ready: dict[str, tuple[str, list[Processor | None], Sequence[str] | None]] = {}

    def all(self, connection: Connection, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Give all rows."""
        sql, plan, order = self._for(connection.dialect)
        given: Any = values if order is None else tuple(values[name] for name in order)
        return [
            tuple(value if process is None else process(value) for value, process in zip(row, plan, strict=True))
            for row in connection.exec_driver_sql(sql, given).cursor.fetchall()
        ]

    def first(self, connection: Connection, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """Give the only row, or None."""
        rows = self.all(connection, values)
        return rows[0] if rows else None

    def _for(self, dialect: Dialect) -> tuple[str, list[Processor | None], Sequence[str] | None]:
        known = self._ready.get(dialect.name)
        if known is None:
            compiled = self._make(dialect).compile(dialect=dialect)  # type: ignore[attr-defined]
            plan = [_from_column(column.type, dialect) for column in self._columns]
            known = (str(compiled), plan, getattr(compiled, "positiontup", None))
            self._ready[dialect.name] = known
        return known


def _to_column(kind: TypeEngine[Any], dialect: Dialect) -> Processor | None:
    if dialect.name == "sqlite":
        if isinstance(kind, Utc):
            return _UtcText()
        if isinstance(kind, JSON):
            return compact
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _from_column(kind: TypeEngine[Any], dialect: Dialect) -> Processor | None:
    if dialect.name == "sqlite":
        if isinstance(kind, Utc):
            return _utc_of
        if isinstance(kind, JSON):
            return _json_of
    return kind.dialect_impl(dialect).result_processor(dialect, None)


class _UtcText:
    """Writes instants as SQLAlchemy does. Most are the one that was written just before."""

    def __init__(self) -> None:
        self._last: tuple[datetime, str] = (datetime.min, "")

    def __call__(self, value: datetime | None) -> str | None:
        """Give the text of an aware instant."""
        if value is None:
            return None
        last, text = self._last
        if value is not last:
            if value.tzinfo is None:
                raise ValueError("an instant needs its time zone")
            text = value.astimezone(UTC).isoformat(" ", "microseconds")[:26]
            self._last = (value, text)
        return text


def _utc_of(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)


def _json_of(text: str | None) -> Any:
    return None if text is None else read_json(text)
