"""`office.task`: notes a task on the board."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from server.connectors.verbs import Unfit, maybe_text, only, text_of
from server.records import Records
from workflows.connector import Answer, Did
from workflows.engine import OFFICE
from workflows.errors import TaskError
from workflows.task import NAME_LIMIT, TEXT_LIMIT, TaskDraft
from workflows.tasks import TaskList


class Note:
    """Reads a task from what a definition gives."""

    def __init__(self, tasks: TaskList, records: Records, wall: Callable[[], datetime]) -> None:
        """Notes it in `tasks`; `records` know people, `wall` is the office's clock."""
        self._tasks, self._records, self._wall = tasks, records, wall

    async def note(self, params: Mapping[str, Any], key: str) -> Answer:
        """Note `text` for an `owner`, a person's id or a name, until `due`; once for each key.

        Raises:
            Unfit: the text is missing, or the day is none.
        """
        only(params, "text", "owner", "due")
        text = text_of(params, "text", most=TEXT_LIMIT)
        owner = maybe_text(params, "owner", most=NAME_LIMIT)
        due = maybe_text(params, "due", most=40)
        person = await self._records.person(owner) if owner else None
        try:
            draft = TaskDraft(
                text=text,
                owner_id=person.id if person else None,
                owner_name=person.name if person else owner or None,
                due=date.fromisoformat(due[:10]) if due else None,
                created_by=OFFICE,
            )
        except TaskError as fault:
            raise Unfit(str(fault)) from fault
        except ValueError as fault:
            raise Unfit(f"due must be a day as 2026-11-27, not {due!r}") from fault
        noted = await self._tasks.add(draft, key=f"call:{key}", now=self._wall())
        return Did(result={"task": noted.task.id})
