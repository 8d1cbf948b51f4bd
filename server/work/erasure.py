"""Erasure: somebody is erased, by a run that is recorded; what waits for them goes to whoever asked for it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from server.errors import Missing, Unacceptable
from server.identity import Identity, Session
from server.recordings import RecordingError, Recordings
from server.records import Person, Records
from server.roles import Permission, Role, require
from server.rows import Rows
from workflows.connector import Answer, Did, Refuse, TryAgain
from workflows.engine import Engine
from workflows.errors import NotPossible
from workflows.library.erasure import ERASURE
from workflows.run import Run, Status
from workflows.store import RunFilter, Store

logger = logging.getLogger(__name__)

CONNECTOR = "people"
_REASON = "who was to do it was erased"

Erase = Callable[[str], Awaitable[dict[str, int]]]
"""Erases somebody from the database."""


async def _nobody(person: Person) -> None:
    """Nobody is here who could be told."""


class Erasure:
    """Fulfils `workflows.connector.Connector`: does what runs of `erasure` ask for."""

    def __init__(
        self,
        engine: Engine,
        store: Store,
        rows: Rows,
        records: Records,
        identity: Identity,
        erase: Erase,
        wall: Callable[[], datetime],
        *,
        recordings: Recordings | None = None,
    ) -> None:
        """Prepare.

        Args:
            engine: moves what waits for somebody.
            store: knows it.
            rows: the plain tables.
            records: know people.
            identity: refuses those who are erased.
            erase: erases somebody from the database, as a whole.
            wall: the office's clock, aware.
            recordings: sound that is kept.
        """
        self._engine, self._store, self._rows = engine, store, rows
        self._records, self._identity, self._erase, self._wall = records, identity, erase, wall
        self._recordings = recordings
        self.on_erase: Callable[[Person], Awaitable[None]] = _nobody
        """Told before somebody is erased: whoever is in the office goes, and what it remembers of them too."""
        self.on_erased: Callable[[], Awaitable[None]] | None = None
        """Told afterwards: what is shown of runs may have changed."""

    async def begin(self, session: Session, person: str) -> Run:
        """Have somebody erased; their sessions end at once. Asked for again, it is the same run.

        Raises:
            Forbidden: they may not.
            Unacceptable: they want to erase themselves.
            Missing: the office does not know that person.
        """
        require(session.role, Permission.ERASE_PEOPLE)
        if person == session.person:
            raise Unacceptable("nobody erases themselves: another owner of this office has to do it")
        if await self._records.person(person) is None:
            raise Missing(f"this office does not know {person!r}, or they were erased already")
        now = self._wall()
        await self._identity.refuse(person, now=now)
        outcome = await self._engine.start(
            ERASURE.name, {"person": person}, key=f"erase:{person}", actor=session.person, now=now
        )
        return outcome.run

    async def call(self, verb: str, params: Mapping[str, Any], key: str) -> Answer:
        """Erase somebody; a repeat finds nothing more to do."""
        if verb != "erase":
            return Refuse(reason=f"people cannot be asked to {verb!r}; it is `people.erase`")
        id, by = str(params["person"]), str(params["by"])
        person = await self._records.person(id)
        if person is not None:
            await self.on_erase(person)
        passed = await self._pass_on(id, by)
        try:
            sound = await self._delete_sound(id)
        except RecordingError as fault:
            return TryAgain(reason=str(fault))
        found = await self._erase(id)
        if self.on_erased is not None:
            await self.on_erased()
        return Did(result=found | {"sound": sound, "passed_on": passed})

    async def _pass_on(self, person: str, by: str) -> int:
        """Put what only they could do before whoever has them erased, or another owner."""
        passed = 0
        heirs = [by, *(one.id for one in await self._records.people() if one.role is Role.OWNER and one.id != by)]
        heirs = [one for one in heirs if one != person]
        for task in await self._store.human_tasks(who=[f"person:{person}"], only_open=True):
            if not task.roles and set(task.people) == {person}:
                passed += await self._reassign(task.run, by, heirs, task=task.name)
        for run in await self._store.find(RunFilter(steward=person)):
            if run.status is Status.STUCK:
                passed += await self._reassign(run.id, by, heirs)
        return passed

    async def _reassign(self, run_id: str, by: str, heirs: Sequence[str], **more: str) -> bool:
        """Give it to the first of some who may do it."""
        for heir in heirs:
            now = self._wall()
            try:
                await self._engine.operate(run_id, "reassign", reason=_REASON, actor=by, now=now, to=heir, **more)
            except NotPossible as fault:  # as where they asked for it themselves, or it is over by now
                logger.info("a question cannot go to somebody", extra={"run": run_id, "reason": str(fault)})
                continue
            return True
        logger.warning("what somebody was to do is left with nobody; reassign it", extra={"run": run_id})
        return False

    async def _delete_sound(self, person: str) -> int:
        if self._recordings is None:
            return 0
        spoken = await self._rows.select("utterance", {"speaker": person})
        gone = 0
        for row in spoken:
            gone += await asyncio.to_thread(self._recordings.remove, row["meeting"], row["id"])
        return gone
