"""Tasks as iCalendar: one VCALENDAR with a VTODO each, for calendars and to-do programs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from icalendar import Calendar, Todo

from server.exports.words import one_line, percent
from workflows.task import Task, TaskState

_STATUS = {
    TaskState.OPEN: "NEEDS-ACTION",
    TaskState.ACCEPTED: "IN-PROCESS",
    TaskState.OVERDUE: "NEEDS-ACTION",
    TaskState.DONE: "COMPLETED",
    TaskState.DECLINED: "CANCELLED",
}


def tasks_ics(tasks: Iterable[Task], *, name: str) -> bytes:
    """Write tasks as a calendar.

    A task keeps its UID for ever, so that importing again updates it. Proposals are left out until somebody has
    accepted them.

    Args:
        tasks: what to write.
        name: the calendar's name.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Atrium//Tasks//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", one_line(name))
    for task in tasks:
        if task.state is not TaskState.PROPOSED:
            calendar.add_component(_todo(task))
    written: bytes = calendar.to_ical()
    return written


def _todo(task: Task) -> Todo:
    todo = Todo()
    todo.add("uid", f"{task.id}@atrium")
    todo.add("dtstamp", _whole(task.updated_at))
    todo.add("created", _whole(task.created_at))
    todo.add("last-modified", _whole(task.updated_at))
    todo.add("sequence", task.version - 1)
    todo.add("summary", one_line(task.text))
    todo.add("description", _description(task))
    todo.add("status", _STATUS[task.state])
    if task.due is not None:
        todo.add("due", task.due)
    if task.state is TaskState.DONE:
        todo.add("completed", _whole(task.updated_at))
        todo.add("percent-complete", 100)
    return todo


def _description(task: Task) -> str:
    lines = [f"Owner: {one_line(task.owner_name or '') or 'nobody yet'}"]
    if task.source_words.strip():
        lines.append(f"From the words: “{one_line(task.source_words)}” ({percent(task.confidence)} sure)")
    return "\n".join(lines)


def _whole(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=0)
