"""The Store on SQLAlchemy: SQLite or PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Self, TypeVar

from sqlalchemy import ColumnElement, Connection, Row, String, and_, cast, func, or_, select, tuple_, update

from workflows.adapters import tables
from workflows.adapters.audit_reader import AuditReader
from workflows.adapters.database import Database
from workflows.adapters.erasing import erase_person
from workflows.adapters.json_text import compact
from workflows.adapters.run_rows import COLUMNS, history_of, run_of
from workflows.adapters.sql_rows import SqlRows
from workflows.adapters.statements import CLAIM, RENEW, RUN
from workflows.audit import AuditEntry, Fault, verify
from workflows.run import HistoryEntry, Run, Status
from workflows.store import (
    Claimed,
    HumanTask,
    Involved,
    Lease,
    RequestRecord,
    RunCount,
    RunFilter,
    Settled,
    Timer,
    Transaction,
)

T = TypeVar("T")

_READ_AT_ONCE = 10_000
"""Entries of the audit that are listed together."""


class SqlStore:
    """Runs and all that belongs to them. See `workflows.store.Store`.

    `rows` gives the plain tables beside them: people, meetings, invites, settings.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.rows = SqlRows(database)

    @classmethod
    async def open(cls, url: str | Path) -> Self:
        """Open or create the database; its schema is brought up to date.

        Args:
            url: a path, `sqlite:///path`, or `postgresql://...`.

        Raises:
            StoreError: it cannot be used; the text says why and what to do.
        """
        return cls(await Database.open(url))

    @property
    def database(self) -> Database:
        """What it is kept in."""
        return self._database

    async def close(self) -> None:
        """Close the database. Harmless when repeated."""
        await self._database.close()

    async def transact(
        self, work: Callable[[Transaction], T], *, runs: Sequence[str] = (), settled: Settled | None = None
    ) -> T:
        """Do a unit of work, and answer when it is on the disk."""
        return await self._database.transact(work, runs=runs, settled=settled)

    # --- runs ---------------------------------------------------------------------------------------------------

    async def get(self, run_id: str) -> Run | None:
        """Load a run."""
        row = await self._database.read(lambda connection: RUN.first(connection, {"id": run_id}))
        return None if row is None else run_of(row)

    async def find(
        self, wanted: RunFilter, *, limit: int | None = None, after: tuple[datetime, str] | None = None
    ) -> list[Run]:
        """List runs: oldest first, or with a limit those that changed last, from behind a place in that order."""
        run = tables.run.c
        query = select(*COLUMNS).where(*_conditions(wanted))
        if limit is None:
            query = query.order_by(run.created_at, run.id)
        else:
            query = query.order_by(run.updated_at.desc(), run.id.desc()).limit(limit)
            if after is not None:
                query = query.where(tuple_(run.updated_at, run.id) < tuple_(*after))
        return [run_of(row) for row in await self._all(query)]

    async def counts(self, wanted: RunFilter) -> list[RunCount]:
        """Count runs by definition, state and status, in this order."""
        run = tables.run.c
        same = (run.definition, run.state, run.status)
        query = (
            select(*same, func.count().label("runs")).where(*_conditions(wanted)).group_by(*same).order_by(*same)
        )
        return [RunCount(**row._mapping) for row in await self._all(query)]

    async def history(self, run_id: str) -> list[HistoryEntry]:
        """List the events of a run, oldest first."""
        event = tables.event.c
        query = select(tables.event).where(event.run == run_id).order_by(event.seq)
        return [history_of(row) for row in await self._all(query)]

    # --- questions to people ------------------------------------------------------------------------------------

    async def human_tasks(
        self, *, run: str = "", who: Sequence[str] = (), only_open: bool = False, limit: int = 1000
    ) -> list[HumanTask]:
        """List questions, oldest first: of a run, or before some people (`role:NAME`, `person:ID`)."""
        task, asked = tables.human_task, tables.asked
        query = select(task).order_by(task.c.opened_at, task.c.run, task.c.name).limit(limit)
        if run:
            query = query.where(task.c.run == run)
        if only_open:
            query = query.where(task.c.status == "open")
        if who:
            same = and_(asked.c.run == task.c.run, asked.c.number == task.c.number, asked.c.name == task.c.name)
            query = query.where(select(asked.c.run).where(same, asked.c.who.in_(list(who))).exists())
        return [_task_of(row) for row in await self._all(query)]

    # --- timers -------------------------------------------------------------------------------------------------

    async def timers_due(self, now: datetime, limit: int) -> list[Timer]:
        """List timers that have rung, the most overdue first."""
        timer = tables.timer.c
        query = select(tables.timer).where(timer.at <= now).order_by(timer.at).limit(limit)
        return [Timer(**row._mapping) for row in await self._all(query)]

    async def timers(self, run_id: str) -> list[Timer]:
        """List the timers of a run, the next first."""
        timer = tables.timer.c
        query = select(tables.timer).where(timer.run == run_id).order_by(timer.at)
        return [Timer(**row._mapping) for row in await self._all(query)]

    async def next_timer(self) -> datetime | None:
        """Say when the next timer rings."""
        at: datetime | None = await self._scalar(select(func.min(tables.timer.c.at)))
        return at

    # --- the outbox ---------------------------------------------------------------------------------------------

    async def requests(self, run_id: str) -> list[RequestRecord]:
        """List what connectors were asked to do for a run, oldest first."""
        request = tables.request.c
        query = select(tables.request).where(request.run == run_id).order_by(request.number, request.name)
        return [_request_of(row) for row in await self._all(query)]

    async def claim(self, owner: str, now: datetime, until: datetime, limits: Mapping[str, int]) -> list[Claimed]:
        """Take requests that are due to work on them, those of each tenant in order."""

        def work(connection: Connection) -> list[Claimed]:
            found: list[Claimed] = []
            for tenant, most in sorted(limits.items()):
                values = {"tenant": tenant, "now": now, "most": most, "by": owner, "until": until}
                found += sorted(map(_claimed, CLAIM.all(connection, values)), key=_by_age)
            return found

        return await self._database.write(work, forget=False) if limits else []

    async def waiting(self, now: datetime) -> Mapping[str, int]:
        """Say how many requests are due for each tenant, and nobody works on them."""
        request = tables.request.c
        query = (
            select(request.tenant, func.count().label("waiting"))
            .where(request.status == "waiting", request.due <= now)
            .group_by(request.tenant)
        )
        return {row.tenant: row.waiting for row in await self._all(query)}

    async def next_request(self) -> datetime | None:
        """Say when the next request is due that nobody works on."""
        request = tables.request.c
        due: datetime | None = await self._scalar(select(func.min(request.due)).where(request.status == "waiting"))
        return due

    async def renew(self, leases: Sequence[Lease], until: datetime) -> list[Lease]:
        """Keep leases for longer; gives those that are still held."""
        written = compact([[lease.run, lease.number, lease.name, lease.fence, lease.owner] for lease in leases])

        def work(connection: Connection) -> list[Lease]:
            held = set(RENEW.all(connection, {"leases": written, "until": until}))
            return [
                lease
                for lease in leases
                if (lease.run, lease.number, lease.name, lease.fence, lease.owner) in held
            ]

        return await self._database.write(work, forget=False) if leases else []

    async def release_dead(self, now: datetime, *, others: str | None = None) -> int:
        """Give back requests whose leases have run out; with `others`, those of everybody but this owner."""
        request = tables.request.c
        lost = request.lease_until < now if others is None else request.owner != others
        statement = (
            update(tables.request)
            .where(request.status == "running", lost)
            .values(status="waiting", lease_until=None, fence=request.fence + 1)
        )
        return await self._database.write(lambda connection: connection.execute(statement).rowcount, forget=False)

    # --- the audit ----------------------------------------------------------------------------------------------

    async def audit(self, *, after: int = 0, limit: int = _READ_AT_ONCE) -> list[AuditEntry]:
        """List entries of the audit chain, oldest first."""
        audit = tables.audit.c
        query = select(tables.audit).where(audit.seq > after).order_by(audit.seq).limit(limit)
        return [AuditEntry(**row._mapping) for row in await self._all(query)]

    async def audit_fault(self) -> Fault | None:
        """Give the first thing in the audit that does not hold, or None where the chain is whole."""
        return await self._database.read(lambda connection: verify(AuditReader(connection))[1])

    # --- people -------------------------------------------------------------------------------------------------

    async def erase_person(self, person: str) -> dict[str, int]:
        """Erase somebody from the database. See `workflows.adapters.erasing`."""

        def work(connection: Connection) -> dict[str, int]:
            found = erase_person(connection, person)
            self._database.empty_log()
            return found

        return await self._database.write(work)

    # --- asking -------------------------------------------------------------------------------------------------

    async def _all(self, query: Any) -> Sequence[Row[Any]]:
        return await self._database.read(lambda connection: connection.execute(query).all())

    async def _scalar(self, query: Any) -> Any:
        return await self._database.read(lambda connection: connection.execute(query).scalar())


