"""Meetings: list, read, correct."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from server.api.access import full_record, readable_meeting
from server.api.auth import SignedIn
from server.api.parts import HttpParts, Parts
from server.api.tasks import TaskView, task_view
from server.errors import Forbidden
from server.exports.record import Line, MeetingRecord, Note
from server.exports.timing import timed
from server.identity import Session
from server.records import TITLE_LIMIT, WORDS_LIMIT, Meeting, NoteKind
from server.roles import Permission, may, require
from server.rows import Reading

router = APIRouter(prefix="/meetings", tags=["meetings"])


class MeetingView(BaseModel):
    """A meeting without its words; instants are seconds since the epoch."""

    id: str
    title: str
    zone: str
    zone_name: str
    started_at: float
    ended_at: float | None
    facilitator_name: str


class Meetings(BaseModel):
    """Meetings, newest first."""

    meetings: list[MeetingView]


class PersonView(BaseModel):
    """Somebody who was there."""

    id: str
    name: str
    kind: str


class LineView(BaseModel):
    """An utterance; `offset` and `seconds` in seconds, `started_at` since the epoch.

    `words` are those of `text`: [text, start, end, confidence] each, in seconds from `started_at`; empty where the
    recognizer gave no times. `sound_until` says until when its sound is kept; null where it is not.
    """

    id: str
    speaker_id: str
    speaker_name: str
    text: str
    started_at: float
    offset: float
    seconds: float
    engine: str
    original_text: str | None
    edited_by: str | None
    edited_by_name: str | None
    words: list[tuple[str, float, float, float]]
    language: str
    confidence: float | None
    sound_until: float | None


class NoteView(BaseModel):
    """A decision or a question."""

    id: str
    text: str
    utterance_id: str | None
    confidence: float


class MeetingDetail(MeetingView):
    """A meeting with all that was kept of it; `sound_until` is when the last of its sound is deleted.

    `reading` says whether it was read as a whole when it was over, `reading_note` why not; null: it goes on, or
    that is not known.
    """

    sound_until: float | None
    reading: Reading | None
    reading_note: str | None
    people: list[PersonView]
    utterances: list[LineView]
    decisions: list[NoteView]
    questions: list[NoteView]
    tasks: list[TaskView]


class Title(BaseModel):
    """A title."""

    title: Annotated[str, Field(min_length=1, max_length=TITLE_LIMIT)]


class Words(BaseModel):
    """A corrected text."""

    text: Annotated[str, Field(min_length=1, max_length=WORDS_LIMIT)]


@router.get("")
async def list_meetings(session: SignedIn, parts: Parts) -> Meetings:
    """List meetings: all of them for facilitators, for others those they were in."""
    who = None if may(session.role, Permission.READ_MEETINGS) else session.person
    return Meetings(meetings=[_summary(m) for m in await parts.records.meetings(attended_by=who)])


@router.get("/{meeting_id}")
async def read_meeting(meeting_id: str, session: SignedIn, parts: Parts) -> MeetingDetail:
    """Give all that was kept of a meeting."""
    record = await full_record(parts, session, meeting_id)
    return _detail(record, await kept_sound(parts, meeting_id))


@router.patch("/{meeting_id}")
async def rename_meeting(meeting_id: str, change: Title, session: SignedIn, parts: Parts) -> MeetingView:
    """Give a meeting another title."""
    await _editable(parts, session, meeting_id)
    meeting = await parts.records.rename_meeting(meeting_id, title=change.title)
    await parts.on_meeting_changed(meeting)
    return _summary(meeting)


@router.delete("/{meeting_id}", status_code=204)
async def delete_meeting(meeting_id: str, session: SignedIn, parts: Parts) -> None:
    """Delete a meeting that is over, with its words and its sound, as owner. Tasks that came of it stay."""
    await readable_meeting(parts, session, meeting_id)
    require(session.role, Permission.DELETE_MEETINGS)
    await parts.records.delete_meeting(meeting_id)
    if parts.recordings is not None:
        await asyncio.to_thread(parts.recordings.forget, meeting_id)


@router.patch("/{meeting_id}/utterances/{utterance_id}")
async def correct_utterance(
    meeting_id: str, utterance_id: str, change: Words, session: SignedIn, parts: Parts
) -> LineView:
    """Correct what was heard; guests only their own words. What was heard first is kept."""
    await readable_meeting(parts, session, meeting_id)
    line = await parts.records.utterance(meeting_id, utterance_id)
    if line.speaker_id != session.person and not may(session.role, Permission.EDIT_MEETINGS):
        raise Forbidden("guests correct only their own words; ask a member of the office")
    corrected = await parts.records.edit_utterance(
        meeting_id, utterance_id, text=change.text, by=session.person, now=parts.now()
    )
    record = await parts.records.meeting(meeting_id)
    await _tell(parts, meeting_id)
    await parts.on_corrected(meeting_id, corrected, corrected.edited_by_name or "somebody")
    return line_view(record, corrected, await kept_sound(parts, meeting_id))


@router.patch("/{meeting_id}/decisions/{decision_id}")
async def change_decision(
    meeting_id: str, decision_id: str, change: Words, session: SignedIn, parts: Parts
) -> NoteView:
    """Change a decision's text."""
    return await _change_note(parts, session, NoteKind.DECISION, meeting_id, decision_id, change.text)


