"""The topics of a meeting with their times."""

from __future__ import annotations

from dataclasses import dataclass

from avatars.reviewing import Digest
from avatars.titles import suggest
from server.exports.record import MeetingRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedTopic:
    """A topic; seconds from the meeting's start."""

    title: str
    start: float
    end: float
    utterance: str
    """Id of its first line."""


def timed_topics(record: MeetingRecord, digest: Digest) -> list[TimedTopic]:
    """Give the topics of a digest with their times, in order.

    Args:
        record: the meeting.
        digest: made of the same meeting; lines that were deleted since are left out.
    """
    lines = {line.id: line for line in record.utterances}
    found: list[TimedTopic] = []
    for topic in digest.topics:
        said = [lines[id] for id in topic.lines if id in lines]
        if said:
            last = said[-1]
            found.append(
                TimedTopic(
                    title=topic.title,
                    start=record.offset(said[0]),
                    end=record.offset(last) + last.seconds,
                    utterance=said[0].id,
                )
            )
    return found


def needs_title(record: MeetingRecord) -> bool:
    """Whether a meeting is over and nobody named it."""
    return record.ended_at is not None and record.unnamed


def suggested_title(record: MeetingRecord, digest: Digest) -> str:
    """Give a title for a meeting from what was said in it; "" where nothing stands out, or it was not in English.

    Args:
        record: the meeting.
        digest: what it was about.
    """
    said = record.said_by_people
    if any(line.language not in ("", "en") for line in said):
        return ""
    places = {line.id: at for at, line in enumerate(said)}
    topics = [[places[id] for id in topic.lines if id in places] for topic in digest.topics]
    sources = {note.utterance_id for note in (*record.decisions, *record.questions)}
    sources |= {task.source_utterance for task in record.tasks}
    return suggest(
        [line.text for line in said],
        [(topic[0], topic[-1] + 1) for topic in topics if topic],
        names=[person.name for person in record.people],
        noted=[places[id] for id in sources if id in places],
    )
