"""Tasks: list, note, change, and move from state to state."""

from __future__ import annotations

import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Header
from pydantic import BaseModel, Field

from server.api.access import readable_meeting
from server.api.auth import SignedIn
from server.api.parts import HttpParts, Parts
from server.errors import Forbidden, Unacceptable
from server.identity import Session
from server.roles import Permission, may, require
from workflows.engine import new_id
from workflows.task import NAME_LIMIT, TEXT_LIMIT, Task, TaskDraft, TaskState

router = APIRouter(prefix="/tasks", tags=["tasks"])

Text = Annotated[str, Field(min_length=1, max_length=TEXT_LIMIT)]
OwnerName = Annotated[str, Field(max_length=NAME_LIMIT)]
Id = Annotated[str, Field(max_length=64)]


class QuoteView(BaseModel):
    """Words that were said, and the id of the utterance."""

    utterance: str
    words: str


class TaskView(BaseModel):
    """A task as on the board; instants are seconds since the epoch, `due` is YYYY-MM-DD."""

    id: str
    text: str
    owner_id: str | None
    owner_name: str | None
    due: datetime.date | None
    due_phrase: str | None
    state: TaskState
    source_words: str
    source_utterance: str | None
    said_later: list[QuoteView]
    """What was said of it later in the meeting, and made it what it is."""
    confidence: float
    meeting: str | None
    created_by: str
    created_at: float
    updated_at: float
    version: int


class Tasks(BaseModel):
    """Tasks, oldest first."""

    tasks: list[TaskView]


class NewTask(BaseModel):
    """A task to note."""

    text: Text
    owner_id: Id | None = None
    owner_name: OwnerName | None = None
    due: datetime.date | None = None
    meeting: Id | None = None


class TaskChange(BaseModel):
    """What to change; a field that is left out stays, one that is null is emptied."""

    version: Annotated[int, Field(ge=1)]
    """The version that was seen."""
    text: Text | None = None
    owner_id: Id | None = None
    owner_name: OwnerName | None = None
    due: datetime.date | None = None


class TaskMove(BaseModel):
    """What happened to the task."""

    event: Literal["accept", "reject", "done", "decline", "reopen"]
    version: Annotated[int, Field(ge=1)]
    """The version that was seen."""


@router.get("")
async def list_tasks(session: SignedIn, parts: Parts) -> Tasks:
    """List tasks: all of them; for guests, their own."""
    tasks = await parts.tasks.all()
    all_of_them = may(session.role, Permission.EDIT_TASKS)
    return Tasks(tasks=[task_view(task) for task in tasks if all_of_them or _is_own(task, session)])


@router.post("", status_code=201)
async def create_task(
    wish: NewTask,
    session: SignedIn,
    parts: Parts,
    idempotency_key: Annotated[str | None, Header(max_length=100)] = None,
) -> TaskView:
    """Note a task. With an `Idempotency-Key`, a repeat gives the same task again."""
    require(session.role, Permission.CREATE_TASKS)
    if wish.meeting is not None:
        await readable_meeting(parts, session, wish.meeting)
    owner_name = await _owner_name(parts, wish.owner_id, wish.owner_name)
    draft = TaskDraft(
        text=wish.text,
        owner_id=wish.owner_id,
        owner_name=owner_name,
        due=wish.due,
        meeting_id=wish.meeting,
        created_by=session.person,
    )
    key = f"api:{session.person}:{idempotency_key or new_id()}"
    return task_view((await parts.tasks.add(draft, key=key, now=parts.now())).task)


@router.patch("/{task_id}")
async def change_task(task_id: str, change: TaskChange, session: SignedIn, parts: Parts) -> TaskView:
    """Change text, owner or date."""
    await _own_or_any(parts, session, task_id)
    data = change.model_dump(mode="json", include=change.model_fields_set - {"version"})
    if data.get("text", "") is None:
        raise Unacceptable("text: a task needs a text; say what is to be done")
    if "owner_id" in data:
        data["owner_name"] = await _owner_name(parts, change.owner_id, change.owner_name)
    elif "owner_name" in data:
        data["owner_id"] = None
    outcome = await parts.tasks.send(
        task_id, "edit", data, actor=session.person, expected_version=change.version, now=parts.now()
    )
    return task_view(outcome.task)


@router.post("/{task_id}/events")
async def move_task(task_id: str, move: TaskMove, session: SignedIn, parts: Parts) -> TaskView:
    """Accept, reject a proposal, finish, decline or reopen."""
    await _own_or_any(parts, session, task_id)
    outcome = await parts.tasks.send(
        task_id, move.event, actor=session.person, expected_version=move.version, now=parts.now()
    )
    return task_view(outcome.task)


def task_view(task: Task) -> TaskView:
    """Write a task for the wire."""
    return TaskView(
        id=task.id,
        text=task.text,
        owner_id=task.owner_id,
        owner_name=task.owner_name,
        due=task.due,
        due_phrase=task.due_phrase,
        state=task.state,
        source_words=task.source_words,
        source_utterance=task.source_utterance,
        said_later=[QuoteView(utterance=quote.utterance, words=quote.words) for quote in task.later],
        confidence=task.confidence,
        meeting=task.meeting_id,
        created_by=task.created_by,
        created_at=task.created_at.timestamp(),
        updated_at=task.updated_at.timestamp(),
        version=task.version,
    )


def _is_own(task: Task, session: Session) -> bool:
    return session.person in (task.owner_id, task.created_by)


async def _own_or_any(parts: HttpParts, session: Session, task_id: str) -> None:
    task = await parts.tasks.get(task_id)
    if not may(session.role, Permission.EDIT_TASKS) and not _is_own(task, session):
        raise Forbidden("guests change only tasks that are theirs; ask a member of the office")


async def _owner_name(parts: HttpParts, owner_id: str | None, owner_name: str | None) -> str | None:
    """Give the owner's name; that of a known person where none was said."""
    if owner_name or owner_id is None:
        return owner_name
    person = await parts.records.person(owner_id)
    if person is None:
        raise Unacceptable("owner_id: this office does not know that person; give owner_name as well")
    return person.name
