"""Recording: what a step did, put into one transaction: the run, its effects, its children and its parent."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Protocol

from workflows.circles import REASON
from workflows.definition import Definition
from workflows.effects import (
    ChangeTask,
    ClearDeadline,
    CloseTask,
    OpenTask,
    Request,
    SetDeadline,
    StartChild,
    TellParent,
    Withdraw,
)
from workflows.errors import DefinitionError, FunctionBroke, NotFound, WorkflowError
from workflows.gates import GATES
from workflows.machine import FAILED, START, Step, arm, begin, fault_of, halt, step
from workflows.operations import CANCEL
from workflows.outbox import retry_values
from workflows.parts import Child, Rules
from workflows.run import OVER, Data, Event, HistoryEntry, Outcome, Run
from workflows.store import Claimed, Lease, Timer, Transaction

OFFICE = "office"
"""The actor of everything that happens by itself."""
DEEPEST = 20
"""So many runs may stand in one another."""


@dataclass(slots=True)
class Changes:
    """What a transaction did to runs, in order."""

    moved: list[tuple[Run, HistoryEntry]] = field(default_factory=list)
    claimed: list[Claimed] = field(default_factory=list)
    """Requests that this process is to work on at once."""
    timers: list[Timer] = field(default_factory=list)
    """Those that were set."""
    waiting: bool = False
    """Requests wait in the outbox for somebody to claim them."""


class Worker(Protocol):
    """Works on requests. Told of them as soon as they are kept, so that nobody has to ask the database."""

    @property
    def name(self) -> str:
        """Who holds the leases."""

    def reserve(self, tenant: str) -> bool:
        """Say whether there is room for one more request of this tenant, and keep it. Any thread may ask."""

    def release(self, tenant: str) -> None:
        """What was reserved is not needed. Any thread may tell."""

    def given(self, claimed: Sequence[Claimed]) -> None:
        """Work on these now."""


class Nobody:
    """Works on nothing: requests wait in the outbox."""

    name = ""

    def reserve(self, tenant: str) -> bool:
        """Never."""
        return False

    def release(self, tenant: str) -> None:
        """Nothing was reserved."""

    def given(self, claimed: Sequence[Claimed]) -> None:
        """Nothing is given."""


def new_id() -> str:
    """Make a random id for a run."""
    return uuid.uuid4().hex


class Recorder:
    """Knows the definitions, and writes what steps did."""

    def __init__(
        self,
        *,
        timezone: tzinfo,
        library: Mapping[str, Definition],
        rules: Rules,
        ids: Callable[[], str],
        worker: Worker,
        lease_seconds: float,
    ) -> None:
        """See `workflows.engine.Engine`."""
        self._timezone, self._rules, self._ids = timezone, rules, ids
        self.library = dict(library)
        self.by_hash = {d.content_hash(): d for d in library.values()}
        self.kept: set[str] = set()
        """Hashes of definitions that are surely in the store."""
        self.worker = worker
        self._lease = timedelta(seconds=lease_seconds)

    def begin(
        self,
        tx: Transaction,
        rules: Definition,
        key: str,
        data: Data,
        actor: str,
        now: datetime,
        tenant: str,
        parent: tuple[str, str, int],
        changes: Changes,
        depth: int,
    ) -> Run:
        taken = self._first(rules, key, data, actor, now, tenant, parent)
        self.keep(tx, rules)
        self.apply(tx, taken, now, changes, depth)
        return tx.run(taken.run.id) or taken.run

    def _first(
        self,
        rules: Definition,
        key: str,
        data: Data,
        actor: str,
        now: datetime,
        tenant: str,
        parent: tuple[str, str, int],
    ) -> Step:
        try:
            return begin(
                rules,
                run_id=self._ids(),
                key=key,
                data=data,
                actor=actor,
                now=self.local(now),
                tenant=tenant,
                parent=parent,
            )
        except WorkflowError:
            raise
        except Exception as fault:
            what_now = "nothing was started; correct the workflow, or what it is started with"
            raise FunctionBroke(rules.name, START, fault_of(rules, fault), what_now) from fault

    def keep(self, tx: Transaction, rules: Definition) -> None:
        if rules.content_hash() not in self.kept:
            tx.keep_definition(rules.content_hash(), rules.name, rules.to_document())

    def take(self, tx: Transaction, run: Run, event: Event, now: datetime) -> Step:
        """Let a run take what happened by itself; where it cannot, it is stuck, and keeps the event for later."""
        try:
            rules = self.pinned(tx, run)
        except DefinitionError as fault:
            # Its version names a function that is no more. What is over has nothing to lose by that.
            return (
                Step(run=run, outcome=Outcome.UNCHANGED)
                if run.status in OVER
                else halt(run, event, str(fault), "", now)
            )
        try:
            return step(rules, run, event, self.local(now))
        except Exception as fault:  # of a function that the definition names: its fault alone, and no other run's
            return halt(run, event, fault_of(rules, fault), rules.owner, now)

    def asked(self, tx: Transaction, run: Run, event: Event, now: datetime) -> tuple[Step, FunctionBroke | None]:
        """Let a run take what somebody did; where a function breaks, it is stuck as with what happens by itself.

        A decision is not kept for later: whoever made it looks at it again, when it can be made.

        Returns:
            What came of it; and what to tell whoever did it, once that is written.

        Raises:
            WorkflowError: the event cannot be taken as it is.
        """
        rules = self.pinned(tx, run)
        try:
            return step(rules, run, event, self.local(now)), None
        except WorkflowError:
            raise
        except Exception as fault:
            why = fault_of(rules, fault)
            if event.name in GATES:
                what_now = "nothing was decided; correct the workflow, then decide again"
                raise FunctionBroke(rules.name, event.name, why, what_now, run.id) from fault
            halted = halt(run, event, why, rules.owner, now)
            what_now = f"the run waits for {halted.run.steward}, who can have it tried again or skipped"
            broke = FunctionBroke(rules.name, event.name, why, what_now, run.id)
            broke.__cause__ = fault
            return halted, broke

    def apply(self, tx: Transaction, taken: Step, now: datetime, changes: Changes, depth: int) -> None:
        if taken.entry is None:
            return
        run = taken.run
        if taken.entry.seq == 1:
            tx.create(run, taken.entry)
        else:
            tx.advance(run, taken.entry)
        changes.moved.append((run, taken.entry))
        at = taken.entry.at
        for effect in taken.effects:
            match effect:
                case Request():
                    self._ask(tx, run, effect, now, changes)
                case SetDeadline():
                    self._set(tx, effect, run.version, changes)
                case ClearDeadline():
                    tx.clear_timer(effect.run, effect.name)
                case OpenTask():
                    tx.open_task(effect, definition=run.definition, at=at)
                case ChangeTask():
                    tx.change_task(effect)
                case CloseTask():
                    tx.close_task(effect, at)
                case Withdraw():
                    self._withdraw(tx, run, effect, now, changes, depth)
                case StartChild():
                    self._start_child(tx, run, effect, now, changes, depth)
                case TellParent():
                    event = Event(name=effect.event, actor=OFFICE, data=effect.data)
                    self._tell(tx, effect.parent, event, now, changes, depth)

    def _set(self, tx: Transaction, effect: SetDeadline, fence: int, changes: Changes) -> None:
        timer = Timer(run=effect.run, name=effect.name, at=effect.at, event=effect.event, fence=fence)
        changes.timers.append(timer)
        tx.set_timer(timer)

    def _ask(self, tx: Transaction, run: Run, request: Request, now: datetime, changes: Changes) -> None:
        at = now.astimezone(UTC)
        if not self.worker.reserve(run.tenant):
            tx.ask(request, tenant=run.tenant, at=at, lease=None)
            changes.waiting = True
            return
        lease = Lease(
            run=run.id,
            number=request.number,
            name=request.name,
            owner=self.worker.name,
            fence=1,
            until=at + self._lease,
        )
        tx.ask(request, tenant=run.tenant, at=at, lease=lease)
        changes.claimed.append(
            Claimed(
                lease=lease,
                action=request.action,
                params=request.params,
                timeout=request.timeout,
                tenant=run.tenant,
                attempt=1,
                errors=(),
                retry=retry_values(request.retry),
                due=at,
            )
        )

    def _withdraw(
        self, tx: Transaction, run: Run, effect: Withdraw, now: datetime, changes: Changes, depth: int
    ) -> None:
        work = self.pinned(tx, run).work.get(effect.name)
        if work is None or not isinstance(work[1], Child):
            tx.withdraw(effect.run, effect.number, effect.name, now)
            return
        child = tx.run_by_key(work[1].definition, child_key(run, effect.number, effect.name))
        if child is not None and child.status not in OVER:
            event = Event(name=CANCEL, actor=OFFICE, data={"reason": f"{run.id} does not want it any more"})
            self._tell(tx, child.id, event, now, changes, depth)

    def _start_child(
        self, tx: Transaction, run: Run, effect: StartChild, now: datetime, changes: Changes, depth: int
    ) -> None:
        rules = self.library.get(effect.definition)
        if rules is None:
            reason = f"there is no definition {effect.definition!r}"
        elif depth >= DEEPEST:
            reason = "runs are nested too deeply"
        else:
            key, parent = child_key(run, effect.number, effect.name), (run.id, effect.name, effect.number)
            try:
                first = self._first(rules, key, effect.data, run.started_by, now, run.tenant, parent)
            except WorkflowError as fault:  # it cannot begin with this data: its parent knows what to do
                reason = str(fault)
            else:
                self.keep(tx, rules)
                self.apply(tx, first, now, changes, depth + 1)
                return
        failed = Event(
            name=f"{FAILED}{effect.name}", actor=OFFICE, data={"number": effect.number, "reason": reason}
        )
        self._tell(tx, run.id, failed, now, changes, depth)

    def _tell(
        self, tx: Transaction, run_id: str, event: Event, now: datetime, changes: Changes, depth: int
    ) -> None:
        run = tx.run(run_id)
        if run is not None:
            self.apply(tx, self.take(tx, run, event, now), now, changes, depth + 1)

    def ring(self, tx: Transaction, timer: Timer, now: datetime, changes: Changes, *, circling: bool) -> None:
        current = tx.timer(timer.run, timer.name)
        if current is None or current.fence != timer.fence:
            return
        tx.clear_timer(timer.run, timer.name)
        run = tx.run(timer.run)
        if run is None:
            return
        event = Event(name=timer.event, actor=OFFICE, key=f"timer:{timer.name}:{timer.fence}")
        if circling:
            self.apply(tx, halt(run, event, REASON, self.pinned(tx, run).owner, now), now, changes, 0)
            return
        taken = self.take(tx, run, event, now)
        if taken.refused:  # rang too early, as after a change of the office's time zone: set it anew
            rules = self.pinned(tx, run)
            for effect in arm(rules, run, self.local(now)):
                if effect.name == timer.name and effect.at > now:
                    self._set(tx, effect, timer.fence, changes)
                    return
        self.apply(tx, taken, now, changes, 0)

    def current(self, definition: str) -> Definition:
        rules = self.library.get(definition)
        if rules is None:
            raise DefinitionError(definition, f"there is none; known are {', '.join(sorted(self.library))}")
        return rules

    def pinned(self, tx: Transaction, run: Run) -> Definition:
        """Give the definition that the run is pinned to, from the store where it is an older one."""
        known = self.by_hash.get(run.definition_hash)
        if known is not None:
            return known
        document = tx.definition(run.definition_hash)
        if document is None:
            reason = f"its version {run.definition_hash[:12]}, that of the run {run.id}, was not kept"
            raise DefinitionError(run.definition, reason)
        current = self.library.get(run.definition)
        older = Definition.from_document(document, current.rules if current else self._rules)
        self.by_hash[run.definition_hash] = older
        return older

    def local(self, now: datetime) -> datetime:
        """Bring an instant to the office's time zone."""
        return now.astimezone(self._timezone)


def found(tx: Transaction, run_id: str) -> Run:
    run = tx.run(run_id)
    if run is None:
        raise NotFound(run_id)
    return run


def child_key(run: Run, number: int, name: str) -> str:
    """The idempotency key of a run that belongs to another."""
    return f"{run.id}:{number}:{name}"
