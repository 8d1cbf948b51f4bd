"""Tasks: from words or hands to the board, and from the board to done."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import date, timedelta

from server.office import Office
from server.protocol import messages as m
from server.roles import Permission, may
from server.session import Handler, Refusal, Session
from spatial.commands import PinCard, UnpinCard
from workflows.engine import new_id
from workflows.errors import Conflict, NotAllowed, NotFound, TaskError, WorkflowError
from workflows.run import Data
from workflows.task import Task, TaskDraft, TaskState
from workflows.tasks import Outcome, TaskList

logger = logging.getLogger(__name__)

SETTLED = (TaskState.DONE, TaskState.DECLINED, TaskState.REJECTED)
ON_BOARD_DAYS = 14
"""Done, declined and rejected tasks leave the board after so many days; the store keeps them."""
EVENTS = frozenset({"accept", "reject", "done", "decline", "reopen"})


class Tasks:
    """Changes tasks, and pins every one that changed to the room."""

    def __init__(self, office: Office, tasks: TaskList) -> None:
        """One list, one room."""
        self._office, self._tasks = office, tasks
        tasks.on_change(self._pin)

    def handlers(self) -> Mapping[type[m.Message], Handler]:
        """What this flow answers."""
        return {m.TaskCreate: self._create, m.TaskUpdate: self._update, m.TaskEvent: self._event}

    async def restore(self) -> None:
        """Pin what is on the board, after a start."""
        oldest = self._office.wall() - timedelta(days=ON_BOARD_DAYS)
        for task in await self._tasks.all():
            if task.state not in SETTLED or task.updated_at > oldest:
                self._office.apply(PinCard(card=card_of(task)))

    async def in_states(self, *states: TaskState) -> list[Task]:
        """Tasks that stand so, oldest first."""
        return await self._tasks.all(states=states)

    async def of_meeting(self, meeting_id: str) -> list[Task]:
        """Those that came of a meeting, oldest first, rejected proposals among them."""
        return await self._tasks.all(meeting_id=meeting_id)

    async def assign(self, draft: TaskDraft, key: str) -> Outcome:
        """A task from words; the same key never makes a second."""
        return await self._tasks.add(draft, key=key, now=self._office.wall())

    async def move(self, task_id: str, event: str, data: Data, actor: str, version: int | None = None) -> None:
        """What somebody asked a colleague for ("the budget is done"), or said of a task later.

        Raises:
            Conflict, NotAllowed, NotFound, TaskError: see `TaskList.send`.
        """
        await self._tasks.send(
            task_id, event, data, actor=actor, expected_version=version, now=self._office.wall()
        )

    async def get(self, task_id: str) -> Task | None:
        """A task as it is now; None: there is none."""
        try:
            return await self._tasks.get(task_id)
        except NotFound:
            return None

    def _pin(self, task: Task) -> None:
        """Show a changed task to everyone."""
        if task.state in SETTLED and task.updated_at < self._office.wall() - timedelta(days=ON_BOARD_DAYS):
            self._office.apply(UnpinCard(card_id=task.id))
        else:
            self._office.apply(PinCard(card=card_of(task)))

    async def _create(self, session: Session, message: m.Message) -> None:
        assert isinstance(message, m.TaskCreate)
        owner, owner_name = self._owner(message.owner)
        self._may_touch(session, owner)
        due = day(message.due)
        try:
            draft = TaskDraft(
                text=message.text,
                owner_id=owner,
                owner_name=owner_name,
                due=due,
                created_by=session.participant_id,
            )
        except TaskError as error:
            raise Refusal(error.code, _sentence(error)) from error
        await self._tasks.add(draft, key=f"hand:{new_id()}", now=self._office.wall())

    async def _update(self, session: Session, message: m.Message) -> None:
        assert isinstance(message, m.TaskUpdate)
        task = await self._task(session, message.task)
        owner, owner_name = self._owner(message.owner)
        if message.owner and message.owner == task.owner_id:
            owner, owner_name = task.owner_id, task.owner_name  # also while they are away
        due = day(message.due)
        data: dict[str, str | None] = {
            "text": message.text,
            "owner_id": owner,
            "owner_name": owner_name,
            "due": due.isoformat() if due else None,
        }
        await self._send(session, task, "edit", message.version, data)

    async def _event(self, session: Session, message: m.Message) -> None:
        assert isinstance(message, m.TaskEvent)
        if message.event not in EVENTS:
            raise Refusal("event", f"A task can be moved by {', '.join(sorted(EVENTS))}.")
        task = await self._task(session, message.task)
        await self._send(session, task, message.event, message.version, {})

    async def _send(
        self, session: Session, task: Task, event: str, version: int, data: dict[str, str | None]
    ) -> None:
        try:
            await self._tasks.send(
                task.id,
                event,
                dict(data),
                actor=session.participant_id,
                expected_version=version,
                now=self._office.wall(),
            )
        except (Conflict, NotAllowed, NotFound, TaskError) as error:
            raise Refusal(error.code, _sentence(error)) from error

    async def _task(self, session: Session, task_id: str) -> Task:
        try:
            task = await self._tasks.get(task_id)
        except NotFound as error:
            raise Refusal(error.code, _sentence(error)) from error
        self._may_touch(session, task.owner_id)
        return task

    @staticmethod
    def _may_touch(session: Session, owner: str | None) -> None:
        if not may(session.role, Permission.EDIT_TASKS) and owner != session.participant_id:
            raise Refusal("forbidden", "Guests can change only their own tasks. Ask a member of the office.")

    def _owner(self, given: str | None) -> tuple[str | None, str | None]:
        """An id or a name, as (id, name)."""
        if not given:
            return None, None
        for participant in self._office.room.participants.values():
            if given in (participant.id, participant.name):
                return participant.id, participant.name
        return None, given


def day(text: str | None) -> date | None:
    """A day as `YYYY-MM-DD`."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refusal("due", f"{text!r} is not a day. Write it like 2026-11-27.") from None


def card_of(task: Task) -> dict[str, object]:
    """A task as it stands on the board."""
    return {
        "id": task.id,
        "text": task.text,
        "owner_id": task.owner_id,
        "owner_name": task.owner_name,
        "due": task.due.isoformat() if task.due else None,
        "due_phrase": task.due_phrase,
        "state": task.state.value,
        "source_words": task.source_words,
        "source_utterance": task.source_utterance,
        "confidence": round(task.confidence, 3),
        "meeting": task.meeting_id,
        "created_by": task.created_by,
        "created_at": task.created_at.timestamp(),
        "updated_at": task.updated_at.timestamp(),
        "version": task.version,
    }


def _sentence(error: WorkflowError) -> str:
    text = str(error)
    return text[:1].upper() + text[1:] + "."