def _conditions(wanted: RunFilter) -> list[ColumnElement[bool]]:
    run = tables.run.c
    found: list[ColumnElement[bool]] = []
    for column, values in (
        (run.definition, wanted.definitions),
        (run.state, wanted.states),
        (run.status, wanted.statuses),
    ):
        if values:
            found.append(column.in_([str(value) for value in values]))
    for name, value in wanted.matching.items():
        found.append(run.data[name].as_string() == value)
    for word in wanted.words.lower().split():
        plain = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        found.append(or_(run.words.like(f"%{plain}%", escape="\\"), cast(run.id, String) == word))
    if wanted.parent:
        found.append(run.parent == wanted.parent)
    if wanted.steward:
        found.append(run.steward == wanted.steward)
    if wanted.involves:
        found.append(involves(wanted.involves))
    return found


def involves(them: Involved) -> ColumnElement[bool]:
    """Give the condition on runs; each part of it has an index of its own, as most runs concern few people."""
    run, asked, event = tables.run.c, tables.asked.c, tables.event.c
    who = [f"person:{them.person}", *(f"role:{role}" for role in them.roles)]
    return or_(
        run.started_by == them.person,
        and_(run.status == Status.STUCK.value, run.steward.in_([them.person, *them.roles])),
        run.id.in_(select(asked.run).where(asked.who.in_(who))),
        run.id.in_(select(event.run).where(tables.decided, event.actor == them.person)),
    )


def _by_age(claimed: Claimed) -> tuple[datetime, str, int, str]:
    lease = claimed.lease
    return claimed.due, lease.run, lease.number, lease.name


def _claimed(row: tuple[Any, ...]) -> Claimed:
    run, number, name, owner, fence, until, action, params, timeout, tenant, attempt, errors, retry, due = row
    return Claimed(
        lease=Lease(run=run, number=number, name=name, owner=owner, fence=fence, until=until),
        action=action,
        params=params,
        timeout=timeout,
        tenant=tenant,
        attempt=attempt,
        errors=tuple(errors),
        retry=retry,
        due=due,
    )


def _task_of(row: Row[Any]) -> HumanTask:
    values = dict(row._mapping)
    for name in ("roles", "people", "barred"):
        values[name] = tuple(values[name])
    return HumanTask(**values)


def _request_of(row: Row[Any]) -> RequestRecord:
    known = row._mapping
    return RequestRecord(**{name: known[name] for name in RequestRecord.__slots__})
