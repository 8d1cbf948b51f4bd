"""The Store on async SQLAlchemy: each transition is one transaction of the one writer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from sqlalchemy import RowMapping, delete, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection

from workflows.adapters import tables
from workflows.adapters.database import Database
from workflows.adapters.sql_rows import SqlRows
from workflows.audit import GENESIS, AuditEntry, first_fault, link
from workflows.effects import Announce
from workflows.errors import Conflict, StoreError
from workflows.run import HistoryEntry, Run
from workflows.store import Timer


class SqlTransaction:
    """One transaction of the engine. See `workflows.store.Transaction`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def run(self, run_id: str) -> Run | None:
        """Load a run."""
        return await _one_run(self._connection, tables.run.c.id == run_id)

    async def run_by_key(self, definition: str, key: str) -> Run | None:
        """Load the run that was started with this key."""
        return await _one_run(self._connection, tables.run.c.definition == definition, tables.run.c.key == key)

    async def has_event(self, run_id: str, key: str) -> bool:
        """Say whether the run has taken an event with this key."""
        event = tables.event.c
        found = await self._connection.execute(select(event.seq).where(event.run == run_id, event.key == key))
        return found.first() is not None

    async def definition(self, content_hash: str) -> Mapping[str, Any] | None:
        """Load the document of a definition by its content hash."""
        query = select(tables.definition.c.document).where(tables.definition.c.hash == content_hash)
        document: Mapping[str, Any] | None = (await self._connection.execute(query)).scalar()
        return document

    async def keep_definition(self, content_hash: str, name: str, document: Mapping[str, Any]) -> None:
        """Store the document of a definition; harmless where it is known."""
        values = {"hash": content_hash, "name": name, "document": document}
        await self._connection.execute(sqlite_insert(tables.definition).values(values).on_conflict_do_nothing())

    async def create(self, run: Run, entry: HistoryEntry) -> None:
        """Store a new run with the first entry of its history and of the audit."""
        await self._connection.execute(
            insert(tables.run).values(
                id=run.id,
                definition=run.definition,
                definition_hash=run.definition_hash,
                key=run.key,
                state=run.state,
                data=run.data,
                version=run.version,
                created_at=run.created_at,
                updated_at=run.updated_at,
            )
        )
        await self._record(run.definition, entry)

    async def advance(self, run: Run, entry: HistoryEntry) -> None:
        """Store the next version of a run, its history and audit entry.

        Raises:
            Conflict: the stored version is not the one before.
        """
        changed = await self._connection.execute(
            update(tables.run)
            .where(tables.run.c.id == run.id, tables.run.c.version == run.version - 1)
            .values(state=run.state, data=run.data, version=run.version, updated_at=run.updated_at)
        )
        if changed.rowcount != 1:
            actual = await self.run(run.id)
            raise Conflict(run.id, run.version - 1, actual.version if actual else 0)
        await self._record(run.definition, entry)

    async def add_effect(self, effect: Announce, at: datetime) -> None:
        """Put an effect into the outbox."""
        await self._connection.execute(
            insert(tables.effect).values(
                run=effect.run,
                seq=effect.version,
                kind="announce",
                data={"event": effect.event},
                at=at,
                settled=False,
            )
        )

    async def settle(self, run_id: str, version: int) -> None:
        """Mark the run's effects up to this version as carried out."""
        effect = tables.effect.c
        await self._connection.execute(
            update(tables.effect)
            .where(effect.run == run_id, effect.seq <= version, effect.settled.is_(False))
            .values(settled=True)
        )

    async def timer(self, run_id: str, name: str) -> Timer | None:
        """Load a timer."""
        timer = tables.timer.c
        query = select(tables.timer).where(timer.run == run_id, timer.name == name)
        row = (await self._connection.execute(query)).mappings().first()
        return None if row is None else Timer(**row)

    async def set_timer(self, timer: Timer) -> None:
        """Set or replace the run's timer of this name."""
        changes = {"at": timer.at, "event": timer.event, "fence": timer.fence}
        statement = sqlite_insert(tables.timer).values(run=timer.run, name=timer.name, **changes)
        await self._connection.execute(
            statement.on_conflict_do_update(index_elements=["run", "name"], set_=changes)
        )

    async def clear_timer(self, run_id: str, name: str) -> None:
        """Remove a timer, if there is one."""
        timer = tables.timer.c
        await self._connection.execute(delete(tables.timer).where(timer.run == run_id, timer.name == name))

    async def _record(self, definition: str, entry: HistoryEntry) -> None:
        await self._connection.execute(
            insert(tables.event).values(
                run=entry.run,
                seq=entry.seq,
                name=entry.event,
                actor=entry.actor,
                data=entry.data,
                key=entry.key,
                from_state=entry.from_state,
                to_state=entry.to_state,
                at=entry.at,
            )
        )
        audit = tables.audit
        query = select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)
        last = (await self._connection.execute(query)).first()
        made = link(
            seq=last.seq + 1 if last else 1,
            at=entry.at,
            actor=entry.actor,
            action=f"{definition}.{entry.event}",
            run=entry.run,
            version=entry.seq,
            data=entry.data,
            previous=last.hash if last else GENESIS,
        )
        await self._connection.execute(
            insert(audit).values({name: getattr(made, name) for name in AuditEntry.__slots__})
        )


