"""What somebody missed: the last minutes of a meeting, and the few lines of them that carry most."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from avatars.everyday import telling
from avatars.reviewing import Digest
from server.exports.record import Line, MeetingRecord, Note
from workflows.task import Task

HIGHLIGHTS = 3
"""Most lines that are picked."""
LEAST_WORDS = 3
"""A line with fewer words that say something is not worth picking for its words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoke:
    """How long somebody spoke."""

    id: str
    name: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CatchUp:
    """The last minutes of a meeting."""

    since: datetime
    until: datetime
    lines: tuple[Line, ...]
    """All that was said, in order."""
    highlights: tuple[Line, ...]
    """At most `HIGHLIGHTS` of them, in order: those from which something was noted, then those that say most."""
    decisions: tuple[Note, ...]
    questions: tuple[Note, ...]
    tasks: tuple[Task, ...]
    speakers: tuple[Spoke, ...]
    """Who spoke, the longest first."""


def catch_up(record: MeetingRecord, *, minutes: float, now: datetime) -> CatchUp:
    """Sum up the last minutes.

    Args:
        record: the meeting with its tasks.
        minutes: how far back, from `now`, or from the meeting's end where that was earlier.
        now: aware.
    """
    until = min(now, record.ended_at) if record.ended_at else now
    since = until - timedelta(minutes=minutes)
    lines = tuple(line for line in record.utterances if _ends(line) > since and line.started_at <= until)
    said = {line.id for line in lines}
    decisions = tuple(note for note in record.decisions if note.utterance_id in said)
    questions = tuple(note for note in record.questions if note.utterance_id in said)
    tasks = tuple(
        task for task in record.tasks if task.source_utterance in said or since < task.created_at <= until
    )
    noted = {note.utterance_id for note in (*decisions, *questions)} | {task.source_utterance for task in tasks}
    return CatchUp(
        since=since,
        until=until,
        lines=lines,
        highlights=_highlights(lines, noted),
        decisions=decisions,
        questions=questions,
        tasks=tasks,
        speakers=_speakers(lines, since),
    )


def words_alone(record: MeetingRecord) -> Digest:
    """Sum a whole meeting up without a model: the lines from which something was noted, or that say most."""
    noted = {note.utterance_id for note in (*record.decisions, *record.questions)}
    noted |= {task.source_utterance for task in record.tasks}
    said = tuple(line.id for line in _highlights(record.utterances, noted))
    return Digest(topics=(), summary=said, model="", seconds=0.0)


def weight(text: str) -> int:
    """How many different words of a text say something."""
    return len(set(telling(text)))


def _highlights(lines: Iterable[Line], noted: set[str | None]) -> tuple[Line, ...]:
    worth = [line for line in lines if line.id in noted or weight(line.text) >= LEAST_WORDS]
    best = sorted(worth, key=lambda line: (line.id not in noted, -weight(line.text), line.started_at))
    return tuple(sorted(best[:HIGHLIGHTS], key=lambda line: (line.started_at, line.id)))


def _speakers(lines: Iterable[Line], since: datetime) -> tuple[Spoke, ...]:
    names: dict[str, str] = {}
    seconds: dict[str, float] = {}
    for line in lines:
        before = max(0.0, (since - line.started_at).total_seconds())
        names[line.speaker_id] = line.speaker_name
        seconds[line.speaker_id] = seconds.get(line.speaker_id, 0.0) + max(0.0, line.seconds - before)
    spoke = [Spoke(id=id, name=names[id], seconds=time) for id, time in seconds.items()]
    return tuple(sorted(spoke, key=lambda one: (-one.seconds, one.name)))


def _ends(line: Line) -> datetime:
    return line.started_at + timedelta(seconds=line.seconds)
