"""The transcript as WebVTT subtitles, each cue with its speaker."""

from __future__ import annotations

from server.exports.record import MeetingRecord
from server.exports.words import clock, one_line

SHORTEST_CUE_SECONDS = 0.5


def transcript_vtt(record: MeetingRecord) -> str:
    """Write the transcript; times count from the meeting's start and never go back."""
    blocks = ["WEBVTT"]
    lines = sorted(record.utterances, key=record.offset)
    for number, line in enumerate(lines, start=1):
        start = record.offset(line)
        end = start + max(line.seconds, SHORTEST_CUE_SECONDS)
        times = f"{clock(start, millis=True)} --> {clock(end, millis=True)}"
        blocks.append(f"{number}\n{times}\n<v {_escape(line.speaker_name)}>{_escape(line.text)}")
    return "\n\n".join(blocks) + "\n"


def _escape(text: str) -> str:
    return one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
