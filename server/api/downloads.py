"""A meeting's files: minutes, tasks, transcript."""

from __future__ import annotations

import re
from urllib.parse import quote

from fastapi import APIRouter, Response

from server.api.access import full_record
from server.api.auth import SignedIn
from server.api.parts import Parts
from server.exports.data import tasks_json
from server.exports.ical import tasks_ics
from server.exports.markdown import minutes
from server.exports.record import MeetingRecord
from server.exports.table import tasks_csv
from server.exports.text import transcript_txt
from server.exports.webvtt import transcript_vtt

router = APIRouter(prefix="/meetings/{meeting_id}", tags=["downloads"])


@router.get("/minutes.md", response_class=Response)
async def download_minutes(meeting_id: str, session: SignedIn, parts: Parts) -> Response:
    """The minutes as Markdown."""
    record = await full_record(parts, session, meeting_id)
    written = (await parts.written(record)).summary
    text = minutes(record, await parts.digest(record), written, timezone=parts.settings.timezone)
    return _file(text, record, "minutes.md", "text/markdown; charset=utf-8")


@router.get("/tasks.csv", response_class=Response)
async def download_csv(meeting_id: str, session: SignedIn, parts: Parts) -> Response:
    """The tasks for a spreadsheet."""
    record = await full_record(parts, session, meeting_id)
    return _file(tasks_csv(record.tasks), record, "tasks.csv", "text/csv; charset=utf-8")


@router.get("/tasks.json", response_class=Response)
async def download_json(meeting_id: str, session: SignedIn, parts: Parts) -> Response:
    """The tasks for other programs."""
    record = await full_record(parts, session, meeting_id)
    return _file(tasks_json(record), record, "tasks.json", "application/json")


@router.get("/tasks.ics", response_class=Response)
async def download_ics(meeting_id: str, session: SignedIn, parts: Parts) -> Response:
    """The tasks for a calendar or to-do program."""
    record = await full_record(parts, session, meeting_id)
    calendar = tasks_ics(record.tasks, name=record.title)
    return _file(calendar, record, "tasks.ics", "text/calendar; charset=utf-8")


@router.get("/transcript.vtt", response_class=Response)
async def download_vtt(meeting_id: str, session: SignedIn, parts: Parts) -> Response:
    """The transcript as subtitles."""
    record = await full_record(parts, session, meeting_id)
    return _file(transcript_vtt(record), record, "transcript.vtt", "text/vtt; charset=utf-8")


@router.get("/transcript.txt", response_class=Response)
async def download_txt(meeting_id: str, session: SignedIn, parts: Parts) -> Response:
    """The transcript as plain text."""
    record = await full_record(parts, session, meeting_id)
    text = transcript_txt(record, timezone=parts.settings.timezone)
    return _file(text, record, "transcript.txt", "text/plain; charset=utf-8")


def _file(content: str | bytes, record: MeetingRecord, name: str, media_type: str) -> Response:
    """Offer a file under the meeting's title and day."""
    stem, _, ending = name.rpartition(".")
    title = re.sub(r"[^\w-]+", "-", record.title).strip("-").lower()[:60] or "meeting"
    full = f"{record.started_at:%Y-%m-%d}-{title}-{stem}.{ending}"
    plain = full.encode("ascii", "ignore").decode()
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(full)}"
    headers = {"Content-Disposition": disposition, "Cache-Control": "no-store"}
    return Response(content, media_type=media_type, headers=headers)
