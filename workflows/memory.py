"""A store in memory: for rehearsals and tests, gone with the process; see `workflows.store.Store`.

What it gives is what a database would give: JSON values are written and read again, so that what is none is
refused here too. Its coroutines never wait for anything: `workflows.at_once.finished` runs them to their end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from workflows.gates import DECIDE
from workflows.memory_draft import Draft
from workflows.memory_kept import Kept, Wish, piece_of
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
from workflows.words import words_of

T = TypeVar("T")


class MemoryStore:
    """Runs and all that belongs to them, in memory. Fulfils `workflows.store.Store`."""

    def __init__(self) -> None:
        """Nothing is kept yet."""
        self._kept = Kept()

    async def transact(
        self, work: Callable[[Transaction], T], *, runs: Sequence[str] = (), settled: Settled | None = None
    ) -> T:
        """Do a unit of work: all of it is kept, or none."""
        seen, kept = self._kept.over(), False
        try:
            result = work(Draft(seen))
            self._kept.take(seen)
            kept = True
        finally:
            if settled is not None:
                settled(kept)
        return result

    # --- runs ---------------------------------------------------------------------------------------------------

    async def get(self, run_id: str) -> Run | None:
        """Load a run."""
        return self._kept.runs.get(run_id)

    async def find(
        self, wanted: RunFilter, *, limit: int | None = None, after: tuple[datetime, str] | None = None
    ) -> list[Run]:
        """List runs: oldest first, or with a limit those that changed last, from behind a place in that order."""
        found = self._wanted(wanted)
        if limit is None:
            return sorted(found, key=lambda run: (run.created_at, run.id))
        found.sort(key=lambda run: (run.updated_at, run.id), reverse=True)
        return [run for run in found if after is None or (run.updated_at, run.id) < after][:limit]

    async def counts(self, wanted: RunFilter) -> list[RunCount]:
        """Count runs by definition, state and status, in this order."""
        found = Counter((run.definition, run.state, run.status.value) for run in self._wanted(wanted))
        return [
            RunCount(definition=definition, state=state, status=status, runs=runs)
            for (definition, state, status), runs in sorted(found.items())
        ]

    def _wanted(self, wanted: RunFilter) -> list[Run]:
        them = wanted.involves
        return [
            run
            for run in self._kept.runs.values()
            if _is_wanted(run, wanted) and (them is None or self._involves(run, them))
        ]

    def _involves(self, run: Run, them: Involved) -> bool:
        who = {f"person:{them.person}", *(f"role:{role}" for role in them.roles)}
        return (
            run.started_by == them.person
            or (run.status is Status.STUCK and run.steward in {them.person, *them.roles})
            or any(
                task.run == run.id and task.status == "open" and not who.isdisjoint(_before(task))
                for task in self._kept.tasks.values()
            )
            or any(
                entry.event == DECIDE and entry.actor == them.person
                for (id, _), entry in self._kept.history.items()
                if id == run.id
            )
        )

    async def history(self, run_id: str) -> list[HistoryEntry]:
        """List the events of a run, oldest first."""
        run = self._kept.runs.get(run_id)
        return [self._kept.history[run_id, seq] for seq in range(1, (run.version if run else 0) + 1)]

    # --- questions to people ------------------------------------------------------------------------------------

    async def human_tasks(
        self, *, run: str = "", who: Sequence[str] = (), only_open: bool = False, limit: int = 1000
    ) -> list[HumanTask]:
        """List questions, oldest first: of a run, or before some people (`role:NAME`, `person:ID`)."""
        wanted = set(who)
        found = [
            task
            for task in self._kept.tasks.values()
            if (not run or task.run == run)
            and (not only_open or task.status == "open")
            and (not wanted or (task.status == "open" and not wanted.isdisjoint(_before(task))))
        ]
        return sorted(found, key=lambda task: (task.opened_at, task.run, task.name))[:limit]

    # --- timers -------------------------------------------------------------------------------------------------

    async def timers_due(self, now: datetime, limit: int) -> list[Timer]:
        """List timers that have rung, the most overdue first."""
        return [timer for timer in self._timers() if timer.at <= now][:limit]

    async def timers(self, run_id: str) -> list[Timer]:
        """List the timers of a run, the next first."""
        return [timer for timer in self._timers() if timer.run == run_id]

    async def next_timer(self) -> datetime | None:
        """Say when the next timer rings."""
        return min((timer.at for timer in self._timers()), default=None)

    def _timers(self) -> list[Timer]:
        return sorted((timer for timer in self._kept.timers.values() if timer), key=lambda timer: timer.at)

    # --- the outbox ---------------------------------------------------------------------------------------------

    async def requests(self, run_id: str) -> list[RequestRecord]:
        """List what connectors were asked to do for a run, oldest first."""
        found = [wish.record for wish in self._kept.wishes.values() if wish.record.run == run_id]
        return sorted(found, key=lambda record: (record.number, record.name))

    async def claim(self, owner: str, now: datetime, until: datetime, limits: Mapping[str, int]) -> list[Claimed]:
        """Take requests that are due to work on them, those of each tenant in order."""
        found: list[Claimed] = []
        for tenant, limit in sorted(limits.items()):
            due = [wish for wish in self._waiting() if wish.tenant == tenant and wish.record.due <= now]
            due.sort(key=lambda wish: (wish.record.due, *piece_of(wish.record)))
            for wish in due[:limit]:
                taken = replace(
                    wish,
                    owner=owner,
                    fence=wish.fence + 1,
                    lease_until=until,
                    record=replace(wish.record, status="running", attempts=wish.record.attempts + 1),
                )
                self._kept.wishes[piece_of(wish.record)] = taken
                found.append(_claimed(taken, until))
        return found

    async def waiting(self, now: datetime) -> Mapping[str, int]:
        """Say how many requests are due for each tenant, and nobody works on them."""
        counts: dict[str, int] = {}
        for wish in self._waiting():
            if wish.record.due <= now:
                counts[wish.tenant] = counts.get(wish.tenant, 0) + 1
        return counts

    async def next_request(self) -> datetime | None:
        """Say when the next request is due that nobody works on."""
        return min((wish.record.due for wish in self._waiting()), default=None)

    async def renew(self, leases: Sequence[Lease], until: datetime) -> list[Lease]:
        """Keep leases for longer; gives those that are still held."""
        held = []
        for lease in leases:
            wish = self._kept.wishes.get((lease.run, lease.number, lease.name))
            if wish is not None and wish.fits(lease) and wish.owner == lease.owner:
                self._kept.wishes[piece_of(wish.record)] = replace(wish, lease_until=until)
                held.append(lease)
        return held

    async def release_dead(self, now: datetime, *, others: str | None = None) -> int:
        """Give back requests whose leases have run out; with `others`, those of everybody but this owner."""
        running = [wish for wish in self._kept.wishes.values() if wish.record.status == "running"]
        if others is None:
            lost = [wish for wish in running if wish.lease_until is not None and wish.lease_until < now]
        else:
            lost = [wish for wish in running if wish.owner != others]
        for wish in lost:
            record = replace(wish.record, status="waiting")
            back = replace(wish, record=record, fence=wish.fence + 1, lease_until=None)
            self._kept.wishes[piece_of(record)] = back
        return len(lost)

    def _waiting(self) -> list[Wish]:
        return [wish for wish in self._kept.wishes.values() if wish.record.status == "waiting"]


def _before(task: HumanTask) -> Iterable[str]:
    """Before whom a question is."""
    yield from (f"role:{role}" for role in task.roles)
    yield from (f"person:{person}" for person in task.people)


def _claimed(wish: Wish, until: datetime) -> Claimed:
    record = wish.record
    return Claimed(
        lease=Lease(
            run=record.run,
            number=record.number,
            name=record.name,
            owner=wish.owner,
            fence=wish.fence,
            until=until,
        ),
        action=record.action,
        params=record.params,
        timeout=wish.timeout,
        tenant=wish.tenant,
        attempt=record.attempts,
        errors=tuple(record.errors),
        retry=wish.retry,
        due=record.due,
    )


def _is_wanted(run: Run, wanted: RunFilter) -> bool:
    for value, some in (
        (run.definition, wanted.definitions),
        (run.state, wanted.states),
        (run.status.value, [str(one) for one in wanted.statuses]),
    ):
        if some and value not in some:
            return False
    if any(run.data.get(name) != value for name, value in wanted.matching.items()):
        return False
    words = wanted.words.lower().split()
    text = words_of(run.data) if words else ""
    if not all(word in text or word == run.id for word in words):
        return False
    return wanted.parent in ("", run.parent) and wanted.steward in ("", run.steward)
