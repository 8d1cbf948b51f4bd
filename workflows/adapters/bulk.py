"""Statements of the hot path: prepared by SQLAlchemy once, then given to the driver, many rows at a time.

SQLAlchemy needs far longer to run a statement than SQLite does. What stays its own: which SQL a database wants,
how values become columns and back, and which of its errors a fault is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import JSON, Connection, Dialect, Float, FromClause, Table, bindparam, column, func
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import Executable
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.types import TypeEngine

from workflows.adapters.json_text import compact, json_bytes, read_json
from workflows.adapters.tables import Utc

Processor = Callable[[Any], Any]
Make = Callable[[FromClause | None], UpdateBase]


class Bulk:
    """A statement that writes, with the columns that its rows give; rows may have more.

    SQLite runs it once for each row, within the process. A server gets all rows as one value, in one message.
    """

    def __init__(self, make: Make, table: Table, names: Sequence[str], where: Sequence[str] = ()) -> None:
        """Prepare; nothing is compiled before the first rows.

        Args:
            make: gives the statement for one row, or for those of a table that is given.
            table: whose columns give the types.
            names: columns that are written.
            where: columns that are compared; in the rows and the statement they are called `b_NAME`.
        """
        self._make, self._table, self._names = make, table, tuple(names)
        self._given = (*names, *(f"b_{name}" for name in where))
        self._by_row: tuple[str, list[tuple[str, Processor | None]]] | None = None
        self._by_table = ""

    def by_row(self, dialect: Dialect, rows: Collection[Mapping[str, Any]]) -> tuple[str, list[tuple[Any, ...]]]:
        """Give the SQL for one row, and the values of each."""
        if self._by_row is None:
            compiled = self._make(None).compile(dialect=dialect, column_keys=list(self._names))
            order = compiled.positiontup
            assert order is not None, "SQLite's values have no names"
            self._by_row = str(compiled), [(name, _to_column(self._type(name), dialect)) for name in order]
        sql, plan = self._by_row
        columns = [
            [row[name] for row in rows] if process is None else [process(row[name]) for row in rows]
            for name, process in plan
        ]
        return sql, list(zip(*columns, strict=True))

    def by_table(self, dialect: Dialect) -> str:
        """Give the SQL for many rows, which are its only value: a list of maps as JSON."""
        if not self._by_table:
            kinds = [column(name, self._type(name)) for name in self._given]
            rows = func.json_to_recordset(bindparam("rows", type_=JSON())).table_valued(*kinds)
            self._by_table = str(
                self._make(rows.render_derived("given", with_types=True)).compile(dialect=dialect)
            )
        return self._by_table

    def _type(self, name: str) -> TypeEngine[Any]:
        return self._table.c[name.removeprefix("b_")].type


class Batch:
    """Statements with their rows, in order. A server gets them together, and is waited for once."""

    def __init__(self, connection: Connection) -> None:
        """Begin; the caller owns the transaction."""
        self._connection, self._dialect = connection, connection.dialect
        self._raw = _raw(connection)
        self._later: list[tuple[str, bytes, int, Exception | None]] = []

    def add(self, bulk: Bulk, rows: Collection[Mapping[str, Any]], fault: Exception | None = None) -> None:
        """Write rows, if there are any.

        Args:
            bulk: the statement.
            rows: its rows.
            fault: raised where it did not find each of them, here or when all is sent.
        """
        if not rows:
            return
        if self._dialect.name == "postgresql":
            self._later.append((bulk.by_table(self._dialect), json_bytes(list(rows)), len(rows), fault))
            return
        sql, values = bulk.by_row(self._dialect, rows)
        with _watched(self._connection, sql):
            cursor = self._raw.cursor()
            cursor.executemany(sql, values)
            _check(cursor.rowcount, len(rows), fault)

    def send(self) -> None:
        """Wait until all is written."""
        if not self._later:
            return
        waiting, self._later = self._later, []
        with _watched(self._connection, waiting[0][0]), self._raw.pipeline():
            cursors = [self._raw.cursor().execute(sql, {"rows": rows.decode()}) for sql, rows, _, _ in waiting]
        for cursor, (_, _, number, fault) in zip(cursors, waiting, strict=True):
            _check(cursor.rowcount, number, fault)


def _raw(connection: Connection) -> Any:
    """The driver's own connection."""
    raw = connection.connection.driver_connection
    assert raw is not None
    return raw


