"""Points at which a process may die: round each statement that writes, each commit, and whatever else is named."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Self

import psycopg
from sqlalchemy import Engine, event

_STATEMENT = re.compile(r"\s*(INSERT INTO|UPDATE|DELETE FROM|SELECT.*?\bFROM|[A-Z]+)\s*\"?(\w*)", re.DOTALL | re.I)


class Points:
    """Counts points, and ends the process with SIGKILL at one of them."""

    def __init__(self, last: int | None, tell: Callable[[str], None]) -> None:
        """Nothing is counted yet.

        Args:
            last: number of the point to die at, from 1; None to live on.
            tell: gets the name of that point before the end.
        """
        self._last, self._tell = last, tell
        self._guard = threading.Lock()
        self.names: list[str] = []
        """Of all points so far."""

    def reach(self, name: str) -> None:
        """Be at a point; any thread may be."""
        with self._guard:
            self.names.append(name)
            if len(self.names) == self._last:
                self._tell(name)
                os.kill(os.getpid(), signal.SIGKILL)

    @contextmanager
    def around(self, name: str) -> Iterator[None]:
        """Points before and after something."""
        self.reach(f"before {name}")
        yield
        self.reach(f"after {name}")


def watch(points: Points) -> None:
    """Count what every connection of this process does that is opened from now on and may write.

    This stands between SQLAlchemy and the driver, so that no statement gets past it.
    """
    sqlite, postgres = _sqlite_connection(points), _postgres_connection(points)

    def connect(dialect: Any, record: object, arguments: Any, options: dict[str, Any]) -> Any:
        if dialect.name == "sqlite":
            only_reads = "mode=ro" in str(arguments[0])
            return None if only_reads else sqlite3.connect(*arguments, factory=sqlite, **options)
        only_reads = "read_only" in str(options.get("options", ""))
        return None if only_reads else postgres.connect(*arguments, **options)

    event.listen(Engine, "do_connect", connect)


def named(statement: object) -> str:
    """Give a short name to a statement: what it does, and to which table."""
    found = _STATEMENT.match(str(statement))
    if found is None:
        return "a statement"
    verb = found[1].split()[0].upper()
    return f"{verb} {found[2]}" if " " in found[1] or verb == "UPDATE" else verb


def _sqlite_connection(points: Points) -> type[sqlite3.Connection]:
    class Cursor(sqlite3.Cursor):
        def execute(self, statement: str, values: Any = (), /) -> Self:
            with points.around(named(statement)):
                super().execute(statement, values)
            return self

        def executemany(self, statement: str, values: Any, /) -> Self:
            with points.around(named(statement)):
                super().executemany(statement, values)
            return self

    class Connection(sqlite3.Connection):
        def cursor(self, factory: Any = Cursor) -> Any:
            return super().cursor(factory)

        def execute(self, statement: str, values: Any = (), /) -> Cursor:
            return self._own().execute(statement, values)

        def executemany(self, statement: str, values: Any, /) -> Cursor:
            return self._own().executemany(statement, values)

        def _own(self) -> Cursor:
            return super().cursor(Cursor)

        def commit(self) -> None:
            with points.around("COMMIT"):
                super().commit()

    return Connection


def _postgres_connection(points: Points) -> type[psycopg.Connection[Any]]:
    class Cursor(psycopg.Cursor[Any]):
        def execute(self, query: Any, *rest: Any, **options: Any) -> Any:
            with points.around(named(query)):
                return super().execute(query, *rest, **options)

        def executemany(self, query: Any, *rest: Any, **options: Any) -> None:
            with points.around(named(query)):
                super().executemany(query, *rest, **options)

    class Connection(psycopg.Connection[Any]):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            self.cursor_factory = Cursor

        def commit(self) -> None:
            with points.around("COMMIT"):
                super().commit()

    return Connection
