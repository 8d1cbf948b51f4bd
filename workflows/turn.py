"""Turn: one event taken to its end: which transitions are taken, what is left, entered, begun and withdrawn.

Run to completion as in SCXML (W3C Recommendation of 2015, appendix D): the event's transitions, then those without
an event, then those of events raised meanwhile, until nothing is left to do. What is done in a state begins only
then, and only in states that are still active.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from workflows.audit import digest
from workflows.checks import assignment, matches
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
from workflows.errors import Endless
from workflows.expressions import compile_expression, fill
from workflows.parts import Ask, Call, Child, Deadline, Retry, State, Transition
from workflows.run import OVER, Data, Doing, Event, Kind, Open, Run, Status

MOST_MICROSTEPS = 1000
"""More transitions than this from one event: the definition turns in a circle."""
UNDO = "undo"
"""Under this name what was done is taken back."""


class Turn:
    """The run while an event is taken; `result` gives the next run."""

    def __init__(self, definition: Definition, run: Run, event: Event, now: datetime) -> None:
        """Begin with the run as it is; `now` is aware, in the office's time zone."""
        self.definition, self.chart, self.event, self.now = definition, definition.chart, event, now
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
        self.effects: list[Effect] = []
        self.moved = False
        """Whether any transition was taken."""
        self._inside: list[str] | None = list(run.states) if run.state else []
        """The innermost active states; None when they have to be found."""
        self._before = self._deadlines() if run.state else {}
        self._raised: deque[Event] = deque()
        self._entered: dict[str, None] = {}
        self._microsteps = 0

    # --- events --------------------------------------------------------------------------------------------------

    def take(self, event: Event) -> None:
        """Take an event and all that follows from it."""
        self._microstep(self._enabled(event), event)
        self.settle()

    def settle(self) -> None:
        """Take what needs no event from outside, until nothing is left; then begin what is to be done."""
        while self.status not in OVER:
            enabled = self._enabled(None)
            if enabled:
                self._microstep(enabled, self.event)
            elif self._raised:
                event = self._raised.popleft()
                self._microstep(self._enabled(event), event)
            elif self._entered:
                self._begin_work()
            else:
                break

    def raise_(self, name: str, data: Data | None = None) -> None:
        """Put an event behind those that were raised before."""
        self._raised.append(Event(name=name, actor=self.event.actor, data=dict(data or {})))

    def enter(self, target: str) -> None:
        """Enter a state although no transition leads there; used at the start and when a run is moved by hand."""
        self._enter(self.chart.entered(target, ""), self.event)

    def leave_all(self) -> None:
        """Leave everything that is active."""
        self._leave(list(self.active), self.event)

    # --- transitions ---------------------------------------------------------------------------------------------

    def _enabled(self, event: Event | None) -> list[Transition]:
        """Choose transitions: for each active leaf the innermost that is enabled, without those in conflict."""
        name = event.name if event else ""
        chosen: list[Transition] = []
        for leaf in self._leaves():
            found = self._innermost(leaf, name, event or self.event)
            if found is not None and found not in chosen:
                chosen.append(found)
        return chosen if len(chosen) < 2 else self._without_conflicts(chosen)

    def _innermost(self, leaf: str, name: str, event: Event) -> Transition | None:
        for state in reversed(self.chart.line[leaf]):
            for transition in self.definition.by_source[state]:
                fits = matches(transition.event, name) if name else not transition.event
                if fits and all(self._agrees(guard, event) for guard in transition.guards):
                    return transition
        return None

    def _agrees(self, guard: str, event: Event) -> bool:
        known = self.definition.rules.guards.get(guard)
        return known(self.data, event, self.now) if known else bool(compile_expression(guard)(self._names(event)))

    def _without_conflicts(self, chosen: list[Transition]) -> list[Transition]:
        """Of two that leave the same state, keep the one from further inside, else the first."""
        kept: list[Transition] = []
        for one in chosen:
            left = self._left_by(one)
            rivals = [other for other in kept if left & self._left_by(other)]
            if all(self.chart.within(one.source, other.source) and one.source != other.source for other in rivals):
                kept = [other for other in kept if other not in rivals]
                kept.append(one)
        return kept

    def _left_by(self, transition: Transition) -> set[str]:
        if not transition.target:
            return set()
        domain = self.chart.domain((transition.source, transition.target))
        return {state for state in self.active if state != domain and self.chart.within(state, domain)}

    def _microstep(self, transitions: list[Transition], event: Event) -> None:
        if not transitions:
            return
        self._microsteps += 1
        if self._microsteps > MOST_MICROSTEPS:
            raise Endless(self.run.id, self.definition.name)
        self.moved = True
        ways = [
            (transition, self.chart.domain((transition.source, transition.target)))
            for transition in transitions
            if transition.target
        ]
        leaving = set[str]().union(*(self._left_by(transition) for transition in transitions))
        self._leave(leaving, event)
        for transition in transitions:
            self._change(transition.changes, event)
            for name in transition.raises:
                self.raise_(name, event.data)
        entering: dict[str, None] = {}
        for transition, domain in ways:
            for state in self.chart.entered(transition.target, domain):
                if state not in self.active:
                    entering[state] = None
        self._enter(self.chart.sorted(entering), event)

    def _leave(self, states: Iterable[str], event: Event) -> None:
        for name in reversed(self.chart.sorted(states)):
            state = self.definition.by_name[name]
            self._change(state.exit, event)
            self.active.discard(name)
            self._inside = None
            self._entered.pop(name, None)
            for one in state.work:
                self.withdraw(one.name)
            if state.undoes:
                self.withdraw(UNDO)

    def _enter(self, states: Iterable[str], event: Event) -> None:
        for name in states:
            state = self.definition.by_name[name]
            self.active.add(name)
            self._inside = None
            self._entered[name] = None
            self._change(state.entry, event)
            if state.final:
                self._ended(state)

    def _ended(self, state: State) -> None:
        """A final state was entered: its parent is done, and what that completes."""
        if not state.parent:
            self.over(Status.DONE)
            return
        self.raise_(f"done.state.{state.parent}")
        above = self.definition.by_name[state.parent].parent
        if above in self.chart.parallel and all(self._is_done(child) for child in self.chart.children[above]):
            self.raise_(f"done.state.{above}")

    def _is_done(self, state: str) -> bool:
        return any(
            child in self.active and self.definition.by_name[child].final for child in self.chart.children[state]
        )

    def over(self, status: Status) -> None:
        """End the run: nothing is awaited any more."""
        self.status = status
        self._entered.clear()
        self._raised.clear()
        for name in list(self.open):
            self.withdraw(name)

    # --- data ----------------------------------------------------------------------------------------------------

    def _change(self, changes: Iterable[str], event: Event) -> None:
        for change in changes:
            known = self.definition.rules.changes.get(change)
            if known is not None:
                self.data = dict(known(self.data, event, self.now))
                continue
            set_to = assignment(change)
            assert set_to is not None, "checked when the definition was built"
            self.data[set_to[0]] = compile_expression(set_to[1])(self._names(event))

    def _names(self, event: Event) -> Mapping[str, Any]:
        known = {**event.data, "name": event.name, "by": event.actor}
        return {"data": self.data, "event": known, "run": self.run.facts()}

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
        names = self._names(self.event)
        match one:
            case Call():
                self._request(one.name, Kind.CALL, one.action, fill(one.params, names), one.retry, one.timeout)
            case Ask():
                self._open_task(one, names)
            case Child():
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
        person = _person(fill(ask.person, names))
        opened = Open(
            kind=Kind.ASK,
            number=self.number,
            roles=(ask.role,) if ask.role else (),
            people=(person,) if person else (),
            barred=tuple(filter(None, (_person(fill(one, names)) for one in ask.apart_from))),
            subject=digest(shown),
        )
        self.open[ask.name] = opened
        due = None if ask.due is None else self._after(ask.due)
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
                due=due,
            )
        )
        if due is not None:
            self._set_timer(f"due:{ask.name}", due, f"overdue.{ask.name}")
        for number, step in enumerate(ask.escalate):
            self._set_timer(
                f"escalate:{ask.name}:{number}", self._after(step.after), f"$escalate.{ask.name}.{number}"
            )

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
        if ask.due is not None:
            self.effects.append(ClearDeadline(run=self.run.id, name=f"due:{name}"))
        for number in range(len(ask.escalate)):
            self.effects.append(ClearDeadline(run=self.run.id, name=f"escalate:{name}:{number}"))

    def take_back(self) -> None:
        """Take back the last thing that was done; when nothing is left, say so."""
        if self.undo:
            last = self.undo[-1]
            self._request(UNDO, Kind.UNDO, last.action, last.params, Retry(), 60.0)
        elif self.cancelling:
            self.over(Status.CANCELLED)
        else:
            self.raise_("done.undo")

    def note_done(self, call: Call, result: Any) -> None:
        """A call was done: keep its result, and how to take it back."""
        if call.save:
            self.data[call.save] = result
        if call.undo is not None:
            names = self._names(self.event)
            params = fill(call.undo.params, names)
            self.undo.append(Doing(name=call.name, action=call.undo.action, params=params))

    # --- stuck ---------------------------------------------------------------------------------------------------

    def stick(self, why: str) -> None:
        """The run cannot go on by itself: somebody has to look at it."""
        self.status, self.trouble = Status.STUCK, why
        self.steward = self.steward or self.definition.owner or "owner"

    def mend(self) -> None:
        """What failed is dealt with: go on, unless something else failed as well."""
        if self.status is Status.STUCK and not any(one.failed for one in self.open.values()):
            self.status, self.trouble, self.steward = Status.ACTIVE, "", ""

    def resume(self) -> None:
        """Go on after a pause, or to the end of a run that was stuck before it."""
        if self.status is Status.PAUSED:
            self.status = Status.STUCK if self.trouble else Status.ACTIVE
        self.mend()

    def filled(self, template: str) -> str:
        """Fill in a template that names a person."""
        return _person(fill(template, self._names(self.event)))

    # --- time ----------------------------------------------------------------------------------------------------

    def _after(self, seconds: float) -> datetime:
        return self.now.astimezone(UTC) + timedelta(seconds=seconds)

    def _set_timer(self, name: str, at: datetime, event: str) -> None:
        self.effects.append(SetDeadline(run=self.run.id, name=name, at=at, event=event))

    def _deadlines(self) -> dict[str, Any]:
        """Which deadlines run: when they end by the data, or None for those that count from their beginning."""
        found: dict[str, Any] = {}
        if self.status in OVER or not self.definition.deadlines:
            return found
        for deadline in self.definition.deadlines:
            if self.active.isdisjoint(deadline.states):
                continue
            if deadline.after is not None:
                found[deadline.name] = None
            elif (at := instant_of(self.definition, deadline, self.data, self.now)) is not None:
                found[deadline.name] = at.astimezone(UTC)
        return found

    def rearm(self, *, all_anew: bool = False) -> None:
        """Set and clear timers as the active states and the data ask for."""
        before, after = ({} if all_anew else self._before), self._deadlines()
        for name in self._before:
            if name not in after:
                self.effects.append(ClearDeadline(run=self.run.id, name=name))
        for deadline in self.definition.deadlines:
            name = deadline.name
            if name in after and (name not in before or before[name] != after[name]):
                at = after[name] if deadline.after is None else self._after(deadline.after)
                self._set_timer(name, at, deadline.event)

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
        )


def instant_of(definition: Definition, deadline: Deadline, data: Data, now: datetime) -> datetime | None:
    """When a deadline ends by the data: an instant, or the end of a day where the office is; None for never."""
    known: Callable[[Data, datetime], datetime | None] | None = definition.rules.instants.get(deadline.at)
    if known is not None:
        return known(data, now)
    value = compile_expression(deadline.at)({"data": data, "event": {}, "run": {}})
    if not isinstance(value, str) or not value:
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    if "T" not in value and " " not in value:
        day = date.fromisoformat(value)
        if day == date.max:
            return None
        return datetime.combine(day + timedelta(days=1), time(), tzinfo=now.tzinfo)
    return at if at.tzinfo else at.replace(tzinfo=now.tzinfo)


def _person(value: Any) -> str:
    return value if isinstance(value, str) else ""
