"""Notary: signs roots over the audit while it grows, and writes them out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime

from server.audit.errors import RootsError
from server.audit.keys import SigningKey
from server.audit.roots_file import Last, RootsFile
from server.rows import Rows
from workflows.engine import Changes, Engine
from workflows.errors import StoreError
from workflows.roots import Root

logger = logging.getLogger(__name__)

ENTRIES = 1000
"""A root is signed after so many entries ..."""
SECONDS = 60.0
"""... or so long after the first that none covers, whichever comes first."""


class Notary:
    """Vouches for the audit of this office. One task; where nothing is recorded, it does nothing."""

    def __init__(
        self,
        engine: Engine,
        rows: Rows,
        key: SigningKey,
        file: RootsFile,
        wall: Callable[[], datetime],
        *,
        entries: int = ENTRIES,
        seconds: float = SECONDS,
    ) -> None:
        """Nothing is signed before `run`.

        Args:
            engine: tells what was recorded.
            rows: the plain tables; the audit and its head among them.
            key: signs.
            file: where roots go.
            wall: the office's clock, aware.
            entries: see `ENTRIES`.
            seconds: see `SECONDS`.
        """
        self._rows, self._key, self._file, self._wall = rows, key, file, wall
        self._entries, self._seconds = entries, seconds
        self._new = 0
        self._some, self._many = asyncio.Event(), asyncio.Event()
        self._turn = asyncio.Lock()
        self.trouble = ""
        """What keeps it from signing; empty: nothing."""
        engine.listeners.append(self._notice)

    async def run(self) -> None:
        """Sign until cancelled; at first what was recorded before and no root covers."""
        await self.sign()
        while True:
            await self._some.wait()
            try:
                async with asyncio.timeout(self._seconds):
                    await self._many.wait()
            except TimeoutError:
                pass  # few entries, but they have waited long enough
            await self.sign()

    async def sign(self) -> Root | None:
        """Sign a root over all there is, unless there is one; what keeps it from that is logged and kept."""
        async with self._turn:
            self._new = 0
            self._some.clear()
            self._many.clear()
            try:
                root = await self._sign()
            except (RootsError, StoreError) as fault:
                self._some.set()  # in a while it is tried again
                if self.trouble != str(fault):
                    logger.error("the audit is not signed", extra={"error": str(fault)})
                self.trouble = str(fault)
                return None
            self.trouble = ""
            return root

    async def _sign(self) -> Root | None:
        head = (await self._rows.select("audit_head", {"id": 1}))[0]
        last = await asyncio.to_thread(self._file.last)
        await self._check(last)
        if head["seq"] <= last.seq:
            return None
        if last.root is not None and last.root.key != self._key.public.id:
            logger.warning(
                "the audit is signed by another key from here on; keep the public key of before",
                extra={"before": last.root.key, "now": self._key.public.id},
            )
        root = self._key.signed(
            Root(
                number=last.root.number + 1 if last.root else 1,
                at=self._wall().astimezone(UTC),
                seq=head["seq"],
                hash=head["hash"],
                previous=last.link,
                key=self._key.public.id,
            )
        )
        await asyncio.to_thread(self._file.append, root)
        return root

    async def _check(self, last: Last) -> None:
        """Never sign an audit that contradicts what was signed before, nor behind a line that was not signed."""
        if last.root is None:
            return
        own = self._key.public
        if last.root.key == own.id and not own.made(last.root):
            raise RootsError(
                f"the last line of {self._file.path} does not bear this office's signature: it was changed. See "
                "what `atrium audit verify` says; bring the file back from a copy, or move it aside"
            )
        found = await self._rows.select("audit", {"seq": last.seq})
        if not found or found[0]["hash"] != last.root.hash:
            raise RootsError(
                f"the audit is not the one that root {last.root.number} in {self._file.path} vouches for; see "
                "what `atrium audit verify` says. If an older database is here on purpose, move the file aside"
            )

    def _notice(self, changes: Changes) -> None:
        if changes.moved:
            self._new += len(changes.moved)
            self._some.set()
            if self._new >= self._entries:
                self._many.set()
