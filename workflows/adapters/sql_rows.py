"""Rows of the plain tables (people, meetings, invites), for callers who know no SQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, insert, select, true, update
from sqlalchemy.dialects import postgresql, sqlite

from workflows.adapters.database import Database
from workflows.adapters.tables import metadata

T = TypeVar("T")
Row = Mapping[str, Any]
_OF_RUNS = ("definition", "run", "event", "timer", "audit", "audit_head", "person_key")
"""Tables of which the writer knows something without reading."""


class SqlRows:
    """Plain rows; every call is one transaction.

    A value in `where` is compared for equality; a list or tuple there means one of these.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def insert(self, table: str, values: Row) -> None:
        """Add a row."""
        await self._write(table, lambda connection: connection.execute(insert(_table(table)).values(dict(values))))

    async def put(self, table: str, values: Row, *, keep: Sequence[str] = ()) -> bool:
        """Add a row, or change the one with the same primary key.

        Args:
            table: its name.
            values: the row; the primary key included.
            keep: columns that an existing row keeps.

        Returns:
            True where the row is new.
        """
        target = _table(table)
        keys = [column.name for column in target.primary_key]
        changes = {k: v for k, v in values.items() if k not in keys and k not in keep}

        def work(connection: Connection) -> bool:
            same = _where(target, {k: values[k] for k in keys})
            known = connection.execute(select(true()).where(same)).first()
            statement = _insert(connection, target).values(dict(values))
            if changes:
                connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changes))
            else:
                connection.execute(statement.on_conflict_do_nothing(index_elements=keys))
            return known is None

        return await self._write(table, work)

    async def add(self, table: str, values: Row) -> bool:
        """Add a row unless its primary key is there; say whether it was added."""
        target = _table(table)
        keys = [column.name for column in target.primary_key]

        def work(connection: Connection) -> bool:
            statement = _insert(connection, target).values(dict(values))
            statement = statement.on_conflict_do_nothing(index_elements=keys).returning(true())
            # Not rowcount: of an insert it is only sometimes known, on PostgreSQL not here.
            return connection.execute(statement).first() is not None

        return await self._write(table, work)

    async def update(self, table: str, values: Row, where: Row) -> int:
        """Change rows; give how many."""
        target = _table(table)
        statement = update(target).where(_where(target, where)).values(dict(values))
        return await self._write(table, lambda connection: connection.execute(statement).rowcount)

    async def delete(self, table: str, where: Row) -> int:
        """Remove rows; give how many."""
        target = _table(table)
        statement = delete(target).where(_where(target, where))
        return await self._write(table, lambda connection: connection.execute(statement).rowcount)

    async def select(
        self, table: str, where: Row | None = None, *, order: Sequence[str] = ()
    ) -> list[dict[str, Any]]:
        """List rows in an order: column names, with a leading minus for falling."""
        target = _table(table)
        by = [target.c[name[1:]].desc() if name.startswith("-") else target.c[name] for name in order]
        query = select(target).where(_where(target, where or {})).order_by(*by)
        return await self._database.read(
            lambda connection: [dict(row) for row in connection.execute(query).mappings()]
        )

    async def _write(self, table: str, work: Callable[[Connection], T]) -> T:
        return await self._database.write(work, forget=table in _OF_RUNS)


def _insert(connection: Connection, table: Table) -> Any:
    """An insert that can say what to do about a row which is there."""
    kind = postgresql if connection.dialect.name == "postgresql" else sqlite
    return kind.insert(table)


def _table(name: str) -> Table:
    return metadata.tables[name]


def _where(table: Table, where: Row) -> ColumnElement[bool]:
    parts: list[ColumnElement[bool]] = [
        table.c[name].in_(value) if isinstance(value, list | tuple) else table.c[name] == value
        for name, value in where.items()
    ]
    return and_(true(), *parts)
