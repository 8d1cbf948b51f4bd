"""What was heard is read where it lies, on SQLite and PostgreSQL, while the office is open."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from workflows.adapters.heard_reader import read_heard
from workflows.adapters.sql_store import SqlStore
from workflows.engine import Engine
from workflows.errors import StoreError
from workflows.task import TaskDraft, Verdict
from workflows.tasks import TaskList

NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)


def draft(words: str, *, proposed: bool = True) -> TaskDraft:
    """Something that a colleague heard."""
    return TaskDraft(
        text=words, source_words=words, confidence=0.5, heard_with=0.75, created_by="ada", proposed=proposed
    )


async def test_tasks_that_were_heard_are_read_with_what_people_did_oldest_first(address: str) -> None:
    store = await SqlStore.open(address)
    tasks = TaskList(Engine(store, timezone=ZoneInfo("Europe/Berlin")), store)
    for number, event in enumerate(("accept", "reject", "")):
        at = NOW + timedelta(seconds=number)
        task = (await tasks.add(draft(f"Grüße {event}"), key=f"k{number}", now=at)).task
        if event:
            await tasks.send(task.id, event, actor="bo", now=at)
    await tasks.add(draft("published", proposed=False), key="p", now=NOW + timedelta(seconds=9))
    await tasks.add(TaskDraft(text="by hand", created_by="bo"), key="h", now=NOW)
    found = read_heard(address)
    assert [(one.key, one.task.verdict, one.looked_at) for one in found] == [
        ("k0", Verdict.KEPT, True),
        ("k1", Verdict.REJECTED, True),
        ("k2", Verdict.WAITING, False),
        ("p", Verdict.KEPT, False),
    ]
    assert [one.task for one in found] == [await tasks.get(one.task.id) for one in found]
    assert {one.task.heard_with for one in found} == {0.75}
    await store.close()


async def test_a_database_of_another_kind_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="--data-dir"):
        read_heard(tmp_path / "none.db")
    store = await SqlStore.open(tmp_path / "old.db")
    await store.database.write(lambda connection: connection.execute(text("DROP TABLE event")))
    await store.close()
    with pytest.raises(StoreError, match=r"what was heard in .* cannot be read"):
        read_heard(tmp_path / "old.db")
