"""The audit is verified where it lies, on SQLite and PostgreSQL, also while the office is open."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from workflows.adapters.audit_reader import open_audit
from workflows.adapters.sql_store import SqlStore
from workflows.audit import row_of, verify
from workflows.engine import Engine
from workflows.errors import StoreError
from workflows.task import TaskDraft
from workflows.tasks import TaskList

NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)


async def test_the_audit_is_verified_while_the_office_is_open(address: str) -> None:
    store = await SqlStore.open(address)
    tasks = TaskList(Engine(store, timezone=ZoneInfo("Europe/Berlin")), store)
    with open_audit(address) as audit:
        assert verify(audit) == (0, None)
        for number in range(5):
            await tasks.add(TaskDraft(text="Grüße senden"), key=str(number), now=NOW + timedelta(seconds=number))
        assert verify(audit) == (5, None)
        assert [row_of(one) for one in await store.audit()] == [tuple(row) for row in audit.rows(None, 10)]
        await store.database.write(
            lambda connection: connection.execute(text("UPDATE audit SET actor = 'bob' WHERE seq = 4"))
        )
        held, fault = verify(audit)
    assert held == 3
    assert fault is not None
    assert fault.seq == 4
    assert await store.audit_fault() == fault
    await store.close()


def test_a_database_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="--data-dir"), open_audit(tmp_path / "none.db"):
        pass
    (tmp_path / "other.db").write_bytes(b"")
    with pytest.raises(StoreError, match="cannot be read"), open_audit(tmp_path / "other.db") as audit:
        audit.head()