class SqlStore:
    """Runs, history, effects and timers in one SQLite file. See `workflows.store.Store`.

    `rows` gives the plain tables beside them: people, meetings, invites, settings.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.rows = SqlRows(database)

    @classmethod
    async def open(cls, url: str | Path) -> Self:
        """Open or create the database; its schema is brought up to date.

        Args:
            url: a path, or `sqlite:///path`.

        Raises:
            StoreError: it cannot be used; the text says why and what to do.
        """
        return cls(await Database.open(_path(url)))

    async def close(self) -> None:
        """Close the database. Harmless when repeated."""
        await self._database.close()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[SqlTransaction]:
        """Open a transaction: committed at the end of the block, rolled back on any error."""
        async with self._database.write() as connection:
            yield SqlTransaction(connection)

    async def get(self, run_id: str) -> Run | None:
        """Load a run without a transaction."""
        async with self._database.read() as connection:
            return await _one_run(connection, tables.run.c.id == run_id)

    async def find(
        self, definition: str, *, matching: Mapping[str, str] | None = None, states: Sequence[str] = ()
    ) -> list[Run]:
        """List runs, oldest first, whose data has these texts and whose state is one of `states` (or any)."""
        run = tables.run.c
        query = select(tables.run).where(run.definition == definition).order_by(run.created_at, run.id)
        for name, value in (matching or {}).items():
            query = query.where(run.data[name].as_string() == value)
        if states:
            query = query.where(run.state.in_([str(state) for state in states]))
        async with self._database.read() as connection:
            return [_run(row) for row in (await connection.execute(query)).mappings()]

    async def history(self, run_id: str) -> list[HistoryEntry]:
        """List the transitions of a run, oldest first."""
        event = tables.event.c
        query = select(tables.event).where(event.run == run_id).order_by(event.seq)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).mappings()
            return [HistoryEntry(**{("event" if k == "name" else k): v for k, v in row.items()}) for row in rows]

    async def timers_due(self, now: datetime, limit: int) -> list[Timer]:
        """List timers that have rung, the most overdue first."""
        timer = tables.timer.c
        query = select(tables.timer).where(timer.at <= now.astimezone(UTC)).order_by(timer.at).limit(limit)
        async with self._database.read() as connection:
            return [Timer(**row) for row in (await connection.execute(query)).mappings()]

    async def next_timer(self) -> datetime | None:
        """Say when the next timer rings."""
        async with self._database.read() as connection:
            at: datetime | None = (await connection.execute(select(func.min(tables.timer.c.at)))).scalar()
            return at

    async def unsettled(self, limit: int) -> list[Announce]:
        """List effects that have not been carried out, oldest first."""
        effect = tables.effect.c
        query = (
            select(tables.effect)
            .where(effect.settled.is_(False))
            .order_by(effect.at, effect.run, effect.seq)
            .limit(limit)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).mappings()
            return [Announce(run=r["run"], version=r["seq"], event=r["data"]["event"]) for r in rows]

    async def audit(self) -> list[AuditEntry]:
        """List the audit chain, oldest first."""
        async with self._database.read() as connection:
            rows = (await connection.execute(select(tables.audit).order_by(tables.audit.c.seq))).mappings()
            return [AuditEntry(**row) for row in rows]

    async def audit_fault(self) -> int | None:
        """Give the seq of the first audit entry that was tampered with, or None where the chain holds."""
        return first_fault(await self.audit())


def _path(url: str | Path) -> Path:
    if isinstance(url, Path) or "://" not in url:
        return Path(url)
    try:
        parsed = make_url(url)
    except ArgumentError as fault:
        raise StoreError(f"{url!r} is no database address; write a path or sqlite:///path") from fault
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        raise StoreError(f"{url!r} cannot be used yet; this version keeps its data in SQLite: sqlite:///path")
    return Path(parsed.database)


async def _one_run(connection: AsyncConnection, *where: Any) -> Run | None:
    row = (await connection.execute(select(tables.run).where(*where))).mappings().first()
    return None if row is None else _run(row)


def _run(row: RowMapping) -> Run:
    return Run(**row)
