"""The transcript as plain text."""

from __future__ import annotations

from datetime import tzinfo

from server.exports.record import MeetingRecord
from server.exports.words import clock, moment, one_line


def transcript_txt(record: MeetingRecord, *, timezone: tzinfo) -> str:
    """Write the transcript, a line an utterance, with the time since the meeting's start."""
    head = [one_line(record.title), f"{moment(record.started_at, timezone)}, {one_line(record.zone_name)}", ""]
    lines = [
        f"[{clock(record.offset(line))}] {one_line(line.speaker_name)}: {one_line(line.text)}"
        for line in record.utterances
    ]
    return "\n".join([*head, *lines]) + "\n"
