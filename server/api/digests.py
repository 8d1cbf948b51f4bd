"""What a meeting was about, and another look for what nobody noted."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from server.api.access import full_record, readable_meeting
from server.api.auth import SignedIn
from server.api.parts import Parts
from server.exports.digest import timed_topics
from server.roles import Permission, require

router = APIRouter(prefix="/meetings", tags=["meetings"])


class TopicView(BaseModel):
    """A part of the meeting; `start` and `end` are seconds from its beginning."""

    title: str
    """Words that stand out in it; may be empty."""
    start: float
    end: float
    utterance: str
    """Id of its first line."""


class DigestView(BaseModel):
    """What a meeting was about."""

    summary: list[str]
    """Ids of the lines that say most, in order."""
    topics: list[TopicView]
    model: str
    """Which model read it; empty: none was there, and it was told from words alone."""
    seconds: float
    """How long that took."""


class Found(BaseModel):
    """How many proposals and decisions are new."""

    new: int


@router.get("/{meeting_id}/digest")
async def read_digest(meeting_id: str, session: SignedIn, parts: Parts) -> DigestView:
    """Sum a meeting up: topics with times, and the few lines that say most."""
    record = await full_record(parts, session, meeting_id)
    digest = await parts.digest(record)
    return DigestView(
        summary=list(digest.summary),
        topics=[
            TopicView(title=one.title, start=one.start, end=one.end, utterance=one.utterance)
            for one in timed_topics(record, digest)
        ],
        model=digest.model,
        seconds=round(digest.seconds, 4),
    )


@router.post("/{meeting_id}/review")
async def review_meeting(meeting_id: str, session: SignedIn, parts: Parts) -> Found:
    """Read a meeting once more and propose what was agreed and nobody noted; again, it adds nothing."""
    await readable_meeting(parts, session, meeting_id)
    require(session.role, Permission.EDIT_MEETINGS)
    return Found(new=await parts.review(meeting_id))
