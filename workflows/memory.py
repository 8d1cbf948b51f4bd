"""A store in memory: for rehearsals and tests, gone with the process; see `workflows.store.Store`.

What it gives is what a database would give: JSON values are written and read again, so that what is none is
refused here too. Its coroutines never wait for anything: `finished` runs them to their end at once.
"""

from __future__ import annotations

import json
from collections import ChainMap, Counter
from collections.abc import Callable, Coroutine, Iterable, Mapping, MutableMapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from workflows.effects import ChangeTask, CloseTask, OpenTask, Request
from workflows.errors import Fenced, StoreError
from workflows.gates import DECIDE
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

_Piece = tuple[str, int, str]
"""Run, number and name of a request or a question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """A request with what only those know who work on it."""

    record: RequestRecord
    tenant: str
    timeout: float
    retry: Mapping[str, Any]
    owner: str = ""
    fence: int = 0
    lease_until: datetime | None = None

    def fits(self, lease: Lease) -> bool:
        """Whether this lease is the newest one, and somebody works on it."""
        return self.record.status == "running" and self.fence == lease.fence


@dataclass(slots=True)
class _Kept:
    """All that is kept, or all that one piece of work changes of it."""

    runs: MutableMapping[str, Run] = field(default_factory=dict)
    by_key: MutableMapping[tuple[str, str], str] = field(default_factory=dict)
    history: MutableMapping[tuple[str, int], HistoryEntry] = field(default_factory=dict)
    """By run and place, from 1."""
    events: MutableMapping[tuple[str, str], int] = field(default_factory=dict)
    """Those with a key: (run, key) -> place in the history."""
    definitions: MutableMapping[str, Mapping[str, Any]] = field(default_factory=dict)
    timers: MutableMapping[tuple[str, str], Timer | None] = field(default_factory=dict)
    wishes: MutableMapping[_Piece, _Wish] = field(default_factory=dict)
    tasks: MutableMapping[_Piece, HumanTask] = field(default_factory=dict)

    def over(self) -> _Kept:
        """What is kept as it looks to a piece of work, which writes beside it."""
        return _Kept(*(ChainMap({}, table) for table in self._tables()))

    def take(self, work: _Kept) -> None:
        """Keep what a piece of work wrote."""
        for own, seen in zip(self._tables(), work._tables(), strict=True):
            assert isinstance(seen, ChainMap)
            own.update(seen.maps[0])

    def _tables(self) -> list[Any]:
        return [getattr(self, name) for name in self.__slots__]


class MemoryStore:
    """Runs and all that belongs to them, in memory. Fulfils `workflows.store.Store`."""

    def __init__(self) -> None:
        """Nothing is kept yet."""
        self._kept = _Kept()

    async def transact(
        self, work: Callable[[Transaction], T], *, runs: Sequence[str] = (), settled: Settled | None = None
    ) -> T:
        """Do a unit of work: all of it is kept, or none."""
        seen, kept = self._kept.over(), False
        try:
            result = work(_Draft(seen))
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
            due.sort(key=lambda wish: (wish.record.due, *_piece(wish.record)))
            for wish in due[:limit]:
                taken = replace(
                    wish,
                    owner=owner,
                    fence=wish.fence + 1,
                    lease_until=until,
                    record=replace(wish.record, status="running", attempts=wish.record.attempts + 1),
                )
                self._kept.wishes[_piece(wish.record)] = taken
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
                self._kept.wishes[_piece(wish.record)] = replace(wish, lease_until=until)
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
            self._kept.wishes[_piece(record)] = back
        return len(lost)

    def _waiting(self) -> list[_Wish]:
        return [wish for wish in self._kept.wishes.values() if wish.record.status == "waiting"]


class _Draft:
    """A piece of work. See `workflows.store.Transaction`."""

    def __init__(self, seen: _Kept) -> None:
        self._seen = seen

    def run(self, run_id: str) -> Run | None:
        """Load a run."""
        return self._seen.runs.get(run_id)

    def run_by_key(self, definition: str, key: str) -> Run | None:
        """Load the run that was started with this key."""
        known = self._seen.by_key.get((definition, key))
        return None if known is None else self.run(known)

    def has_event(self, run_id: str, key: str) -> bool:
        """Say whether the run has taken an event with this key."""
        return (run_id, key) in self._seen.events

    def definition(self, content_hash: str) -> Mapping[str, Any] | None:
        """Load the document of a definition by its content hash."""
        return self._seen.definitions.get(content_hash)

    def keep_definition(self, content_hash: str, name: str, document: Mapping[str, Any]) -> None:
        """Store the document of a definition; harmless where it is known."""
        self._seen.definitions.setdefault(content_hash, _read_again(document))

    def create(self, run: Run, entry: HistoryEntry) -> None:
        """Store a new run with the first entry of its history."""
        self._seen.by_key[run.definition, run.key] = run.id
        self.advance(run, entry)

    def advance(self, run: Run, entry: HistoryEntry) -> None:
        """Store the next version of a run, and its history."""
        self._seen.runs[run.id] = replace(run, data=_read_again(run.data))
        self._seen.history[run.id, entry.seq] = replace(entry, data=_read_again(entry.data))
        if entry.key is not None:
            self._seen.events[run.id, entry.key] = entry.seq

    def timer(self, run_id: str, name: str) -> Timer | None:
        """Load a timer."""
        return self._seen.timers.get((run_id, name))

    def set_timer(self, timer: Timer) -> None:
        """Set or replace the run's timer of this name."""
        self._seen.timers[timer.run, timer.name] = replace(timer, at=timer.at.astimezone(UTC))

    def clear_timer(self, run_id: str, name: str) -> None:
        """Remove a timer, if there is one."""
        self._seen.timers[run_id, name] = None

    def ask(self, request: Request, *, tenant: str, at: datetime, lease: Lease | None) -> None:
        """Put a request into the outbox, at work already where a lease is given."""
        record = RequestRecord(
            run=request.run,
            number=request.number,
            name=request.name,
            action=request.action,
            params=_read_again(request.params),
            status="running" if lease else "waiting",
            due=at,
            attempts=1 if lease else 0,
            result=None,
            errors=[],
            asked_at=at,
            ended_at=None,
        )
        self._seen.wishes[_piece(record)] = _Wish(
            record=record,
            tenant=tenant,
            timeout=request.timeout,
            retry=asdict(request.retry),
            owner=lease.owner if lease else "",
            fence=lease.fence if lease else 0,
            lease_until=lease.until if lease else None,
        )

    def settle(
        self,
        lease: Lease,
        *,
        status: str,
        result: Any,
        errors: Sequence[Mapping[str, Any]],
        at: datetime,
        due: datetime,
    ) -> None:
        """Write back what came of a request. See `workflows.store.Transaction.settle`."""
        wish = self._seen.wishes.get((lease.run, lease.number, lease.name))
        if wish is None or not wish.fits(lease):
            raise Fenced(lease.name)
        record = replace(
            wish.record,
            status=status,
            result=_read_again(result),
            errors=_read_again(list(errors)),
            due=due.astimezone(UTC),
            ended_at=None if status == "waiting" else at.astimezone(UTC),
        )
        self._seen.wishes[_piece(record)] = replace(wish, record=record, lease_until=None)

    def withdraw(self, run_id: str, number: int, name: str, at: datetime) -> None:
        """A request is not wanted any more; one that is being worked on finishes unheard."""
        wish = self._seen.wishes.get((run_id, number, name))
        if wish is not None and wish.record.status in ("waiting", "running"):
            record = replace(wish.record, status="withdrawn", ended_at=at.astimezone(UTC))
            self._seen.wishes[_piece(record)] = replace(wish, record=record, lease_until=None)

    def open_task(self, task: OpenTask, *, definition: str, at: datetime) -> None:
        """Put a question before people."""
        self._seen.tasks[task.run, task.number, task.name] = HumanTask(
            run=task.run,
            number=task.number,
            name=task.name,
            definition=definition,
            title=task.title,
            roles=task.roles,
            people=task.people,
            barred=task.barred,
            decisions=dict(task.decisions),
            shown=_read_again(task.shown),
            subject=task.subject,
            form=_read_again(task.form),
            due=task.due,
            votes={},
            status="open",
            decision="",
            decided_by="",
            opened_at=at,
            closed_at=None,
        )

    def change_task(self, task: ChangeTask) -> None:
        """Note before whom it is now, and the votes."""
        self._change(task, roles=task.roles, people=task.people, votes=dict(task.votes))

    def close_task(self, task: CloseTask, at: datetime) -> None:
        """Note how it was decided, or that it is not asked any more."""
        self._change(
            task,
            status="decided" if task.decision else "withdrawn",
            decision=task.decision,
            decided_by=task.by,
            closed_at=at.astimezone(UTC),
            votes=dict(task.votes),
        )

    def _change(self, task: ChangeTask | CloseTask, **values: Any) -> None:
        key = (task.run, task.number, task.name)
        self._seen.tasks[key] = replace(self._seen.tasks[key], **values)


def _piece(record: RequestRecord) -> _Piece:
    return record.run, record.number, record.name


def _read_again(value: Any) -> Any:
    """Write JSON and read it, as a database does; raises TypeError or ValueError for what is none."""
    return json.loads(json.dumps(value))


def _before(task: HumanTask) -> Iterable[str]:
    """Before whom a question is."""
    yield from (f"role:{role}" for role in task.roles)
    yield from (f"person:{person}" for person in task.people)


def _claimed(wish: _Wish, until: datetime) -> Claimed:
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


def finished(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end that never waits, as those of an engine on this store; give what it gives.

    Raises:
        StoreError: it waits for something.
    """
    try:
        work.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    work.close()
    raise StoreError("something had to be waited for; only what runs on a store in memory can be run at once")
