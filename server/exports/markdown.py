"""Minutes of a meeting as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import tzinfo

from avatars.reviewing import Digest
from server.exports.digest import timed_topics
from server.exports.record import MeetingRecord, Note, WrittenSummary
from server.exports.words import STATE_NAMES, clock, moment, one_line, percent
from workflows.task import Task

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~&])")
_TASK_HEAD = (
    "| Task | Owner | Due | State | Confidence | Words it came from |",
    "| --- | --- | --- | --- | ---: | --- |",
)
_LIST_START = re.compile(r"^([-+=]|\d+[.)])")


def minutes(
    record: MeetingRecord, digest: Digest, written: WrittenSummary | None = None, *, timezone: tzinfo
) -> str:
    """Write the minutes.

    Args:
        record: the meeting.
        digest: what it was about.
        written: what a mind wrote of it.
        timezone: the office's; every time of day is in it.
    """
    parts = [
        f"# {escape(record.title)}",
        _facts(record, timezone),
        *(_written(record, written) if written is not None else []),
        *_digest(record, digest, "Main lines" if written is not None else "Summary"),
        "## Decisions",
        _notes(record.decisions, "No decisions were noted."),
        "## Action items",
        _tasks(record.tasks),
    ]
    if record.questions:
        parts += ["## Open questions", _notes(record.questions, "")]
    parts += ["## Transcript", _transcript(record)]
    return "\n\n".join(parts) + "\n"


def escape(text: str) -> str:
    """Make a text mean itself in Markdown, in a table's cell too."""
    line = _SPECIAL.sub(r"\\\1", one_line(text))
    return _LIST_START.sub(lambda m: m[0][:-1] + "\\" + m[0][-1], line)


def _facts(record: MeetingRecord, timezone: tzinfo) -> str:
    began = moment(record.started_at, timezone)
    end = f" to {record.ended_at.astimezone(timezone):%H:%M}" if record.ended_at else " (still going on)"
    people = ", ".join(escape(p.name) + (" (AI colleague)" if p.kind == "avatar" else "") for p in record.people)
    facts = [
        f"- **When:** {began}{end} ({escape(str(timezone))})",
        f"- **Where:** {escape(record.zone_name)}",
        f"- **Facilitator:** {escape(record.facilitator_name)}",
        f"- **People:** {people or 'nobody'}",
    ]
    return "\n".join(facts)


def _written(record: MeetingRecord, written: WrittenSummary) -> list[str]:
    """Each sentence with who said what it rests on, and when."""
    said = {line.id: line for line in record.utterances}
    rows = []
    for one in written.sentences:
        sources = [said[id] for id in one.utterances]
        cited = ", ".join(f"{escape(line.speaker_name)} {clock(record.offset(line))}" for line in sources)
        rows.append(f"- {escape(one.text)} ({cited})")
    notes = [escape(f"Summarised by {written.model} at {written.host}.")]
    if written.dropped:
        left_out = "1 sentence was" if written.dropped == 1 else f"{written.dropped} sentences were"
        notes.append(f"{left_out} left out, since the lines named for it did not say it.")
    if written.outdated:
        notes.append("Words of the meeting have changed since.")
    return ["## Summary", "\n".join(rows), f"*{' '.join(notes)}*"]


def _digest(record: MeetingRecord, digest: Digest, heading: str) -> list[str]:
    """The sections that there is something to say in."""
    said = {line.id: line for line in record.utterances}
    main = [said[id] for id in digest.summary if id in said]
    parts: list[str] = []
    if main:
        quotes = [
            f"- {escape(line.text)} ({escape(line.speaker_name)}, {clock(record.offset(line))})" for line in main
        ]
        parts += [f"## {heading}", "\n".join(quotes)]
    topics = timed_topics(record, digest)
    if topics:
        rows = [
            f"- {clock(topic.start)} to {clock(topic.end)}: {escape(topic.title) or 'no words stand out'}"
            for topic in topics
        ]
        parts += ["## Topics", "\n".join(rows)]
    return parts


def _notes(notes: Iterable[Note], nothing: str) -> str:
    return "\n".join(f"- {escape(note.text)} ({percent(note.confidence)} sure)" for note in notes) or nothing


def _tasks(tasks: Iterable[Task]) -> str:
    rows = [
        f"| {escape(task.text)} | {escape(task.owner_name or '')} | {task.due or ''} | {STATE_NAMES[task.state]} "
        f"| {percent(task.confidence)} | {_quoted(task.source_words)} |"
        for task in tasks
    ]
    if not rows:
        return "No action items were noted."
    head = [
        "| Task | Owner | Due | State | Confidence | Words it came from |",
        "| --- | --- | --- | --- | ---: | --- |",
    ]
    return "\n".join([*head, *rows])


def _quoted(words: str) -> str:
    return f"“{escape(words)}”" if words.strip() else ""


def _transcript(record: MeetingRecord) -> str:
    lines = [
        f"**{escape(line.speaker_name)}** ({clock(record.offset(line))}): {escape(line.text)}"
        + (" *(corrected)*" if line.edited_by else "")
        for line in record.utterances
    ]
    return "\n\n".join(lines) or "Nothing was transcribed."
