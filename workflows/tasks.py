"""Tasks: the runs of `action_item`, as people see them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from workflows.engine import Changes, Engine
from workflows.engine import Outcome as Moved
from workflows.library.action_item import ACTION_ITEM
from workflows.run import Data, HistoryEntry
from workflows.store import RunFilter, Store
from workflows.task import Task, TaskDraft, TaskState, draft_data, task_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a call did, after it was committed."""

    task: Task
    changed: bool
    """False where the call repeated what was already so; then nothing is to be announced."""


class TaskList:
    """Keeps tasks. Every call that changes one is one transaction; an answer means that it is on the disk."""

    def __init__(self, engine: Engine, store: Store) -> None:
        """The engine moves them, the store is asked for them."""
        self._engine, self._store = engine, store

    async def add(self, draft: TaskDraft, *, key: str, now: datetime) -> Outcome:
        """Note a task; the same key gives the same task again, never a second."""
        moved = await self._engine.start(
            ACTION_ITEM.name, draft_data(draft), key=key, actor=draft.created_by, now=now
        )
        return _seen(moved)

    async def send(
        self,
        task_id: str,
        event: str,
        data: Data | None = None,
        *,
        actor: str,
        expected_version: int | None = None,
        now: datetime,
        key: str | None = None,
    ) -> Outcome:
        """Send an event to a task.

        Args:
            task_id: the task.
            event: accept, reject, done, decline, reopen or edit.
            data: for edit: any of text, owner_id, owner_name, due, due_phrase.
            actor: who does it.
            expected_version: the version the actor saw; None to take whatever is there.
            now: aware.
            key: where given, a repeat with the same key changes nothing.

        Raises:
            NotFound: there is no such task.
            Conflict: it is not in the expected version any more.
            NotAllowed: its state has no transition for the event.
            TaskError: the data cannot be taken.
        """
        moved = await self._engine.send(
            task_id, event, data, actor=actor, expected_version=expected_version, now=now, key=key
        )
        return _seen(moved)

    async def get(self, task_id: str) -> Task:
        """Give a task.

        Raises:
            NotFound: there is no such task.
        """
        return task_of(await self._engine.get(task_id))

    async def all(self, *, meeting_id: str | None = None, states: tuple[TaskState, ...] = ()) -> list[Task]:
        """List tasks, oldest first: all, or those of a meeting, or those in certain states."""
        matching = {"meeting_id": meeting_id} if meeting_id is not None else {}
        wanted = RunFilter(definitions=(ACTION_ITEM.name,), matching=matching, states=states)
        return [task_of(run) for run in await self._store.find(wanted)]

    async def history(self, task_id: str) -> list[HistoryEntry]:
        """List what happened to a task, oldest first."""
        return await self._engine.history(task_id)

    def on_change(self, tell: Callable[[Task], None]) -> None:
        """Tell of every task that changed, after it was committed."""

        def listen(changes: Changes) -> None:
            for run, _ in changes.moved:
                if run.definition == ACTION_ITEM.name:
                    tell(task_of(run))

        self._engine.listeners.append(listen)


def _seen(moved: Moved) -> Outcome:
    return Outcome(task=task_of(moved.run), changed=moved.changed)
