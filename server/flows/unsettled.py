"""Which utterances of which meetings are not settled: they are spoken, or their words are not kept yet."""

from __future__ import annotations

import asyncio


class Unsettled:
    """Tells when the last words of a meeting are known."""

    def __init__(self) -> None:
        self._meetings: dict[str, str | None] = {}
        self._ended = asyncio.Event()

    def begin(self, utterance: str, meeting: str | None) -> None:
        """An utterance of a meeting, by its id; None: it is not known yet of which, so that every one waits."""
        self._meetings[utterance] = meeting
        self._ended.set()

    def end(self, utterance: str) -> None:
        """Its words are kept, or there will be none."""
        self._meetings.pop(utterance, None)
        self._ended.set()

    async def settled(self, meeting: str) -> None:
        """Wait until none of a meeting is left."""
        while any(one in (meeting, None) for one in self._meetings.values()):
            self._ended.clear()
            await self._ended.wait()
