"""Many rows for one statement: prepared by SQLAlchemy once, then given to the driver as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Dialect, Table
from sqlalchemy.sql.dml import UpdateBase

Processor = Callable[[Any], Any]


class Bulk:
    """A statement with the columns that its rows give; rows may have more."""

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

    def run(self, connection: Connection, rows: Iterable[Mapping[str, Any]]) -> int:
        """Do it for rows, at least one; returns how many rows of the table were concerned."""
        sql, plan, positional = self._for(connection.dialect)
        if positional:
            values: list[Any] = [
                tuple(row[name] if process is None else process(row[name]) for name, process in plan)
                for row in rows
            ]
        else:
            values = [
                {name: row[name] if process is None else process(row[name]) for name, process in plan}
                for row in rows
            ]
        return connection.exec_driver_sql(sql, values).rowcount

    def _for(self, dialect: Dialect) -> tuple[str, list[tuple[str, Processor | None]], bool]:
        known = self._ready.get(dialect.name)
        if known is None:
            compiled = self._make(dialect).compile(dialect=dialect, column_keys=list(self._names))
            plan: dict[str, Processor | None] = {}
            for name in (*self._names, *(f"b_{name}" for name in self._where)):
                kind = self._table.c[name.removeprefix("b_")].type.dialect_impl(dialect)
                plan[name] = kind.bind_processor(dialect)
            order = getattr(compiled, "positiontup", None)
            known = (str(compiled), [(name, plan[name]) for name in order or plan], order is not None)
            self._ready[dialect.name] = known
        return known
