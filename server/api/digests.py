"""What a meeting was about: quoted, and written; and another look for what nobody noted."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from avatars.reviewing import Digest
from server.api.access import full_record, readable_meeting
from server.api.auth import SignedIn
from server.api.parts import HttpParts, Parts
from server.exports.digest import needs_title, suggested_title, timed_topics
from server.exports.record import MeetingRecord
from server.roles import Permission, require
from server.summaries import Writ, WritingState

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
    title: str
    """Suggested, for a meeting that is over and that nobody named; empty: none."""


class SentenceView(BaseModel):
    """A sentence about a meeting."""

    text: str
    utterances: list[str]
    """Ids of the lines that it rests on, in order."""


class WrittenView(BaseModel):
    """How a meeting's written summary is doing."""

    state: WritingState
    sentences: list[SentenceView]
    """Of the summary that there is, also while another is being written."""
    dropped: int
    """How many sentences did not hold and were left out."""
    outdated: bool
    """Words of the meeting have changed since."""
    model: str
    """Who wrote it, or, where there is none yet, would; empty: nobody."""
    host: str
    """Where that runs: the words of people in the meeting go there."""
    fault: str
    """Why there is none, or no new one, and what to do; empty: all is well."""
    can_ask: bool
    """Whether one can be asked for now."""


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
        title=await _title(parts, record, digest),
    )


@router.get("/{meeting_id}/written")
async def read_written(meeting_id: str, session: SignedIn, parts: Parts) -> WrittenView:
    """Give the summary that a mind wrote, each sentence with the lines that it rests on."""
    record = await full_record(parts, session, meeting_id)
    return _written(parts, await parts.written(record))


@router.post("/{meeting_id}/written", status_code=202)
async def write_summary(meeting_id: str, session: SignedIn, parts: Parts) -> WrittenView:
    """Have a meeting that is over summed up by the office's mind; the words of people in it go there."""
    record = await full_record(parts, session, meeting_id)
    require(session.role, Permission.EDIT_MEETINGS)
    parts.write(record)
    return _written(parts, await parts.written(record))


@router.post("/{meeting_id}/review")
async def review_meeting(meeting_id: str, session: SignedIn, parts: Parts) -> Found:
    """Read a meeting once more and propose what was agreed and nobody noted; again, it adds nothing."""
    await readable_meeting(parts, session, meeting_id)
    require(session.role, Permission.EDIT_MEETINGS)
    return Found(new=await parts.review(meeting_id))


async def _title(parts: HttpParts, record: MeetingRecord, digest: Digest) -> str:
    """What was written goes before what words alone suggest."""
    if not needs_title(record):
        return ""
    summary = (await parts.written(record)).summary
    return (summary.title if summary is not None else "") or suggested_title(record, digest)


def _written(parts: HttpParts, writ: Writ) -> WrittenView:
    summary, mind = writ.summary, parts.mind
    return WrittenView(
        state=writ.state,
        sentences=[SentenceView(text=one.text, utterances=list(one.utterances)) for one in summary.sentences]
        if summary
        else [],
        dropped=summary.dropped if summary else 0,
        outdated=summary.outdated if summary else False,
        model=summary.model if summary else mind.model if mind else "",
        host=summary.host if summary else mind.host if mind else "",
        fault=writ.fault,
        can_ask=writ.can_ask,
    )
