"""What the engine needs of a database: units of work over runs, and questions about what is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar

from workflows.effects import ChangeTask, CloseTask, OpenTask, Request
from workflows.run import HistoryEntry, Run, states_in

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """A deadline that waits. `fence` is the run's version when it was set: it tells a stale one."""

    run: str
    name: str
    at: datetime
    event: str
    fence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to work on a request for a while, unless it is renewed. `fence` tells an old holder from a new."""

    run: str
    number: int
    name: str
    owner: str
    fence: int
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A request with the lease to work on it."""

    lease: Lease
    action: str
    params: Mapping[str, Any]
    timeout: float
    tenant: str
    attempt: int
    """Which one this is, from 1."""
    errors: tuple[Mapping[str, Any], ...]
    """What those before failed of: `at` (ISO 8601) and `reason`."""
    retry: Mapping[str, Any]
    due: datetime

    @property
    def key(self) -> str:
        """The same for every attempt: the connector's idempotency key."""
        return f"{self.lease.run}:{self.lease.number}:{self.lease.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class HumanTask:
    """A question to people, as it is kept."""

    run: str
    number: int
    name: str
    definition: str
    title: str
    roles: tuple[str, ...]
    people: tuple[str, ...]
    barred: tuple[str, ...]
    decisions: Mapping[str, int]
    shown: Mapping[str, Any]
    subject: str
    form: Mapping[str, Any] | None
    due: datetime | None
    votes: Mapping[str, str]
    status: str
    """`open`, `decided` or `withdrawn`."""
    decision: str
    decided_by: str
    opened_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRecord:
    """What a connector was asked to do, and what came of it."""

    run: str
    number: int
    name: str
    action: str
    params: Mapping[str, Any]
    status: str
    """`waiting`, `running`, `done`, `failed` or `withdrawn`."""
    due: datetime
    attempts: int
    result: Any
    errors: Sequence[Mapping[str, Any]]
    """What each attempt failed of: `at` (ISO 8601) and `reason`."""
    asked_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Involved:
    """Runs that somebody started, is asked in, decided in, or looks after while they are stuck."""

    person: str
    roles: tuple[str, ...] = ()
    """All that they have: questions and stuck runs of these are theirs, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCount:
    """So many runs of a definition are in the same state, and do equally well."""

    definition: str
    state: str
    """As `Run.state`."""
    status: str
    runs: int

    @property
    def states(self) -> tuple[str, ...]:
        """The innermost active states."""
        return states_in(self.state)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFilter:
    """Which runs are wanted; what is left empty does not matter."""

    definitions: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    """Exactly these, as `Run.state`."""
    statuses: tuple[str, ...] = ()
    words: str = ""
    """All of these words stand somewhere in the data."""
    matching: Mapping[str, str] = field(default_factory=dict)
    """Fields of the data that have exactly these texts."""
    parent: str = ""
    steward: str = ""
    involves: Involved | None = None


Settled = Callable[[bool], None]


class Transaction(Protocol):
    """One unit of work: all of it is kept, or none. What was written in it is seen by what follows in it."""

    def run(self, run_id: str) -> Run | None:
        """Load a run."""

    def run_by_key(self, definition: str, key: str) -> Run | None:
        """Load the run that was started with this key."""

    def has_event(self, run_id: str, key: str) -> bool:
        """Say whether the run has taken an event with this key."""

    def definition(self, content_hash: str) -> Mapping[str, Any] | None:
        """Load the document of a definition by its content hash."""

    def keep_definition(self, content_hash: str, name: str, document: Mapping[str, Any]) -> None:
        """Store the document of a definition; harmless where it is known."""

    def create(self, run: Run, entry: HistoryEntry) -> None:
        """Store a new run with the first entry of its history and of the audit."""

    def advance(self, run: Run, entry: HistoryEntry) -> None:
        """Store the next version of a run, its history and audit entry."""

    def timer(self, run_id: str, name: str) -> Timer | None:
        """Load a timer."""

    def set_timer(self, timer: Timer) -> None:
        """Set or replace the run's timer of this name."""

    def clear_timer(self, run_id: str, name: str) -> None:
        """Remove a timer, if there is one."""

    def ask(self, request: Request, *, tenant: str, at: datetime, lease: Lease | None) -> None:
        """Put a request into the outbox, at work already where a lease is given."""

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
        """Write back what came of a request; the unit fails with `Fenced` when the lease is not the newest one.

        Args:
            lease: under which it was worked on.
            status: `done`, `failed`, or `waiting` to be tried again when `due` has come.
            result: of a done one; JSON values.
            errors: what each attempt failed of, this one too.
            at: now.
            due: when it is to be tried again.
        """

    def withdraw(self, run_id: str, number: int, name: str, at: datetime) -> None:
        """A request is not wanted any more; one that is being worked on finishes unheard."""

    def open_task(self, task: OpenTask, *, definition: str, at: datetime) -> None:
        """Put a question before people."""

    def change_task(self, task: ChangeTask) -> None:
        """Note before whom it is now, and the votes."""

    def close_task(self, task: CloseTask, at: datetime) -> None:
        """Note how it was decided, or that it is not asked any more."""


