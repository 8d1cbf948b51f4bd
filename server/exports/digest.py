"""The topics of a meeting with their times."""

from __future__ import annotations

from dataclasses import dataclass

from avatars.reviewing import Digest
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
