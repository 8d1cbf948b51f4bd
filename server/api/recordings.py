"""The sound of a meeting that is kept: listen to it, delete it."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter
from starlette.responses import Response

from server.api.access import readable_meeting
from server.api.auth import SignedIn
from server.api.parts import Parts
from server.errors import Forbidden, Missing
from server.identity import Session
from server.recordings import Recordings
from server.records import Meeting
from server.roles import Permission, may

router = APIRouter(prefix="/meetings", tags=["meetings"])


@router.get("/{meeting_id}/utterances/{utterance_id}/audio", response_class=Response)
async def listen(meeting_id: str, utterance_id: str, session: SignedIn, parts: Parts) -> Response:
    """The sound of an utterance as WAV, for those who may read the meeting."""
    await readable_meeting(parts, session, meeting_id)
    await parts.records.utterance(meeting_id, utterance_id)
    sound = await asyncio.to_thread(_kept(parts.recordings).wav, meeting_id, utterance_id)
    if sound is None:
        raise Missing("no sound of this is kept: it was not recorded, or its time is over")
    headers = {"Cache-Control": "no-store"}
    return Response(sound, media_type="audio/wav", headers=headers)


@router.delete("/{meeting_id}/utterances/{utterance_id}/audio", status_code=204)
async def delete_sound(meeting_id: str, utterance_id: str, session: SignedIn, parts: Parts) -> None:
    """Delete the sound of an utterance: one's own, or as owner or who held the meeting. The words stay."""
    await readable_meeting(parts, session, meeting_id)
    line = await parts.records.utterance(meeting_id, utterance_id)
    if line.speaker_id != session.person and not _decides(session, await parts.records.meeting_head(meeting_id)):
        raise Forbidden("you may delete the sound of your own words; for more, ask who held the meeting")
    if not await asyncio.to_thread(_kept(parts.recordings).remove, meeting_id, utterance_id):
        raise Missing("no sound of this is kept")


@router.delete("/{meeting_id}/audio", status_code=204)
async def delete_all_sound(meeting_id: str, session: SignedIn, parts: Parts) -> None:
    """Delete all sound of a meeting, as owner or who held it. The words stay."""
    await readable_meeting(parts, session, meeting_id)
    if not _decides(session, await parts.records.meeting_head(meeting_id)):
        raise Forbidden("only owners and whoever held the meeting delete its sound; ask one of them")
    await asyncio.to_thread(_kept(parts.recordings).forget, meeting_id)


def _decides(session: Session, meeting: Meeting) -> bool:
    return may(session.role, Permission.KEEP_SOUND) or meeting.facilitator == session.person


def _kept(recordings: Recordings | None) -> Recordings:
    if recordings is None:
        raise Missing("no sound is kept in this office")
    return recordings
