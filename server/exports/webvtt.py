"""The transcript as WebVTT subtitles: each cue with its speaker, and with the times of its words where known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from media.transcriber import Word
from server.exports.record import Line, MeetingRecord
from server.exports.timing import timed
from server.exports.words import clock, one_line

SHORTEST_CUE_SECONDS = 0.5
LONGEST_CUE_SECONDS = 7.0
LONGEST_CUE = 84
"""Characters: two lines of subtitles."""
LONGEST_PAUSE_SECONDS = 1.0
"""After a longer one a new cue begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cue:
    start: float
    end: float
    speaker: str
    text: str


def transcript_vtt(record: MeetingRecord) -> str:
    """Write the transcript; times count from the meeting's start and never go back."""
    cues = sorted((cue for line in record.utterances for cue in _cues(record, line)), key=lambda cue: cue.start)
    blocks = ["WEBVTT"]
    for number, cue in enumerate(cues, start=1):
        times = f"{clock(cue.start, millis=True)} --> {clock(cue.end, millis=True)}"
        blocks.append(f"{number}\n{times}\n<v {_escape(cue.speaker)}>{cue.text}")
    return "\n\n".join(blocks) + "\n"


def _cues(record: MeetingRecord, line: Line) -> Iterator[_Cue]:
    """One cue, or several where the times of the words say where to cut."""
    at = record.offset(line)
    words = timed(line)
    if not words:
        end = at + max(line.seconds, SHORTEST_CUE_SECONDS)
        yield _Cue(start=at, end=end, speaker=line.speaker_name, text=_escape(line.text))
    for group in _groups(words):
        start = at + max(0.0, group[0].start)
        end = max(at + group[-1].end, start + SHORTEST_CUE_SECONDS)
        yield _Cue(start=start, end=end, speaker=line.speaker_name, text=_with_times(group, at, start, end))


def _groups(words: Iterable[Word]) -> Iterator[list[Word]]:
    """Cut where a cue would become too long to read, or somebody paused."""
    group: list[Word] = []
    length = 0
    for word in words:
        long = length + len(word.text) > LONGEST_CUE or (group and word.end - group[0].start > LONGEST_CUE_SECONDS)
        if group and (long or word.start - group[-1].end > LONGEST_PAUSE_SECONDS):
            yield group
            group, length = [], 0
        group.append(word)
        length += len(word.text) + 1
    if group:
        yield group


def _with_times(group: Iterable[Word], at: float, start: float, end: float) -> str:
    """The text, with a time before each word; only times that rise within the cue are allowed there."""
    parts: list[str] = []
    last, until = round(start * 1000), round(end * 1000)
    for word in group:
        text, begins = _escape(word.text), round((at + word.start) * 1000)
        if parts and last < begins < until:
            text, last = f"<{clock(begins / 1000, millis=True)}>{text}", begins
        parts.append(text)
    return " ".join(parts)


def _escape(text: str) -> str:
    return one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
