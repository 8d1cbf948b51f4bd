"""Which meetings somebody may read."""

from __future__ import annotations

from dataclasses import replace

from server.api.parts import HttpParts
from server.errors import Missing
from server.exports.record import MeetingRecord
from server.identity import Session
from server.roles import Permission, may
from workflows.task import TaskState


async def readable_meeting(parts: HttpParts, session: Session, meeting_id: str) -> None:
    """Let pass who may read a meeting: facilitators every one, others those they were in.

    Raises:
        Missing: there is none, or not for them; the two look the same from outside.
    """
    everyone = may(session.role, Permission.READ_MEETINGS)
    if not everyone and not await parts.records.was_in(meeting_id, session.person):
        raise Missing("there is no such meeting, or you were not in it")
    if everyone and not await parts.records.has_meeting(meeting_id):
        raise Missing("there is no such meeting")


async def full_record(parts: HttpParts, session: Session, meeting_id: str) -> MeetingRecord:
    """Give a meeting's record with its tasks.

    Raises:
        Missing: there is none, or not for them.
    """
    await readable_meeting(parts, session, meeting_id)
    record = await parts.records.meeting(meeting_id)
    tasks = await parts.tasks.all(meeting_id=meeting_id)
    return replace(record, tasks=tuple(task for task in tasks if task.state is not TaskState.REJECTED))