class Store(Protocol):
    """Where runs are kept."""

    async def transact(
        self, work: Callable[[Transaction], T], *, runs: Sequence[str] = (), settled: Settled | None = None
    ) -> T:
        """Do a unit of work, and answer when it is on the disk.

        Args:
            work: reads and writes the transaction, and nothing else: it may be repeated.
            runs: those that it will surely ask for.
            settled: told whether it was kept, before the caller is, and also where that does not wait any more.

        Raises:
            StoreError: it could not be kept.
        """

    async def get(self, run_id: str) -> Run | None:
        """Load a run."""

    async def find(
        self, wanted: RunFilter, *, limit: int | None = None, after: tuple[datetime, str] | None = None
    ) -> list[Run]:
        """List runs: oldest first, or with a limit those that changed last, from behind a place in that order."""

    async def counts(self, wanted: RunFilter) -> list[RunCount]:
        """Count runs by definition, state and status, in this order."""

    async def history(self, run_id: str) -> list[HistoryEntry]:
        """List the events of a run, oldest first."""

    async def requests(self, run_id: str) -> list[RequestRecord]:
        """List what connectors were asked to do for a run, oldest first."""

    async def human_tasks(
        self, *, run: str = "", who: Sequence[str] = (), only_open: bool = False, limit: int = 1000
    ) -> list[HumanTask]:
        """List questions, oldest first: of a run, or before some people (`role:NAME`, `person:ID`)."""

    async def timers_due(self, now: datetime, limit: int) -> list[Timer]:
        """List timers that have rung, the most overdue first."""

    async def timers(self, run_id: str) -> list[Timer]:
        """List the timers of a run, the next first."""

    async def next_timer(self) -> datetime | None:
        """Say when the next timer rings."""

    async def claim(self, owner: str, now: datetime, until: datetime, limits: Mapping[str, int]) -> list[Claimed]:
        """Take requests that are due to work on them, those of each tenant in order.

        Args:
            owner: who works.
            now: aware.
            until: how long the leases hold.
            limits: how many for each tenant at most.
        """

    async def waiting(self, now: datetime) -> Mapping[str, int]:
        """Say how many requests are due for each tenant, and nobody works on them."""

    async def next_request(self) -> datetime | None:
        """Say when the next request is due that nobody works on."""

    async def renew(self, leases: Sequence[Lease], until: datetime) -> list[Lease]:
        """Keep leases for longer; gives those that are still held."""

    async def release_dead(self, now: datetime, *, others: str | None = None) -> int:
        """Give back requests whose leases have run out; with `others`, those of everybody but this owner."""
