"""Engine: load, step, save and record effects, in one transaction a transition."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, TypeVar

from workflows.circles import Circles
from workflows.definition import Definition
from workflows.errors import Conflict, FunctionBroke, NotAllowed, NotFound, NotPossible
from workflows.gates import DECIDE, DELEGATE
from workflows.library import LIBRARY
from workflows.machine import DONE, FAILED, step
from workflows.operations import OPERATIONS, UPGRADE
from workflows.outbox import delay_after, jittered
from workflows.parts import Retry, Rules
from workflows.recording import OFFICE, Changes, Nobody, Recorder, Worker, found, new_id
from workflows.run import OVER, Data, Event, HistoryEntry, Run
from workflows.store import Claimed, Store, Timer, Transaction
from workflows.upgrade import prepared

__all__ = ["OFFICE", "Changes", "Engine", "Outcome", "Worker", "new_id"]

T = TypeVar("T")

TIMERS_A_ROUND = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a call did, after it was committed."""

    run: Run
    changed: bool
    """False where the call repeated what was already so; then nothing is to be announced."""


class Engine:
    """Moves runs. Every public call is one transaction; an answer means that it is on the disk.

    Args:
        store: where runs are kept.
        timezone: the office's; due days end at its midnight.
        library: the definitions that can be started, by name.
        rules: functions that older versions of definitions may name whose name is not in the library any more.
        ids: makes ids of new runs.
        worker: works on requests.
        lease_seconds: how long a request may be worked on without a sign of life.
    """

    def __init__(
        self,
        store: Store,
        *,
        timezone: tzinfo,
        library: Mapping[str, Definition] = LIBRARY,
        rules: Rules | None = None,
        ids: Callable[[], str] = new_id,
        worker: Worker | None = None,
        lease_seconds: float = 30.0,
    ) -> None:
        self._store = store
        self._recorder = Recorder(
            timezone=timezone,
            library=library,
            rules=rules or Rules(),
            ids=ids,
            worker=worker or Nobody(),
            lease_seconds=lease_seconds,
        )
        self._circles = Circles()
        self.listeners: list[Callable[[Changes], None]] = []
        """Told of what was committed, before the caller is."""

    @property
    def library(self) -> Mapping[str, Definition]:
        """The definitions that can be started, by name."""
        return self._recorder.library

    def put(self, definition: Definition) -> None:
        """Make a definition, or a new version of one, ready to be started; runs that go on follow their own."""
        self._recorder.library[definition.name] = definition
        self._recorder.by_hash[definition.content_hash()] = definition

    def take_out(self, name: str) -> None:
        """Let nobody start this definition any more; runs that go on follow it as before."""
        self._recorder.library.pop(name, None)

    def current(self, name: str) -> Definition:
        """Give the newest version of a definition.

        Raises:
            DefinitionError: there is none that can be started.
        """
        return self._recorder.current(name)

    def employ(self, worker: Worker) -> None:
        """Let somebody work on requests from now on."""
        self._recorder.worker = worker

    # --- moving runs --------------------------------------------------------------------------------------------

    async def start(
        self, definition: str, data: Data, *, key: str, actor: str, now: datetime, tenant: str = ""
    ) -> Outcome:
        """Start a run; the same key gives the same run again, never a second.

        Raises:
            DefinitionError: there is no such definition.
            FunctionBroke: a function of it failed on this data; nothing was started.
        """
        rules = self._recorder.current(definition)

        def work(tx: Transaction, changes: Changes) -> Outcome:
            known = tx.run_by_key(definition, key)
            if known is not None:
                return Outcome(run=known, changed=False)
            run = self._recorder.begin(tx, rules, key, data, actor, now, tenant, ("", "", 0), changes, 0)
            return Outcome(run=run, changed=True)

        outcome = await self._transact(work)
        self._recorder.kept.add(rules.content_hash())
        return outcome

    async def send(
        self,
        run_id: str,
        event: str,
        data: Data | None = None,
        *,
        actor: str,
        roles: Sequence[str] = (),
        expected_version: int | None = None,
        now: datetime,
        key: str | None = None,
        strict: bool = True,
    ) -> Outcome:
        """Send an event to a run.

        Args:
            run_id: the run.
            event: its name.
            data: JSON values.
            actor: who does it.
            roles: of the actor.
            expected_version: the version the actor saw; None to take whatever is there.
            now: aware.
            key: where given, a repeat with the same key changes nothing.
            strict: refuse an event that nothing waits for; else it is recorded as ignored.

        Raises:
            NotFound: there is no such run.
            Conflict: it is not in the expected version any more.
            NotAllowed: nothing waits for the event.
            FunctionBroke: a function of the definition failed; but for decisions, the run is stuck with the event.
            WorkflowError: the event cannot be taken as it is.
        """
        happened = Event(name=event, actor=actor, data=dict(data or {}), key=key, roles=tuple(roles))

        def work(tx: Transaction, changes: Changes) -> tuple[Outcome, FunctionBroke | None]:
            run = found(tx, run_id)
            if key is not None and tx.has_event(run_id, key):
                return Outcome(run=run, changed=False), None
            if expected_version is not None and expected_version != run.version:
                raise Conflict(run_id, expected_version, run.version)
            taken, broke = self._recorder.asked(tx, run, happened, now)
            if taken.refused and strict:
                possible = self._recorder.pinned(tx, run).events_from(run.state)
                raise NotAllowed(run_id, run.state, event, possible)
            self._recorder.apply(tx, taken, now, changes, 0)
            return Outcome(run=tx.run(run_id) or taken.run, changed=taken.entry is not None), broke

        outcome, broke = await self._transact(work, [run_id])
        if broke is not None:
            raise broke
        return outcome

    async def decide(
        self,
        run_id: str,
        task: str,
        decision: str,
        *,
        subject: str,
        form: Data | None = None,
        actor: str,
        roles: Sequence[str] = (),
        now: datetime,
        key: str | None = None,
    ) -> Outcome:
        """Decide a question; `subject` is the hash of what the actor saw. Raises as `send` does."""
        data = {"task": task, "decision": decision, "subject": subject, "form": dict(form or {})}
        return await self.send(run_id, DECIDE, data, actor=actor, roles=roles, now=now, key=key)

    async def delegate(
        self, run_id: str, task: str, to: str, *, actor: str, roles: Sequence[str] = (), now: datetime
    ) -> Outcome:
        """Put another person before a question. Raises as `send` does."""
        return await self.send(run_id, DELEGATE, {"task": task, "to": to}, actor=actor, roles=roles, now=now)

    async def operate(
        self, run_id: str, operation: str, *, reason: str, actor: str, now: datetime, **more: Any
    ) -> Outcome:
        """Move a run by hand: cancel, pause, resume, retry, skip, reassign or rewind, with a reason.

        Raises:
            NotPossible: there is no such operation, no reason, or it cannot be done now.
        """
        event = f"${operation}"
        if event not in OPERATIONS or event == UPGRADE:
            known = ", ".join(name[1:] for name in OPERATIONS if name != UPGRADE)
            raise NotPossible(run_id, operation, f"there is no such operation; known are {known}")
        if not reason.strip():
            raise NotPossible(run_id, operation, "say why: the reason is kept with it")
        data = {"reason": reason.strip(), **{name: value for name, value in more.items() if value is not None}}
        return await self.send(run_id, event, data, actor=actor, now=now)

    async def upgrade(
        self,
        run_id: str,
        *,
        renamed: Mapping[str, str] | None = None,
        reason: str = "",
        actor: str,
        now: datetime,
        dry: bool = False,
    ) -> Outcome:
        """Let a run follow the newest version of its definition.

        Args:
            run_id: the run.
            renamed: what states are called now, beside what the new version says itself.
            reason: why; kept with it.
            actor: who wants it.
            now: aware.
            dry: only look whether it could.

        Raises:
            CannotUpgrade: it cannot; all reasons.
        """

        def work(tx: Transaction, changes: Changes) -> Outcome:
            run = found(tx, run_id)
            newest = self._recorder.current(run.definition)
            if run.definition_hash == newest.content_hash() or run.status in OVER:
                return Outcome(run=run, changed=False)
            moved, event = prepared(self._recorder.pinned(tx, run), newest, run, renamed or {}, reason, actor)
            if dry:
                return Outcome(run=moved, changed=True)
            self._recorder.keep(tx, newest)
            taken = step(newest, moved, event, self._recorder.local(now))
            self._recorder.apply(tx, taken, now, changes, 0)
            return Outcome(run=tx.run(run_id) or taken.run, changed=True)

        return await self._transact(work, [run_id])

    # --- time ---------------------------------------------------------------------------------------------------

    async def due(self, now: datetime) -> list[Run]:
        """Let every timer ring whose time has come; give the runs that changed."""
        changed: list[Run] = []
        while timers := await self._store.timers_due(now, TIMERS_A_ROUND):
            for run in await self.ring(timers, now):
                changed.append(run)
        return changed

    async def ring(self, timers: Sequence[Timer], now: datetime) -> list[Run]:
        """Let timers ring that are due, all in one transaction; give the runs that changed.

        A run that rings without end is stuck instead, see `workflows.circles`.
        """
        circling = self._circles.found([timer.run for timer in timers], now)

        def work(tx: Transaction, changes: Changes) -> None:
            for timer in timers:
                self._recorder.ring(tx, timer, now, changes, circling=timer.run in circling)

        changes = Changes()
        await self._transact(work, [timer.run for timer in timers], changes)
        return list({run.id: run for run, _ in changes.moved}.values())

    async def timers_until(self, at: datetime, most: int) -> list[Timer]:
        """List timers that ring until then, the first to ring first."""
        return await self._store.timers_due(at, most)

    async def next_due(self) -> datetime | None:
        """Say when `due` next has something to do (UTC), or None."""
        return await self._store.next_timer()

    # --- requests -----------------------------------------------------------------------------------------------

    async def done(self, claimed: Claimed, result: Any, now: datetime) -> Outcome:
        """A connector did what it was asked to.

        Raises:
            Fenced: somebody else holds the lease, or the result is not wanted any more.
        """
        return await self._finish(claimed, "done", result, claimed.errors, DONE, {"result": result}, now)

    async def failed(
        self, claimed: Claimed, reason: str, now: datetime, *, final: bool = False, after: float = 0.0
    ) -> bool:
        """A connector could not do what it was asked to; say whether it is tried again.

        Args:
            claimed: the request.
            reason: why.
            now: aware.
            final: trying again would not help.
            after: seconds that the connector asks to be left alone, at least.

        Raises:
            Fenced: somebody else holds the lease, or the result is not wanted any more.
        """
        retry = Retry(**claimed.retry)
        errors = (*claimed.errors, {"at": now.astimezone(UTC).isoformat(), "reason": reason})
        if final or claimed.attempt >= retry.attempts:
            await self._finish(claimed, "failed", None, errors, FAILED, {"reason": reason}, now)
            return False
        wait = max(
            after, jittered(delay_after(retry, claimed.attempt), retry.jitter, f"{claimed.key}:{claimed.attempt}")
        )
        await self.hand_back(claimed, errors, now, now + timedelta(seconds=wait))
        return True

    async def hand_back(
        self, claimed: Claimed, errors: Sequence[Mapping[str, Any]], now: datetime, due: datetime
    ) -> None:
        """Put a request back into the outbox, until it is due."""

        def work(tx: Transaction, changes: Changes) -> None:
            tx.settle(claimed.lease, status="waiting", result=None, errors=errors, at=now, due=due)
            changes.waiting = True

        await self._transact(work)

    async def _finish(
        self,
        claimed: Claimed,
        status: str,
        result: Any,
        errors: Sequence[Mapping[str, Any]],
        family: str,
        data: Mapping[str, Any],
        now: datetime,
    ) -> Outcome:
        lease = claimed.lease
        event = Event(name=f"{family}{lease.name}", actor=OFFICE, data={"number": lease.number, **data})

        def work(tx: Transaction, changes: Changes) -> Outcome:
            run = found(tx, lease.run)
            tx.settle(lease, status=status, result=result, errors=errors, at=now, due=claimed.due)
            taken = self._recorder.take(tx, run, event, now)
            self._recorder.apply(tx, taken, now, changes, 0)
            return Outcome(run=taken.run, changed=taken.entry is not None)

        return await self._transact(work, [lease.run])

    # --- looking ------------------------------------------------------------------------------------------------

    async def get(self, run_id: str) -> Run:
        """Give a run.

        Raises:
            NotFound: there is no such run.
        """
        run = await self._store.get(run_id)
        if run is None:
            raise NotFound(run_id)
        return run

    async def history(self, run_id: str) -> list[HistoryEntry]:
        """List what happened to a run, oldest first; as long as its version says."""
        return await self._store.history(run_id)

    async def definition_of(self, run: Run) -> Definition:
        """Give the definition that a run is pinned to.

        Raises:
            DefinitionError: it was not kept.
        """
        known = self._recorder.by_hash.get(run.definition_hash)
        return (
            known if known is not None else await self._store.transact(lambda tx: self._recorder.pinned(tx, run))
        )

    # --- in the transaction -------------------------------------------------------------------------------------

    async def _transact(
        self, work: Callable[[Transaction, Changes], T], runs: Sequence[str] = (), changes: Changes | None = None
    ) -> T:
        changes = Changes() if changes is None else changes

        def attempt(tx: Transaction) -> T:
            self._forget(changes)
            return work(tx, changes)

        def settled(kept: bool) -> None:
            if not kept:
                self._forget(changes)
                return
            if changes.claimed:
                self._recorder.worker.given(changes.claimed)
            for listener in self.listeners:
                listener(changes)

        return await self._store.transact(attempt, runs=runs, settled=settled)

    def _forget(self, changes: Changes) -> None:
        """What was noted of an attempt that was not kept."""
        for claimed in changes.claimed:
            self._recorder.worker.release(claimed.tenant)
        changes.moved.clear()
        changes.claimed.clear()
        changes.timers.clear()
        changes.waiting = False