@contextmanager
def _watched(connection: Connection, sql: str) -> Iterator[None]:
    """Let a fault of the driver be one of SQLAlchemy, which says whether the connection is lost."""
    driver = connection.dialect.dbapi
    assert driver is not None
    try:
        yield
    except driver.Error as fault:
        lost = connection.dialect.is_disconnect(fault, connection.connection.dbapi_connection, None)
        if lost:
            connection.invalidate(fault)
        raise DBAPIError.instance(
            sql, None, fault, driver.Error, connection_invalidated=lost, dialect=connection.dialect
        ) from fault


def _check(found: int, wanted: int, fault: Exception | None) -> None:
    if fault is not None and found != wanted:
        raise fault


class Query:
    """A statement that gives rows. Its values are texts, numbers and instants; its columns those of one table."""

    def __init__(self, make: Callable[[Dialect], Executable], columns: Sequence[Any]) -> None:
        """Prepare; nothing is compiled before it is asked.

        Args:
            make: gives the statement for a dialect.
            columns: what it gives, in its order.
        """
        self._make, self._columns = make, tuple(columns)
        self._ready: dict[str, _Ready] = {}

    def all(self, connection: Connection, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Give all rows."""
        sql, plan, order, own, instants = self._for(connection.dialect)
        if own or instants:
            values = {**own, **values, **{name: process(values[name]) for name, process in instants.items()}}
        given: Any = values if order is None else tuple(values[name] for name in order)
        with _watched(connection, sql):
            cursor = _raw(connection).cursor()
            cursor.execute(sql, given)
            rows = cursor.fetchall()
        return [
            tuple(value if process is None else process(value) for value, process in zip(row, plan, strict=True))
            for row in rows
        ]

    def first(self, connection: Connection, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """Give the only row, or None."""
        rows = self.all(connection, values)
        return rows[0] if rows else None

    def _for(self, dialect: Dialect) -> _Ready:
        known = self._ready.get(dialect.name)
        if known is None:
            compiled = self._make(dialect).compile(dialect=dialect)  # type: ignore[attr-defined]
            plan = [_from_column(column.type, dialect) for column in self._columns]
            own = {name: value for name, value in compiled.params.items() if value is not None}
            instants = {}
            for name, value in compiled.binds.items():
                process = _to_column(value.type, dialect) if isinstance(value.type, Utc) else None
                if process is not None:
                    instants[name] = process
            known = (str(compiled), plan, getattr(compiled, "positiontup", None), own, instants)
            self._ready[dialect.name] = known
        return known


_Ready = tuple[
    str, list[Processor | None], Sequence[str] | None, Mapping[str, Any], Mapping[str, Processor]
]  # fmt: skip
"""SQL, how its columns are read, the order of its values where they have no names, values that the statement has
itself, how instants are written."""


def _to_column(kind: TypeEngine[Any], dialect: Dialect) -> Processor | None:
    if dialect.name == "sqlite":
        if isinstance(kind, Utc):
            return _utc_text
        if isinstance(kind, JSON):
            return compact
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _from_column(kind: TypeEngine[Any], dialect: Dialect) -> Processor | None:
    if dialect.name == "sqlite":
        if isinstance(kind, Utc):
            return _utc_of
        if isinstance(kind, JSON):
            return _json_of
    if isinstance(kind, Float):  # comes as it is; SQLAlchemy would want to know its kind on the wire
        return None
    return kind.dialect_impl(dialect).result_processor(dialect, None)


@lru_cache(maxsize=512)
def _utc_text(value: datetime | None) -> str | None:
    """Write an instant as SQLAlchemy does. Most stand in several columns and rows of a commit."""
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError("an instant needs its time zone")
    return value.astimezone(UTC).isoformat(" ", "microseconds")[:26]


def _utc_of(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)


def _json_of(text: str | None) -> Any:
    return None if text is None else read_json(text)
