"""Runs on Temporal's API: one workflow that hosts `step`, whatever the definition.

The definition is input of the workflow, so that a replay takes the same steps however definitions change later.
Calls are activities, deadlines are timers, events are updates and signals, children are child workflows. Histories
are kept short: now and then the run goes on in a new execution of the workflow.

This module needs a package named `temporalio`, or another that offers its API under that name.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from temporalio import activity, workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, ChildWorkflowError

with workflow.unsafe.imports_passed_through():
    from workflows.connector import Connector, Did, Refuse
    from workflows.definition import Definition
    from workflows.effects import ClearDeadline, OpenTask, Request, SetDeadline, StartChild, Withdraw
    from workflows.errors import NotAllowed, WorkflowError
    from workflows.library import LIBRARY
    from workflows.machine import DONE, FAILED, Step, begin, halt, step
    from workflows.operations import CANCEL
    from workflows.parts import Rules
    from workflows.run import OVER, Event
    from workflows.run_document import document_of, run_from

OFFICE = "office"
MOST_EVENTS = 500
"""After so many events a run goes on in a new execution, as soon as nothing is under way."""
RULES: dict[str, Rules] = {name: definition.rules for name, definition in LIBRARY.items()}
"""Functions that definitions may name, by the name of the definition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a workflow begins with: a new run, or one that goes on."""

    document: str
    """The definition as JSON text: payloads lose the order of maps, which counts in it."""
    timezone: str = "UTC"
    start: Mapping[str, Any] | None = None
    """Of a new run: `id`, `key`, `data`, `actor`, `tenant`."""
    run: Mapping[str, Any] | None = None
    """Of one that goes on, as `workflows.run_document` writes it."""
    timers: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Name -> when (ISO 8601) and event."""
    library: Mapping[str, str] = field(default_factory=dict)
    """Definitions of children, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallInput:
    """What an activity is asked to do."""

    action: str
    params: Mapping[str, Any]
    key: str


class Calls:
    """The activity of all calls: hands them to connectors."""

    def __init__(self, connectors: Mapping[str, Connector]) -> None:
        """Connectors by name."""
        self._connectors = connectors

    @activity.defn(name="atrium.call")
    async def call(self, wanted: CallInput) -> Any:
        """Do what a run asks for; what fails is tried again by the policy it came with."""
        name, _, verb = wanted.action.partition(".")
        connector = self._connectors.get(name)
        if connector is None:
            raise ApplicationError(f"there is no connector {name!r}", non_retryable=True)
        answer = await connector.call(verb, wanted.params, wanted.key)
        if isinstance(answer, Did):
            return answer.result
        raise ApplicationError(answer.reason, non_retryable=isinstance(answer, Refuse))


@workflow.defn(name="atrium.machine")
class Machine:
    """One run."""

    @workflow.init
    def __init__(self, wanted: Wanted) -> None:
        self._wanted, self._zone, self._library = wanted, ZoneInfo(wanted.timezone), wanted.library
        document = json.loads(wanted.document)
        self._rules = Definition.from_document(document, RULES.get(str(document["name"]), Rules()))
        self._timers: dict[str, tuple[datetime, str]] = {}
        self._under_way: dict[tuple[str, int], asyncio.Task[None]] = {}
        self._children: dict[tuple[str, int], Any] = {}
        self._tasks: dict[str, dict[str, Any]] = {}
        self._history: list[dict[str, Any]] = []
        self._keys: set[str] = set()
        self._taken = 0
        if wanted.run is not None:
            self._live = run_from(wanted.run)
            self._timers |= {
                name: (datetime.fromisoformat(at), event) for name, (at, event) in wanted.timers.items()
            }
            return
        assert wanted.start is not None, "a workflow begins with a new run or with one that goes on"
        start = wanted.start
        taken = begin(
            self._rules,
            run_id=start["id"],
            key=start["key"],
            data=start["data"],
            actor=start["actor"],
            tenant=start.get("tenant", ""),
            now=self._now(),
        )
        self._live = taken.run
        self._apply(taken)

    @workflow.run
    async def run(self, wanted: Wanted) -> dict[str, Any]:
        """Live until the run is over; gives it as JSON values."""
        while self._live.status not in OVER:
            await self._wait()
            if self._taken >= MOST_EVENTS and not self._under_way and not self._children:
                await workflow.wait_condition(workflow.all_handlers_finished)
                workflow.continue_as_new(self._on())
        await workflow.wait_condition(workflow.all_handlers_finished)
        return document_of(self._live)

    @workflow.update
    def send(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Take an event of somebody who waits for what comes of it.

        Args:
            event: `name`, `actor`, `data`, `roles`, `key`, `strict`, as `workflows.engine.Engine.send` has them.
        """
        key = event.get("key")
        if key is not None and key in self._keys:
            return {"changed": False, "run": document_of(self._live)}
        happened = Event(
            name=event["name"],
            actor=event["actor"],
            data=event.get("data") or {},
            roles=tuple(event.get("roles") or ()),
        )
        try:
            taken = step(self._rules, self._live, happened, self._now())
            if taken.refused and event.get("strict", True):
                raise NotAllowed(
                    self._live.id, self._live.state, happened.name, self._rules.events_from(self._live.state)
                )
        except WorkflowError as fault:
            raise ApplicationError(str(fault), type=fault.code, non_retryable=True) from fault
        if key is not None:
            self._keys.add(key)
        self._apply(taken)
        return {"changed": taken.entry is not None, "run": document_of(self._live)}

    @workflow.signal
    def tell(self, event: Mapping[str, Any]) -> None:
        """Take an event that nobody waits for."""
        self._take(Event(name=event["name"], actor=event["actor"], data=event.get("data") or {}))

    @workflow.query
    def state(self) -> dict[str, Any]:
        """Give the run, what people are asked, and what has happened."""
        return {"run": document_of(self._live), "tasks": dict(self._tasks), "history": list(self._history)}

    # --- what happens by itself ---------------------------------------------------------------------------------

    async def _wait(self) -> None:
        """Wait for the next timer, or for anything else that moves the run."""
        before = self._live.version
        due = min(self._timers.items(), key=lambda one: (one[1][0], one[0]), default=None)
        if due is None:
            await workflow.wait_condition(lambda: self._live.version != before)
            return
        name, (at, event) = due
        seconds = (at - self._now()).total_seconds()
        if seconds > 0:
            try:
                await workflow.wait_condition(
                    lambda: self._live.version != before, timeout=timedelta(seconds=seconds)
                )
                return
            except TimeoutError:
                pass
        if self._timers.get(name) == (at, event):
            del self._timers[name]
            self._take(Event(name=event, actor=OFFICE))

    def _take(self, event: Event) -> None:
        try:
            taken = step(self._rules, self._live, event, self._now())
        except WorkflowError as fault:
            taken = halt(self._live, event, str(fault), self._rules.owner, self._now())
        self._apply(taken)

    def _apply(self, taken: Step) -> None:
        if taken.entry is None:
            return
        self._live = taken.run
        self._taken += 1
        entry = taken.entry
        self._history.append(
            {
                "seq": entry.seq, "event": entry.event, "actor": entry.actor, "data": dict(entry.data),
                "from_state": entry.from_state, "to_state": entry.to_state, "at": entry.at.isoformat(),
                "outcome": entry.outcome.value,
            }
        )  # fmt: skip
        for effect in taken.effects:
            match effect:
                case Request():
                    self._under_way[effect.name, effect.number] = asyncio.create_task(self._call(effect))
                case StartChild():
                    self._under_way[effect.name, effect.number] = asyncio.create_task(self._raise_child(effect))
                case Withdraw():
                    self._withdraw(effect)
                case SetDeadline():
                    self._timers[effect.name] = (effect.at, effect.event)
                case ClearDeadline():
                    self._timers.pop(effect.name, None)
                case OpenTask():
                    self._tasks[effect.name] = {
                        "name": effect.name, "title": effect.title, "shown": dict(effect.shown),
                        "subject": effect.subject, "decisions": dict(effect.decisions),
                    }  # fmt: skip
                case _:
                    pass
        for name in [name for name in self._tasks if name not in taken.run.open]:
            del self._tasks[name]

    async def _call(self, request: Request) -> None:
        retry = request.retry
        try:
            result = await workflow.execute_activity(
                "atrium.call",
                CallInput(action=request.action, params=request.params, key=request.key),
                start_to_close_timeout=timedelta(seconds=request.timeout),
                retry_policy=RetryPolicy(
                    initial_interval=timedelta(seconds=retry.first),
                    backoff_coefficient=retry.factor,
                    maximum_interval=timedelta(seconds=max(retry.most, retry.first)),
                    maximum_attempts=retry.attempts,
                ),
            )
        except ActivityError as fault:
            data = {"number": request.number, "reason": str(fault.cause or fault)}
            self._ended(request.name, request.number, FAILED, data)
        else:
            self._ended(request.name, request.number, DONE, {"number": request.number, "result": result})

    async def _raise_child(self, wanted: StartChild) -> None:
        key = f"{self._live.id}:{wanted.number}:{wanted.name}"
        document = self._library.get(wanted.definition)
        if document is None:
            reason = f"there is no definition {wanted.definition!r}"
            self._ended(wanted.name, wanted.number, FAILED, {"number": wanted.number, "reason": reason})
            return
        live = self._live
        start = {"id": key, "key": key, "data": dict(wanted.data), "actor": live.started_by, "tenant": live.tenant}
        try:
            child = await workflow.start_child_workflow(
                "atrium.machine",
                Wanted(document=document, timezone=str(self._zone), start=start, library=self._library),
                id=key,
            )
            self._children[wanted.name, wanted.number] = child
            ended = await child
        except ChildWorkflowError as fault:
            data = {"number": wanted.number, "reason": str(fault.cause or fault)}
            self._ended(wanted.name, wanted.number, FAILED, data)
        else:
            data = {"number": wanted.number, "run": key, "result": ended["data"], "state": ended["state"]}
            cancelled = ended["status"] != "done"
            if cancelled:
                data = {"number": wanted.number, "run": key, "reason": "it was cancelled"}
            self._ended(wanted.name, wanted.number, FAILED if cancelled else DONE, data)
        finally:
            self._children.pop((wanted.name, wanted.number), None)

    def _ended(self, name: str, number: int, family: str, data: Mapping[str, Any]) -> None:
        self._under_way.pop((name, number), None)
        self._take(Event(name=f"{family}{name}", actor=OFFICE, data=data))

    def _withdraw(self, effect: Withdraw) -> None:
        child = self._children.get((effect.name, effect.number))
        if child is not None:
            event = {
                "name": CANCEL,
                "actor": OFFICE,
                "data": {"reason": f"{self._live.id} does not want it any more"},
            }
            task = asyncio.create_task(child.signal(Machine.tell, event))
            self._under_way[f"cancel {effect.name}", effect.number] = task
            task.add_done_callback(lambda _: self._under_way.pop((f"cancel {effect.name}", effect.number), None))
            return
        task_of_it = self._under_way.pop((effect.name, effect.number), None)
        if task_of_it is not None:
            task_of_it.cancel()

    def _on(self) -> Wanted:
        wanted = self._wanted
        timers = {name: (at.isoformat(), event) for name, (at, event) in self._timers.items()}
        return Wanted(
            document=wanted.document,
            timezone=wanted.timezone,
            run=document_of(self._live),
            timers=timers,
            library=wanted.library,
        )

    def _now(self) -> datetime:
        return workflow.now().astimezone(self._zone)
