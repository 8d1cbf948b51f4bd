"""A store in a fresh folder, and an engine on it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.postgres import PostgresServer, postgres_server
from workflows.adapters.sql_store import SqlStore
from workflows.engine import Engine
from workflows.tasks import TaskList


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    opened = await SqlStore.open(tmp_path / "office.db")
    yield opened
    await opened.close()


@pytest.fixture
def engine(store: SqlStore) -> Engine:
    return Engine(store, timezone=ZoneInfo("Europe/Berlin"))


@pytest.fixture
def tasks(engine: Engine, store: SqlStore) -> TaskList:
    return TaskList(engine, store)


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with postgres_server() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgres"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of each kind, which nobody has opened yet."""
    if request.param == "sqlite":
        return str(tmp_path / "office.db")
    running: PostgresServer = request.getfixturevalue("server")
    return running.database()
