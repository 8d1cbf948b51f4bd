"""What did I miss: the last minutes of a meeting in a few lines."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from server.api.access import full_record
from server.api.auth import SignedIn
from server.api.meetings import LineView, NoteView, kept_sound, line_view, note_view
from server.api.parts import Parts
from server.api.tasks import TaskView, task_view
from server.catch_up import catch_up

LONGEST_MINUTES = 120.0

router = APIRouter(prefix="/meetings", tags=["meetings"])


class SpokeView(BaseModel):
    """How long somebody spoke, in seconds."""

    id: str
    name: str
    seconds: float


class CatchUpView(BaseModel):
    """The last minutes of a meeting; instants are seconds since the epoch.

    `highlights` are the few of `lines` that say most.
    """

    since: float
    until: float
    lines: list[LineView]
    highlights: list[LineView]
    decisions: list[NoteView]
    questions: list[NoteView]
    tasks: list[TaskView]
    speakers: list[SpokeView]


@router.get("/{meeting_id}/catch-up")
async def read_catch_up(
    meeting_id: str,
    session: SignedIn,
    parts: Parts,
    minutes: Annotated[float, Query(gt=0, le=LONGEST_MINUTES)] = 5.0,
) -> CatchUpView:
    """Sum up the last minutes, for those who may read the meeting."""
    record = await full_record(parts, session, meeting_id)
    sound = await kept_sound(parts, meeting_id)
    summary = catch_up(record, minutes=minutes, now=parts.now())
    return CatchUpView(
        since=summary.since.timestamp(),
        until=summary.until.timestamp(),
        lines=[line_view(record, line, sound) for line in summary.lines],
        highlights=[line_view(record, line, sound) for line in summary.highlights],
        decisions=[note_view(note) for note in summary.decisions],
        questions=[note_view(note) for note in summary.questions],
        tasks=[task_view(task) for task in summary.tasks],
        speakers=[SpokeView(id=one.id, name=one.name, seconds=round(one.seconds, 3)) for one in summary.speakers],
    )
