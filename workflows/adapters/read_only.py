"""A look into the database that changes nothing, not even its schema; the office may be at work on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, create_engine
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from workflows.adapters.database import place_of
from workflows.adapters.json_text import read_json
from workflows.errors import StoreError


@contextmanager
def read_only(where: str | Path, what: str) -> Iterator[Connection]:
    """Open a database to read it.

    Args:
        where: a path, `sqlite:///path`, or `postgresql://...`.
        what: is read, for messages: "the audit".

    Raises:
        StoreError: it cannot be read, or is of an older Atrium that had not all that is asked for.
    """
    place = place_of(where)
    if isinstance(place, Path):
        if not place.is_file():
            raise StoreError(f"there is no database {place}; give the office's data folder with --data-dir")
        address = place.resolve().as_uri().removeprefix("file://")
        place = URL.create("sqlite", database=f"file:{address}", query={"mode": "ro", "uri": "true"})
    else:
        place = place.set(drivername="postgresql+psycopg")
    engine = create_engine(place, poolclass=NullPool, json_deserializer=read_json)
    try:
        with engine.connect() as connection:
            yield connection
    except DBAPIError as fault:
        name = place.render_as_string()
        raise StoreError(f"{what} in {name} cannot be read: {fault.orig}") from fault
    finally:
        engine.dispose()
