"""When a meeting that is over is read as a whole: once its last words are known, again while the models cannot.

That it is to be read is written with its end: a server that falls down in between reads it at its next start.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures.process import BrokenProcessPool

from server.background import Background
from server.errors import Busy, Missing
from server.office import Office
from server.protocol import messages as m
from server.records import Meeting, Records
from server.rows import Reading

logger = logging.getLogger(__name__)

SETTLE_SECONDS = 180.0
"""So long the last words of a meeting are waited for."""
PAUSES = (5.0, 15.0, 45.0, 120.0, 300.0)
"""Seconds before another try, where the models are busy or down; after the last the meeting stays unread."""
LATE = "It was read before its last words were recognised."
FAULT = "a fault came between; it is in the log"

Wait = Callable[[float], Awaitable[object]]
"""Waits so many seconds."""


class Readings:
    """Has each meeting that is over read, once."""

    def __init__(
        self,
        office: Office,
        records: Records,
        review: Callable[[str], Awaitable[int]],
        settled: Callable[[str], Awaitable[None]],
        *,
        wait: Wait = asyncio.sleep,
    ) -> None:
        """Prepare.

        Args:
            office: who is there to be told.
            records: where it stands whether a meeting was read.
            review: reads a meeting by its id; gives how much was new, raises Busy while the models cannot.
            settled: waits until the words of a meeting are known.
            wait: passes time.
        """
        self._office, self._records, self._review, self._settled = office, records, review, settled
        self._wait = wait
        self._jobs = Background("reviews of meetings")

    def ended(self, meeting: Meeting) -> None:
        """A meeting is over: read it, and tell those who are still there what was found."""
        self._jobs.start(self._read(meeting))

    async def restore(self) -> int:
        """Read what was to be read when the office stopped; give how many meetings."""
        waiting = await self._records.unread_meetings()
        for meeting in waiting:
            self.ended(meeting)
        return len(waiting)

    async def heard_out(self, meeting_id: str) -> bool:
        """Whether all words of a meeting are known, which is waited for, but not for ever."""
        words = asyncio.ensure_future(self._settled(meeting_id))
        bound = asyncio.ensure_future(self._wait(SETTLE_SECONDS))
        try:
            await asyncio.wait({words, bound}, return_when=asyncio.FIRST_COMPLETED)
            if not words.done():
                logger.warning(
                    "the last words of a meeting are not waited for any more",
                    extra={"meeting": meeting_id, "seconds": SETTLE_SECONDS},
                )
            return words.done()
        finally:
            words.cancel()
            bound.cancel()

    async def settle(self) -> None:
        """Wait until no meeting is being read."""
        await self._jobs.settled()

    async def close(self) -> None:
        """Give up what is being read; the next start takes it up."""
        await self._jobs.cancel()

    async def look_again(self, meeting_id: str) -> int:
        """Read a meeting because somebody asks for it; gives how much was new.

        Raises:
            Busy: the models cannot.
            Missing: there is no such meeting.
        """
        new = await self._review(meeting_id)
        await self._records.note_reading(meeting_id, Reading.DONE, None)
        return new

    async def _read(self, meeting: Meeting) -> None:
        note = None if await self.heard_out(meeting.id) else LATE
        try:
            new = await self._tried(meeting.id)
        except Missing:
            logger.info("a meeting was deleted before it was read", extra={"meeting": meeting.id})
            return
        except Busy as error:
            await self._unread(meeting, _why(error))
            return
        except Exception:
            await self._unread(meeting, FAULT)
            raise
        await self._records.note_reading(meeting.id, Reading.DONE, note)
        if new:
            what = "one more thing that may have been" if new == 1 else f"{new} more things that may have been"
            self._tell(meeting, "info", f"{meeting.title}: found {what} agreed. Have a look.")

    async def _tried(self, meeting_id: str) -> int:
        """Read, and again after each pause while the models cannot."""
        for pause in PAUSES:
            try:
                return await self._review(meeting_id)
            except Busy as error:
                logger.warning(
                    "a meeting is read later",
                    extra={"meeting": meeting_id, "seconds": pause, "error": str(error)},
                )
            await self._wait(pause)
        return await self._review(meeting_id)

    async def _unread(self, meeting: Meeting, why: str) -> None:
        logger.error("a meeting was not read as a whole", extra={"meeting": meeting.id, "why": why})
        await self._records.note_reading(meeting.id, Reading.FAILED, why)
        self._tell(meeting, "warning", f"{meeting.title} was not read as a whole: {why}. Its page can do it.")

    def _tell(self, meeting: Meeting, level: str, text: str) -> None:
        here = {person.id for person in self._office.room.in_zone(meeting.zone)}
        self._office.broadcast(m.Notice(level=level, text=text, link=f"/meetings/{meeting.id}"), only=here)


def _why(error: Busy) -> str:
    if isinstance(error.__cause__, BrokenProcessPool):
        return f"the models did not answer in {len(PAUSES) + 1} tries"
    return f"the models had too much to do in {len(PAUSES) + 1} tries"
