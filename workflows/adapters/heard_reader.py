"""Reads from the database which tasks were heard and what people did with them; nothing is written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from workflows.adapters import tables
from workflows.adapters.read_only import read_only
from workflows.adapters.run_rows import COLUMNS, run_of
from workflows.library.action_item import ACTION_ITEM
from workflows.recording import OFFICE
from workflows.task import Task, task_of


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardTask:
    """A task that a colleague heard."""

    task: Task
    key: str
    """Under which it was noted."""
    looked_at: bool
    """Whether anybody but who noted it has done something with it; what is published at once may be left alone."""


def read_heard(where: str | Path) -> list[HeardTask]:
    """Read the tasks that were heard, oldest first; the office may be at work on the database.

    Args:
        where: a path, `sqlite:///path`, or `postgresql://...`.

    Raises:
        StoreError: it cannot be read.
    """
    run, event = tables.run, tables.event
    runs = select(*COLUMNS).where(run.c.definition == ACTION_ITEM.name).order_by(run.c.created_at, run.c.id)
    hands = (
        select(event.c.run, event.c.actor)
        .join(run, run.c.id == event.c.run)
        .where(run.c.definition == ACTION_ITEM.name)
        .distinct()
    )
    with read_only(where, "what was heard") as connection:
        touched: dict[str, set[str]] = {}
        for id, actor in connection.execute(hands):
            touched.setdefault(id, set()).add(actor)
        found = [run_of(row) for row in connection.execute(runs)]
    tasks = [(one.key, task_of(one)) for one in found]
    return [
        HeardTask(task=task, key=key, looked_at=bool(touched.get(task.id, set()) - {OFFICE, task.created_by}))
        for key, task in tasks
        if task.heard is not None
    ]
