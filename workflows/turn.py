"""Turn: one event taken to its end: which transitions are taken, what is left, entered, begun and withdrawn.

Run to completion as in SCXML (W3C Recommendation of 2015, appendix D): the event's transitions, then those without
an event, then those of events raised meanwhile, until nothing is left to do. What is done in a state begins only
then, and only in states that are still active.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from workflows.audit import digest
from workflows.checks import assignment, matches
from workflows.choosing import domain, left_by, without_conflicts
from workflows.deadlines import running
from workflows.definition import Definition
from workflows.effects import (
    ClearDeadline,
    CloseTask,
    Effect,
    OpenTask,
    Request,
    SetDeadline,
    StartChild,
    Withdraw,
)
from workflows.erased import NOBODY
from workflows.errors import Endless
from workflows.expressions import compile_expression, fill
from workflows.parts import UNDO, USUAL_TIMEOUT, Ask, Call, Child, Retry, State, Transition
from workflows.run import OVER, Data, Doing, Event, Kind, Open, Run, Status
from workflows.timers import Timers

MOST_MICROSTEPS = 1000
"""More transitions than this from one event: the definition turns in a circle."""
OWNER = "owner"
"""The role that looks after what nobody else does."""


class Turn:
    """The run while an event is taken; `result` gives the next run."""

    def __init__(self, definition: Definition, run: Run, event: Event, now: datetime) -> None:
        """Begin with the run as it is; `now` is aware, in the office's time zone."""
        self.definition, self.chart, self.event, self.now = definition, definition.chart, event, now
        self.current = event
        """The event that is looked at: the one that came, then those that are raised meanwhile."""
        self.run = run
        self.number = run.version + 1
        self.active: set[str] = set()
        for leaf in run.states if run.state else ():
            self.active.update(self.chart.line[leaf])
        self.data: dict[str, Any] = dict(run.data)
        self.open: dict[str, Open] = dict(run.open)
        self.undo: list[Doing] = list(run.undo)
        self.status, self.trouble, self.steward = run.status, run.trouble, run.steward
        self.cancelling = run.cancelling
        self.held: list[Event] = list(run.held)
        self.effects: list[Effect] = []
        self.moved = False
        """Whether any transition was taken."""
        self._inside: list[str] | None = list(run.states) if run.state else []
        """The innermost active states; None when they have to be found."""
        self._timers = Timers(definition, run.id, self.deadlines())
        self._raised: deque[Event] = deque()
        self._entered: dict[str, None] = {}
        self._microsteps = 0

    # --- events --------------------------------------------------------------------------------------------------

    def take(self, event: Event) -> bool:
        """Take an event and all that follows from it; say whether any transition was for it."""
        self.current = event
        enabled = self._enabled(event)
        self._microstep(enabled)
        self.settle()
        return bool(enabled)

    def settle(self) -> None:
        """Take what needs no event from outside, until nothing is left; then begin what is to be done.

        A run that is being taken back moves no more.
        """
        while self.status not in OVER and not self.cancelling:
            enabled = self._enabled(None)
            if enabled:
                self._microstep(enabled)
            elif self._raised:
                self.current = self._raised.popleft()
                self._microstep(self._enabled(self.current))
            elif self._entered:
                self._begin_work()
            else:
                break

    def raise_(self, name: str, data: Data | None = None) -> None:
        """Put an event behind those that were raised before."""
        self._raised.append(Event(name=name, actor=self.event.actor, data=dict(data or {})))

    def enter(self, target: str) -> None:
        """Enter a state although no transition leads there; used at the start and when a run is moved by hand."""
        self._enter(self.chart.entered(target, ""))

    def leave_all(self) -> None:
        """Leave everything that is active."""
        self._leave(list(self.active))
        self._timers.note(self.active)

    # --- transitions ---------------------------------------------------------------------------------------------

    def _enabled(self, event: Event | None) -> list[Transition]:
        """Choose transitions: for each active leaf the innermost that is enabled, without those in conflict."""
        chosen: list[Transition] = []
        for leaf in self._leaves():
            found = self._innermost(leaf, event)
            if found is not None and found not in chosen:
                chosen.append(found)
        return chosen if len(chosen) < 2 else without_conflicts(self.chart, self.active, chosen)

    def _innermost(self, leaf: str, event: Event | None) -> Transition | None:
        for state in reversed(self.chart.line[leaf]):
            for transition in self.definition.by_source[state]:
                fits = not transition.event if event is None else matches(transition.event, event.name)
                if fits and all(self._agrees(guard) for guard in transition.guards):
                    return transition
        return None

    def _agrees(self, guard: str) -> bool:
        known = self.definition.rules.guards.get(guard)
        if known is not None:
            return known(self.data, self.current, self.now)
        return bool(compile_expression(guard)(self._names()))

    def _microstep(self, transitions: list[Transition]) -> None:
        if not transitions:
            return
        self._microsteps += 1
        if self._microsteps > MOST_MICROSTEPS:
            raise Endless(self.run.id, self.definition.name)
        self.moved = True
        self._leave(set[str]().union(*(left_by(self.chart, self.active, one) for one in transitions)))
        for transition in transitions:
            self._change(transition.changes)
            for name in transition.raises:
                self.raise_(name, self.current.data)
        ways = [self.chart.entered(one.target, domain(self.chart, one)) for one in transitions if one.target]
        self._enter(self.chart.sorted(set[str]().union(*ways)))
        self._timers.note(self.active)

    def _leave(self, states: Iterable[str]) -> None:
        for name in reversed(self.chart.sorted(states)):
            state = self.definition.by_name[name]
            self._change(state.exit)
            self.active.discard(name)
            self._inside = None
            self._entered.pop(name, None)
            for one in state.work:
                self.withdraw(one.name)
            if state.undoes:
                self.withdraw(UNDO)

    def _enter(self, states: Iterable[str]) -> None:
        for name in states:
            state = self.definition.by_name[name]
            self.active.add(name)
            self._inside = None
            self._entered[name] = None
            self._change(state.entry)
            if state.final:
                self._ended(state)

    def _ended(self, state: State) -> None:
        """A final state was entered: its parent is done, and what that completes."""
        if not state.parent:
            self.over(Status.DONE)
            return
        self.raise_(f"done.state.{state.parent}")
        above = self.definition.by_name[state.parent].parent
        while above in self.chart.parallel and self._is_done(above):
            self.raise_(f"done.state.{above}")
            above = self.definition.by_name[above].parent

    def _is_done(self, state: str) -> bool:
        children = self.chart.children[state]
        if state in self.chart.parallel:
            return all(self._is_done(child) for child in children)
        return any(child in self.active and self.definition.by_name[child].final for child in children)

    def over(self, status: Status) -> None:
        """End the run: nothing is awaited any more."""
        self.withdraw_all()
        self.status, self.trouble, self.steward = status, "", ""
        self._entered.clear()
        self._raised.clear()
        self.held.clear()

    # --- data ----------------------------------------------------------------------------------------------------

    def _change(self, changes: Iterable[str]) -> None:
        for change in changes:
            known = self.definition.rules.changes.get(change)
            if known is not None:
                self.data = dict(known(self.data, self.current, self.now))
                continue
            set_to = assignment(change)
            assert set_to is not None, "checked when the definition was built"
            self.data[set_to[0]] = compile_expression(set_to[1])(self._names())

    def _names(self) -> Mapping[str, Any]:
        event = {**self.current.data, "name": self.current.name, "by": self.current.actor}
        return {**self._work_names(), "event": event}

    def _work_names(self) -> Mapping[str, Any]:
        return {"data": self.data, "run": self.run.facts()}

    # --- what is done in states ----------------------------------------------------------------------------------

    def _begin_work(self) -> None:
        entered = [self.definition.by_name[name] for name in self.chart.sorted(self._entered)]
        self._entered.clear()
        for state in entered:
            for one in state.work:
                self.begin(one)
            if state.undoes:
                self.take_back()

    def begin(self, one: Call | Ask | Child) -> None:
        """Begin a call, question or child, or begin it anew."""
        self.withdraw(one.name)
        names = self._work_names()
        match one:
            case Call():
                self._request(one.name, Kind.CALL, one.action, fill(one.params, names), one.retry, one.timeout)
            case Ask():
                self._open_task(one, names)
            case _:
                self.open[one.name] = Open(kind=Kind.CHILD, number=self.number)
                self.effects.append(
                    StartChild(
                        run=self.run.id,
                        name=one.name,
                        number=self.number,
                        definition=one.definition,
                        data=fill(one.params, names),
                    )
                )

    def _request(self, name: str, kind: Kind, action: str, params: Data, retry: Retry, timeout: float) -> None:
        self.open[name] = Open(kind=kind, number=self.number)
        self.effects.append(
            Request(
                run=self.run.id,
                name=name,
                number=self.number,
                action=action,
                params=params,
                retry=retry,
                timeout=timeout,
            )
        )

    def _open_task(self, ask: Ask, names: Mapping[str, Any]) -> None:
        shown = {expression: compile_expression(expression)(names) for expression in ask.shows} or dict(self.data)
        person = self.person(ask.person)
        role = ask.role if ask.role or person else self.definition.owner or OWNER
        opened = Open(
            kind=Kind.ASK,
            number=self.number,
            roles=(role,) if role else (),
            people=(person,) if person else (),
            barred=tuple(filter(None, map(self.person, ask.apart_from))),
            subject=digest(shown),
        )
        self.open[ask.name] = opened
        self.effects.append(
            OpenTask(
                run=self.run.id,
                name=ask.name,
                number=self.number,
                title=str(fill(ask.title, names)),
                roles=opened.roles,
                people=opened.people,
                barred=opened.barred,
                decisions=ask.decisions,
                shown=shown,
                subject=opened.subject,
                form=ask.form,
                due=None if ask.due is None else self._after(ask.due),
            )
        )
        for name, (seconds, event) in ask.timers.items():
            self.effects.append(SetDeadline(run=self.run.id, name=name, at=self._after(seconds), event=event))

    def person(self, template: str) -> str:
        """Fill in who is meant; empty where the data does not say, or says somebody who was erased."""
        value = fill(template, self._work_names())
        return value if isinstance(value, str) and value != NOBODY else ""

    def withdraw_all(self) -> None:
        """Nothing that is under way is wanted any more."""
        for name in list(self.open):
            self.withdraw(name)

    def withdraw(self, name: str) -> None:
        """A call, question or child is not wanted any more, if it is under way."""
        opened = self.open.pop(name, None)
        if opened is None:
            return
        if opened.kind is Kind.ASK:
            self.close_task(name, opened, "", "")
        elif not opened.failed:
            self.effects.append(Withdraw(run=self.run.id, name=name, number=opened.number))
        self.mend()

    def close_task(self, name: str, opened: Open, decision: str, by: str) -> None:
        """A question is answered, or not asked any more; its timers go."""
        self.open.pop(name, None)
        self.effects.append(
            CloseTask(
                run=self.run.id, name=name, number=opened.number, decision=decision, by=by, votes=opened.votes
            )
        )
        ask = self.definition.work[name][1]
        assert isinstance(ask, Ask)
        self.effects += [ClearDeadline(run=self.run.id, name=timer) for timer in ask.timers]

    def take_back(self) -> None:
        """Take back the last thing that was done; when nothing is left, say so."""
        if self.undo:
            last = self.undo[-1]
            self._request(UNDO, Kind.UNDO, last.action, last.params, Retry(), USUAL_TIMEOUT)
        elif self.cancelling:
            self.over(Status.CANCELLED)
        else:
            self.raise_("done.undo")

    def note_done(self, call: Call, result: Any) -> None:
        """A call was done: keep its result, and how to take it back."""
        if call.save:
            self.data[call.save] = result
        if call.undo is not None:
            params = fill(call.undo.params, self._names())
            doing = Doing(name=call.name, action=call.undo.action, params=params)
            # What is being taken back now stays the last.
            self.undo.insert(len(self.undo) - (UNDO in self.open), doing)

    # --- stuck ---------------------------------------------------------------------------------------------------

    def stick(self, why: str) -> None:
        """The run cannot go on by itself: somebody has to look at it."""
        self.status, self.trouble = Status.STUCK, why
        self.steward = self.steward or self.definition.owner or OWNER

    def mend(self) -> None:
        """Something that failed is dealt with: go on, unless there is more to look at."""
        if self.status is Status.STUCK and not self.held:
            self.go_on()

    def go_on(self) -> None:
        """Somebody has looked at it: go on, with what was held, unless something has failed."""
        failed = [f"{name}: {one.failed}" for name, one in self.open.items() if one.failed]
        if failed:
            self.stick(failed[0])
        else:
            self.status, self.trouble, self.steward = Status.ACTIVE, "", ""

    # --- time ----------------------------------------------------------------------------------------------------

    def _after(self, seconds: float) -> datetime:
        return self.now.astimezone(UTC) + timedelta(seconds=seconds)

    def deadlines(self) -> Mapping[str, datetime | None]:
        """Say which deadlines run; see `workflows.deadlines.running`."""
        if self.status in OVER or self.cancelling:
            return {}
        return running(self.definition, self.active, self.data, self.now)

    def keep_deadlines(self, names: Iterable[str]) -> None:
        """Let these deadlines run on, if they do; all others begin anew."""
        self._timers.keep(names)

    def rearm(self) -> None:
        """Set and clear timers as the active states and the data ask for."""
        self.effects += self._timers.changes(self.deadlines(), self._after)

    # --- the end -------------------------------------------------------------------------------------------------

    def _leaves(self) -> list[str]:
        if self._inside is None:
            self._inside = self._innermost_active()
        return self._inside

    def _innermost_active(self) -> list[str]:
        children = self.chart.children
        return self.chart.sorted(state for state in self.active if self.active.isdisjoint(children[state]))

    def result(self) -> Run:
        """Give the next run."""
        return replace(
            self.run,
            state=",".join(self._leaves()),
            data=self.data,
            version=self.number,
            updated_at=max(self.now.astimezone(UTC), self.run.updated_at),
            status=self.status,
            trouble=self.trouble,
            steward=self.steward,
            open=self.open,
            undo=tuple(self.undo),
            cancelling=self.cancelling and self.status not in OVER,
            held=tuple(self.held),
        )
