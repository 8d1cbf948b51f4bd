"""A store in a fresh folder, and an engine on it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

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
