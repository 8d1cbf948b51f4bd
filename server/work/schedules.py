"""Schedules: runs that start by themselves; who may set that up, and what happens when one is due."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from server.errors import Missing, ServerError, Unacceptable
from server.identity import Session
from server.roles import Permission, require
from server.rows import Rows
from server.work.desk import Desk
from workflows.engine import OFFICE, Engine
from workflows.errors import StoreError, WorkflowError
from workflows.schedules import CatchUp, Schedule, ScheduleError, due, first_after, rule_of, upcoming

logger = logging.getLogger(__name__)

TABLE = "schedule"
MOST_SCHEDULES = 500
COMING = 3
"""So many of the next starts are shown."""


class NameTaken(ServerError):
    """There is a schedule of this name already."""

    code = "name_taken"
    status = 409
    title = "The name is taken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A schedule with what comes next."""

    schedule: Schedule
    coming: tuple[datetime, ...]


class Schedules:
    """Starts runs in time. Whoever rings timers rings these too, see `server.work.timers`."""

    def __init__(self, engine: Engine, rows: Rows, desk: Desk, wall: Callable[[], datetime]) -> None:
        """Nothing is started before `due` is called.

        Args:
            engine: starts runs.
            rows: the plain tables; the schedules among them.
            desk: knows what may be started with what.
            wall: the office's clock, aware.
        """
        self._engine, self._rows, self._desk, self._wall = engine, rows, desk, wall
        self._order = asyncio.Lock()
        self.on_change: Callable[[], None] = lambda: None
        """Told that something else may be due next."""

    # --- what people do with them --------------------------------------------------------------------------------

    async def all(self, session: Session) -> list[Planned]:
        """List schedules by name.

        Raises:
            Forbidden: they may not.
        """
        require(session.role, Permission.KEEP_SCHEDULES)
        return [self._planned(one) for one in await self._read()]

    async def add(self, session: Session, wish: Schedule) -> Planned:
        """Begin to start runs.

        Args:
            session: who wants it.
            wish: how; who made it and what is next are filled in.

        Raises:
            Forbidden: they may not.
            NameTaken: there is one of this name.
            Missing: there is no such definition.
            DoesNotFit: the data is not what the definition asks for.
            ScheduleError: how often, or where, cannot be read.
            Unacceptable: there are too many already.
        """
        require(session.role, Permission.KEEP_SCHEDULES)
        async with self._order:
            if len(await self._read()) >= MOST_SCHEDULES:
                raise Unacceptable(f"there are {MOST_SCHEDULES} schedules already; remove one that is not needed")
            data = await self._desk.fitting(wish.definition, wish.data)
            made = replace(self._begun(wish), data=data, created_by=session.person)
            if not await self._rows.add(TABLE, _row_of(made)):
                raise NameTaken(
                    f"there is a schedule {wish.name!r} already; choose another name, or change that one"
                )
        self.on_change()
        return self._planned(made)

    async def change(self, session: Session, name: str, changes: Mapping[str, Any]) -> Planned:
        """Change a schedule. One that goes on after a pause, or is timed anew, does not make up for anything.

        Raises:
            Forbidden: they may not.
            Missing: there is none of this name.
            DoesNotFit: the data is not what the definition asks for.
            ScheduleError: how often, or where, cannot be read.
        """
        require(session.role, Permission.KEEP_SCHEDULES)
        async with self._order:
            before = await self._one(name)
            after = replace(before, **changes)
            if after.data != before.data:
                after = replace(after, data=await self._desk.fitting(after.definition, after.data))
            timed = (before.every, before.timezone, before.paused) != (after.every, after.timezone, after.paused)
            if timed:
                after = self._begun(after)
            await self._rows.update(TABLE, _row_of(after), {"name": name})
        self.on_change()
        return self._planned(after)

    async def remove(self, session: Session, name: str) -> None:
        """Start no more of these; runs that were started go on.

        Raises:
            Forbidden: they may not.
            Missing: there is none of this name.
        """
        require(session.role, Permission.KEEP_SCHEDULES)
        async with self._order:
            await self._one(name)
            await self._rows.delete(TABLE, {"name": name})
        self.on_change()

    # --- what happens by itself ----------------------------------------------------------------------------------

    async def due(self, now: datetime) -> None:
        """Start all that is due. A crash in between starts nothing twice: each start has a key.

        Raises:
            StoreError: the database cannot be used; what is due stays so.
        """
        async with self._order:
            for schedule in await self._read():
                if not schedule.paused and schedule.next_at is not None and schedule.next_at <= now:
                    await self._start(schedule, now)

    async def next_due(self) -> datetime | None:
        """Say when `due` next has something to do, or None."""
        waiting = [one.next_at for one in await self._read() if not one.paused and one.next_at is not None]
        return min(waiting, default=None)

    async def _start(self, schedule: Schedule, now: datetime) -> None:
        trouble, last, next_at = "", schedule.last_at, None
        try:
            moment = due(schedule, rule_of(schedule.every, schedule.timezone), now)
            next_at = moment.next_at
            for at in moment.starts:
                data = await self._desk.fitting(schedule.definition, schedule.data)
                await self._engine.start(
                    schedule.definition,
                    data,
                    key=schedule.key(at),
                    actor=OFFICE,
                    now=now,
                    tenant=schedule.tenant,
                )
                last = at
        except StoreError:
            raise
        except (WorkflowError, ServerError) as fault:
            trouble = str(fault)
            logger.error("a schedule started nothing", extra={"schedule": schedule.name, "error": trouble})
        changes = {"next_at": next_at, "last_at": last, "trouble": trouble}
        await self._rows.update(TABLE, changes, {"name": schedule.name, "next_at": schedule.next_at})

    # --- rows ----------------------------------------------------------------------------------------------------

    def _begun(self, schedule: Schedule) -> Schedule:
        rule = rule_of(schedule.every, schedule.timezone)
        return replace(schedule, next_at=first_after(rule, self._wall()), trouble="")

    def _planned(self, schedule: Schedule) -> Planned:
        try:
            rule = rule_of(schedule.every, schedule.timezone)
        except ScheduleError:  # as where this machine does not know the time zone any more; `trouble` says so
            return Planned(schedule=schedule, coming=())
        return Planned(schedule=schedule, coming=tuple(upcoming(rule, schedule.next_at, COMING)))

    async def _read(self) -> list[Schedule]:
        return [_schedule_of(row) for row in await self._rows.select(TABLE, order=("name",))]

    async def _one(self, name: str) -> Schedule:
        rows = await self._rows.select(TABLE, {"name": name})
        if not rows:
            raise Missing(f"there is no schedule {name!r}; it may have been removed")
        return _schedule_of(rows[0])


def _row_of(schedule: Schedule) -> dict[str, Any]:
    return asdict(schedule) | {"catch_up": schedule.catch_up.value}


def _schedule_of(row: Mapping[str, Any]) -> Schedule:
    return Schedule(**{**row, "catch_up": CatchUp(row["catch_up"])})