@router.delete("/{meeting_id}/decisions/{decision_id}", status_code=204)
async def remove_decision(meeting_id: str, decision_id: str, session: SignedIn, parts: Parts) -> None:
    """Remove a decision."""
    await _remove_note(parts, session, NoteKind.DECISION, meeting_id, decision_id)


@router.patch("/{meeting_id}/questions/{question_id}")
async def change_question(
    meeting_id: str, question_id: str, change: Words, session: SignedIn, parts: Parts
) -> NoteView:
    """Change a question's text."""
    return await _change_note(parts, session, NoteKind.QUESTION, meeting_id, question_id, change.text)


@router.delete("/{meeting_id}/questions/{question_id}", status_code=204)
async def remove_question(meeting_id: str, question_id: str, session: SignedIn, parts: Parts) -> None:
    """Remove a question."""
    await _remove_note(parts, session, NoteKind.QUESTION, meeting_id, question_id)


async def _change_note(
    parts: HttpParts, session: Session, kind: NoteKind, meeting_id: str, note_id: str, text: str
) -> NoteView:
    await _editable(parts, session, meeting_id)
    note = await parts.records.edit_note(kind, meeting_id, note_id, text=text, by=session.person)
    await _tell(parts, meeting_id)
    return note_view(note)


async def _remove_note(parts: HttpParts, session: Session, kind: NoteKind, meeting_id: str, note_id: str) -> None:
    await _editable(parts, session, meeting_id)
    await parts.records.delete_note(kind, meeting_id, note_id)
    await _tell(parts, meeting_id)


async def _editable(parts: HttpParts, session: Session, meeting_id: str) -> None:
    await readable_meeting(parts, session, meeting_id)
    require(session.role, Permission.EDIT_MEETINGS)


async def _tell(parts: HttpParts, meeting_id: str) -> None:
    await parts.on_meeting_changed(await parts.records.meeting_head(meeting_id))


def _summary(meeting: Meeting | MeetingRecord) -> MeetingView:
    return MeetingView(
        id=meeting.id,
        title=meeting.title,
        zone=meeting.zone,
        zone_name=meeting.zone_name,
        started_at=meeting.started_at.timestamp(),
        ended_at=meeting.ended_at.timestamp() if meeting.ended_at else None,
        facilitator_name=meeting.facilitator_name,
    )


async def kept_sound(parts: HttpParts, meeting_id: str) -> Mapping[str, datetime]:
    """Say until when the sound of which utterances is kept."""
    return {} if parts.recordings is None else await asyncio.to_thread(parts.recordings.kept, meeting_id)


def _detail(record: MeetingRecord, sound: Mapping[str, datetime]) -> MeetingDetail:
    return MeetingDetail(
        **_summary(record).model_dump(),
        sound_until=max(sound.values()).timestamp() if sound else None,
        reading=Reading(record.reading) if record.reading else None,
        reading_note=record.reading_note,
        people=[PersonView(id=p.id, name=p.name, kind=p.kind) for p in record.people],
        utterances=[line_view(record, line, sound) for line in record.utterances],
        decisions=[note_view(note) for note in record.decisions],
        questions=[note_view(note) for note in record.questions],
        tasks=[task_view(task) for task in record.tasks],
    )


def line_view(record: MeetingRecord, line: Line, sound: Mapping[str, datetime]) -> LineView:
    """An utterance as it is sent; `sound` says until when whose sound is kept."""
    return LineView(
        id=line.id,
        speaker_id=line.speaker_id,
        speaker_name=line.speaker_name,
        text=line.text,
        started_at=line.started_at.timestamp(),
        offset=record.offset(line),
        seconds=line.seconds,
        engine=line.engine,
        original_text=line.original_text,
        edited_by=line.edited_by,
        edited_by_name=line.edited_by_name,
        words=[(w.text, round(w.start, 3), round(w.end, 3), round(w.confidence, 3)) for w in timed(line)],
        language=line.language,
        confidence=line.confidence,
        sound_until=sound[line.id].timestamp() if line.id in sound else None,
    )


def note_view(note: Note) -> NoteView:
    """A decision or a question as it is sent."""
    return NoteView(id=note.id, text=note.text, utterance_id=note.utterance_id, confidence=note.confidence)
