"""Desk: what people do with runs: start them, send them events, move them by hand, answer what they ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from server.errors import Forbidden, Missing, Unacceptable
from server.identity import Session
from server.roles import Permission, Role, may, require, roles_down_to
from server.work.forms import checked
from server.work.sight import Sight
from server.work.versions import Plan, Wish, upgrade_all
from workflows.definition import Definition
from workflows.engine import Engine, Outcome
from workflows.errors import NotAllowed, NotPossible, WorkflowError
from workflows.library import INNER
from workflows.machine import step
from workflows.operations import OPERATIONS, UPGRADE
from workflows.run import OVER, Data, Event, Kind, Run, Status
from workflows.store import HumanTask, Store

OPERATION_NAMES = tuple(name[1:] for name in OPERATIONS if name != UPGRADE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question with the run that it belongs to."""

    task: HumanTask
    run: Run
    definition: Definition | None


class Desk:
    """Does things with runs for somebody. Refusals are errors with words for people."""

    def __init__(self, engine: Engine, store: Store, sight: Sight) -> None:
        """One engine with its store; `sight` says what somebody may see."""
        self._engine, self._store, self._sight = engine, store, sight

    # --- runs ----------------------------------------------------------------------------------------------------

    def startable(self) -> list[Definition]:
        """List what people may start, by title; what the office starts itself is not among it."""
        found = [one for name, one in self._engine.library.items() if name not in INNER]
        return sorted(found, key=lambda one: (one.title or one.name).casefold())

    async def start(self, session: Session, definition: str, data: Data, *, key: str, now: datetime) -> Run:
        """Start a run; the same key gives the same run again.

        Raises:
            Forbidden: they may not.
            Missing: there is no such definition.
            DoesNotFit: the data is not what the definition asks for.
        """
        require(session.role, Permission.START_RUNS)
        values = await self.fitting(definition, data)
        own = f"api:{session.person}:{key}"
        return (await self._engine.start(definition, values, key=own, actor=session.person, now=now)).run

    async def fitting(self, definition: str, data: Data) -> Data:
        """Give what a run is to start with, when it fits.

        Raises:
            Missing: there is no such definition.
            DoesNotFit: the data is not what the definition asks for.
        """
        rules = next((one for one in self.startable() if one.name == definition), None)
        if rules is None:
            raise Missing(f"there is no workflow {definition!r} to start; reload the page")
        return checked(rules.data, data, people=[one.id for one in await self._sight.deciders()])

    def may_signal(self, session: Session, run: Run) -> bool:
        """Events come from owners and from whoever started the run."""
        return may(session.role, Permission.OPERATE_RUNS) or run.started_by == session.person

    def signals(self, session: Session, run: Run, definition: Definition, now: datetime) -> list[str]:
        """List events that somebody may send a run as it is now, and that would do something.

        Args:
            session: who would.
            run: as it is.
            definition: that it follows.
            now: aware, in the office's time zone.
        """
        if run.status in OVER or not self.may_signal(session, run):
            return []
        return [
            name
            for name in definition.events_from(run.state)
            if run.status is Status.PAUSED or _does_something(definition, run, name, session, now)
        ]

    def may_operate(self, session: Session, run: Run) -> bool:
        """Owners move any run by hand, others a stuck one that they look after."""
        return may(session.role, Permission.OPERATE_RUNS) or self._sight.looks_after(session, run)

    async def signal(
        self,
        session: Session,
        run_id: str,
        event: str,
        data: Data,
        *,
        key: str,
        expected_version: int | None,
        now: datetime,
    ) -> Outcome:
        """Send an event to a run; the same key changes nothing again.

        Raises:
            Missing: there is no such run, or not for them.
            Forbidden: it is not theirs to send events to.
            NotAllowed: nothing waits for it, or only the office itself may send it.
        """
        run = await self._sight.run(session, run_id)
        if not self.may_signal(session, run):
            raise Forbidden("only the office's owner and whoever started this may send it events")
        definition = await self._sight.definition_of(run)
        if definition is not None and not _from_outside(definition, event):
            raise NotAllowed(run.id, run.state, event, definition.events_from(run.state))
        return await self._engine.send(
            run.id,
            event,
            data,
            actor=session.person,
            roles=roles_down_to(session.role),
            expected_version=expected_version,
            now=now,
            key=f"api:{session.person}:{key}",
        )

    async def operate(
        self,
        session: Session,
        run_id: str,
        operation: str,
        *,
        reason: str,
        more: Mapping[str, object],
        now: datetime,
    ) -> Outcome:
        """Move a run by hand.

        Raises:
            Missing: there is no such run, or not for them.
            Forbidden: it is not theirs to move.
            NotPossible: it cannot be moved so now.
        """
        run = await self._sight.run(session, run_id)
        if not self.may_operate(session, run):
            raise Forbidden("only the office's owner, or who looks after a stuck run, may move it by hand")
        to = more.get("to")
        if isinstance(to, str):
            await self._check_known(to, or_role=not more.get("task"))
        return await self._engine.operate(
            run.id, operation, reason=reason, actor=session.person, now=now, **dict(more)
        )

    def may_upgrade(self, session: Session, run: Run) -> bool:
        """Owners, while there is a newer version of what the run follows."""
        newest = self._engine.library.get(run.definition)
        older = newest is not None and run.status not in OVER and run.definition_hash != newest.hash
        return older and may(session.role, Permission.OPERATE_RUNS)

    async def upgrade(
        self, session: Session, run_id: str, *, renamed: Mapping[str, str], reason: str, now: datetime
    ) -> Outcome:
        """Let a run follow the newest version of its workflow.

        Raises:
            Missing: there is no such run, or not for them.
            Forbidden: it is not theirs to move.
            CannotUpgrade: it cannot; all reasons.
            DefinitionError: its workflow is not there any more.
        """
        run = await self._sight.run(session, run_id)
        self._require_reason(session, run.id, reason)
        return await self._engine.upgrade(
            run.id, renamed=renamed, reason=reason.strip(), actor=session.person, now=now
        )

    async def upgrade_all(
        self, session: Session, name: str, *, renamed: Mapping[str, str], reason: str, dry: bool, now: datetime
    ) -> Plan:
        """Let all open runs of a workflow follow its newest version, or none where one cannot.

        Raises:
            Missing: there is no such workflow.
            Forbidden: they are not theirs to move.
        """
        self._require_reason(session, name, reason)
        if name not in self._engine.library:
            raise Missing(f"there is no workflow {name!r}")
        wish = Wish(name=name, renamed=renamed, reason=reason.strip(), actor=session.person, dry=dry)
        return await upgrade_all(self._engine, self._store, wish, now)

    @staticmethod
    def _require_reason(session: Session, what: str, reason: str) -> None:
        if not may(session.role, Permission.OPERATE_RUNS):
            raise Forbidden("only the office's owner may move runs to a newer version of their workflow")
        if not reason.strip():
            raise NotPossible(what, "upgrade", "say why: the reason is kept with it")

    def operations(self, run: Run) -> list[str]:
        """List what may be done with a run by hand as it is now."""
        failed = any(one.failed for one in run.open.values())
        asked = any(one.kind is Kind.ASK for one in run.open.values())
        over = run.status in OVER
        paused, stuck = run.status is Status.PAUSED, run.status is Status.STUCK
        possible = {
            "retry": not over and (failed or (stuck and bool(run.held))),
            "skip": not over and (failed or (stuck and bool(run.held))),
            "pause": not over and not paused,
            "resume": paused,
            "reassign": not over and (asked or stuck),
            "rewind": not over or not run.parent,
            "cancel": not over and not run.cancelling,
        }
        return [name for name, may_be in possible.items() if may_be]

    # --- questions -----------------------------------------------------------------------------------------------

    async def inbox(self, session: Session) -> list[Asked]:
        """List open questions before somebody, oldest first; without those that they may not decide.

        Raises:
            Forbidden: nobody asks them.
        """
        require(session.role, Permission.DECIDE)
        who = [f"person:{session.person}", *(f"role:{role}" for role in roles_down_to(session.role))]
        tasks = await self._store.human_tasks(who=who, only_open=True)
        theirs = [task for task in tasks if session.person not in task.barred]
        runs = {run_id: await self._store.get(run_id) for run_id in {task.run for task in theirs}}
        return [
            Asked(task=task, run=run, definition=await self._sight.definition_of(run))
            for task in theirs
            if (run := runs[task.run]) is not None
        ]

    async def decide(
        self,
        session: Session,
        run_id: str,
        task: str,
        decision: str,
        *,
        subject: str,
        form: Data,
        key: str,
        now: datetime,
    ) -> Outcome:
        """Decide a question; the same key changes nothing again.

        Raises:
            Missing: there is no such question, or not for them.
            DoesNotFit: the form is not filled in as it should be.
            NotYours: it is not theirs to decide.
            Outdated: what they saw is not what stands there now.
            NotAllowed: it is not asked any more.
        """
        asked = await self._question(session, run_id, task)
        if asked.status == "open" and asked.form is not None:
            form = checked(asked.form, form, people=[one.id for one in await self._sight.deciders()])
        return await self._engine.decide(
            run_id,
            task,
            decision,
            subject=subject,
            form=form,
            actor=session.person,
            roles=roles_down_to(session.role),
            now=now,
            key=f"api:{session.person}:{key}",
        )

    async def delegate(self, session: Session, run_id: str, task: str, to: str, *, now: datetime) -> Outcome:
        """Put another person before a question.

        Raises:
            Missing: there is no such question, or not for them.
            Unacceptable: the other is not known here, or may not decide.
            NotYours: it is not theirs to pass on, or the other may not decide it.
        """
        await self._question(session, run_id, task)
        await self._check_known(to)
        return await self._engine.delegate(
            run_id, task, to, actor=session.person, roles=roles_down_to(session.role), now=now
        )

    async def _question(self, session: Session, run_id: str, task: str) -> HumanTask:
        """The newest question of this name."""
        require(session.role, Permission.DECIDE)
        await self._sight.run(session, run_id)
        found = [one for one in await self._store.human_tasks(run=run_id) if one.name == task]
        if not found:
            raise Missing("there is no such question; reload the page")
        return max(found, key=lambda one: one.number)

    async def _check_known(self, to: str, *, or_role: bool = False) -> None:
        if or_role and to in set(Role):
            return
        if to not in {one.id for one in await self._sight.deciders()}:
            raise Unacceptable("this office does not know that person, or they may not decide; choose another")


def _does_something(definition: Definition, run: Run, name: str, session: Session, now: datetime) -> bool:
    event = Event(name=name, actor=session.person, roles=roles_down_to(session.role))
    try:
        return not step(definition, run, event, now).refused
    except WorkflowError:
        return True  # it needs data


def _from_outside(definition: Definition, event: str) -> bool:
    """Whether people may send an event: results, decisions and deadlines come of themselves."""
    return "." not in event and "$" not in event and event not in {d.event for d in definition.deadlines}
