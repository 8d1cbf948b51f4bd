"""A meeting that is over is summed up in sentences, where the office was given a mind for it."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime

from avatars.errors import MindError
from avatars.mind import Mind
from avatars.writing import write
from server.background import Background
from server.errors import Missing, Unacceptable
from server.exports.record import MeetingRecord
from server.records import Meeting, Records
from server.summaries import Summaries, Writ, WritingState, key_of, people_of, quotes_of

logger = logging.getLogger(__name__)


class Writing:
    """Has meetings summed up."""

    def __init__(
        self,
        records: Records,
        summaries: Summaries,
        mind: Mind | None,
        *,
        wall: Callable[[], datetime],
        heard_out: Callable[[str], Awaitable[object]],
    ) -> None:
        """Prepare.

        Args:
            records: hold the words.
            summaries: hold what was written.
            mind: who writes; None: nobody.
            wall: the office's clock, aware.
            heard_out: waits until what was said in a meeting is in the records, but not for ever.
        """
        self._records, self._summaries, self._mind = records, summaries, mind
        self._wall, self._heard_out = wall, heard_out
        self._jobs = Background("written summaries")
        self._busy: set[str] = set()
        self._faults: dict[str, str] = {}

    def ended(self, meeting: Meeting) -> None:
        """A meeting is over: its last words may still be under way."""
        if self._mind is not None:
            self._start(self._mind, meeting.id)

    async def read(self, record: MeetingRecord) -> Writ:
        """Say how a meeting's written summary is doing."""
        summary = await self._summaries.of(record)
        fault = self._faults.get(record.id, "")
        busy = record.id in self._busy
        if busy:
            state = WritingState.WRITING
        elif fault:
            state = WritingState.FAILED
        elif summary is not None:
            state = WritingState.WRITTEN
        else:
            state = WritingState.OFF if self._mind is None else WritingState.NONE
        can_ask = self._mind is not None and not busy and record.ended_at is not None and bool(quotes_of(record))
        return Writ(state=state, summary=summary, fault="" if busy else fault, can_ask=can_ask)

    def ask(self, record: MeetingRecord) -> None:
        """Have a meeting summed up, anew where it was; while that is under way, nothing more is begun.

        Raises:
            Unacceptable: nobody writes here, the meeting is not over, or nothing was said in it.
        """
        if self._mind is None:
            raise Unacceptable("this office writes no summaries; its owner can set chat_url and chat_model")
        if record.ended_at is None:
            raise Unacceptable("this meeting is under way; end it, then have it summed up")
        if not quotes_of(record):
            raise Unacceptable("nothing was said in this meeting that could be summed up")
        self._start(self._mind, record.id)

    async def settled(self) -> None:
        """Wait until nothing is being written."""
        await self._jobs.settled()

    async def close(self) -> None:
        """Give up what is being written; it can be asked for again."""
        await self._jobs.cancel()

    def _start(self, mind: Mind, meeting_id: str) -> None:
        if meeting_id not in self._busy:
            self._busy.add(meeting_id)
            self._jobs.start(self._write(mind, meeting_id))

    async def _write(self, mind: Mind, meeting_id: str) -> None:
        self._faults[meeting_id] = "the office met a fault of its own, which is in the log; try again"
        try:
            await self._heard_out(meeting_id)
            fault = await self._written(mind, meeting_id)
        except MindError as error:
            fault = str(error)
        except Missing:  # deleted meanwhile: nobody can look at it any more
            fault = ""
        finally:
            self._busy.discard(meeting_id)
        if fault:
            self._faults[meeting_id] = fault
            logger.warning("a meeting is not summed up", extra={"meeting": meeting_id, "reason": fault})
        else:
            del self._faults[meeting_id]

    async def _written(self, mind: Mind, meeting_id: str) -> str:
        """Have it written and keep it; gives why it is not kept, or nothing."""
        record = await self._records.meeting(meeting_id)
        quotes = quotes_of(record)
        if not quotes:
            return ""
        written = await write(mind, quotes, people_of(record))
        if not written.sentences:
            return (
                f"{mind.model} wrote nothing that could be found in what was said ({written.dropped} sentences "
                "were dropped); try again, or use another model"
            )
        # Who was erased meanwhile, or deleted their words, does not come back with a summary of them.
        left = {quote.id for quote in quotes_of(await self._records.meeting(meeting_id))}
        if not left.issuperset(quote.id for quote in quotes):
            return "words of this meeting were deleted while it was being summed up; try again"
        await self._summaries.keep(
            meeting_id, written, key=key_of(quotes), model=mind.model, host=mind.host, now=self._wall()
        )
        logger.info(
            "a meeting was summed up",
            extra={"meeting": meeting_id, "sentences": len(written.sentences), "dropped": written.dropped},
        )
        return ""
