"""Summaries that a mind wrote: kept, and read as far as they still hold for the words as they stand now."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from avatars.evidence import Quote, vocabulary
from avatars.writing import Sentence, Written, still_holds
from server.exports.record import MeetingRecord, WrittenSummary
from server.rows import Rows


class WritingState(StrEnum):
    """How far a written summary is."""

    OFF = "off"
    """The office has no mind, and there is no summary of before."""
    NONE = "none"
    """Nobody asked for one yet."""
    WRITING = "writing"
    WRITTEN = "written"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Writ:
    """How a meeting's written summary is doing."""

    state: WritingState
    summary: WrittenSummary | None = None
    """What there is, also while another is being written, or after that failed."""
    fault: str = ""
    """Why there is none, or no new one, and what to do."""
    can_ask: bool = False
    """Whether one can be asked for now."""


class Summaries:
    """Keeps them, one a meeting."""

    def __init__(self, rows: Rows) -> None:
        """`rows` are the plain tables of the office's database."""
        self._rows = rows

    async def keep(
        self, meeting_id: str, written: Written, *, key: str, model: str, host: str, now: datetime
    ) -> None:
        """Keep a summary instead of the one before.

        Args:
            meeting_id: of which meeting.
            written: what it says.
            key: of the words that it was written from, as `key_of` gives it.
            model: who wrote it.
            host: and where.
            now: aware.
        """
        values = {
            "meeting": meeting_id,
            "key": key,
            "title": [_packed(written.title)] if written.title is not None else [],
            "sentences": [_packed(one) for one in written.sentences],
            "dropped": written.dropped,
            "model": model,
            "host": host,
            "written_at": now,
        }
        await self._rows.put("written", values)

    async def of(self, record: MeetingRecord) -> WrittenSummary | None:
        """Give the summary of a meeting; None where none was written, or nothing of it holds any more."""
        rows = await self._rows.select("written", {"meeting": record.id})
        if not rows:
            return None
        row, quotes = rows[0], quotes_of(record)
        lines, known = {quote.id: quote for quote in quotes}, vocabulary(quotes, people_of(record))
        title, sentences = (
            [one for one in map(_sentence, row[name]) if still_holds(one, lines, known)]
            for name in ("title", "sentences")
        )
        if not sentences:
            return None
        return WrittenSummary(
            title=title[0].text if title else "",
            sentences=tuple(sentences),
            dropped=row["dropped"],
            outdated=row["key"] != key_of(quotes),
            model=row["model"],
            host=row["host"],
        )


def quotes_of(record: MeetingRecord) -> list[Quote]:
    """What people said in a meeting, in order."""
    return [Quote(id=line.id, speaker=line.speaker_name, text=line.text) for line in record.said_by_people]


def people_of(record: MeetingRecord) -> list[str]:
    """Names of those who were there."""
    return [person.name for person in record.people]


def key_of(quotes: Sequence[Quote]) -> str:
    """Of what a summary is written from; words that are deleted later are not kept in it."""
    said = [(quote.id, quote.speaker, quote.text) for quote in quotes]
    return hashlib.sha256(repr(said).encode("utf-8", "surrogatepass")).hexdigest()


def _packed(sentence: Sentence) -> list[Any]:
    return [sentence.text, list(sentence.utterances)]


def _sentence(packed: Sequence[Any]) -> Sentence:
    text, utterances = packed
    return Sentence(text=text, utterances=tuple(utterances))
