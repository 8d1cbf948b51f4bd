"""Any definition, nested and parallel, with work and deadlines: the world works on what the run waits for.

There is no oracle here for where a run goes (`test_statecharts` and `test_stateful` have theirs), but for what
follows from where it stands: each piece of work is known outside exactly while the run waits for it, and the
timers that are set are those of its states, its data and its questions.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workflows.charts import events_of
from tests.workflows.core.definitions import definitions
from tests.workflows.core.play import NOW
from tests.workflows.core.world import World
from workflows.deadlines import running
from workflows.definition import Definition
from workflows.errors import Endless, WorkflowError
from workflows.machine import Step, begin, step
from workflows.parts import Ask
from workflows.run import OVER, Event, Kind, Outcome, Run

OPERATIONS = st.sampled_from(["$pause", "$resume", "$retry", "$cancel"])
STARTS = st.sampled_from([{"x": 0, "y": 0}, {"x": "2026-11-21", "y": 1}, {"x": "2026-11-20T15:00Z", "y": 0}])


class Beside:
    """A run and the world, step by step."""

    def __init__(self, rules: Definition, start: dict[str, object]) -> None:
        self.rules, self.now, self.world = rules, NOW, World()
        self.rung: set[str] = set()
        """Timers that rang and were not set again."""
        taken = begin(rules, run_id="r", key="k", data=start, actor="ana", now=self.now)
        self.run: Run = taken.run
        self.hear(taken)

    def send(self, event: Event) -> None:
        try:
            taken = step(self.rules, self.run, event, self.now)
        except Endless:
            raise
        except WorkflowError:
            return
        self.run = taken.run
        family, _, name = event.name.partition(".")
        if family in ("done", "failed"):
            self.world.answer(name, event.data.get("number"), held=taken.outcome is Outcome.HELD)
        self.hear(taken)

    def hear(self, taken: Step) -> None:
        before = dict(self.world.timers)
        self.world.hear(taken.effects, taken.run.version)
        self.world.look(taken.run.held)
        self.rung -= {name for name, at in self.world.timers.items() if before.get(name) != at}
        self.check()

    def check(self) -> None:
        run = self.run
        waited = {name: one.number for name, one in run.open.items() if not one.failed}
        assert self.world.open | self.world.answered == waited
        expected: dict[str, datetime | None] = {}
        if run.status not in OVER and not run.cancelling:
            active = {state for leaf in run.states for state in self.rules.chart.line[leaf]}
            expected |= running(self.rules, active, run.data, self.now)
        for name, one in run.open.items():
            if one.kind is Kind.ASK:
                ask = self.rules.work[name][1]
                assert isinstance(ask, Ask)
                expected |= dict.fromkeys(ask.timers)
        assert set(self.world.timers) | (self.rung & set(expected)) == set(expected)
        for name, (at, _) in self.world.timers.items():
            assert expected[name] in (None, at)
        assert run.status not in OVER or not (run.open or run.held or self.world.timers)

    def draw(self, data: st.DataObject) -> None:
        """Let something happen."""
        self.now += timedelta(minutes=data.draw(st.sampled_from([0, 1, 60])))
        kind = data.draw(st.sampled_from(["event", "result", "result", "timer", "operation", "rewind"]))
        if kind == "result" and self.world.open:
            self.end(data.draw(st.sampled_from(sorted(self.world.open))), data)
        elif kind == "timer" and self.world.timers:
            name = data.draw(st.sampled_from(sorted(self.world.timers)))
            at, event = self.world.timers.pop(name)
            self.rung.add(name)
            self.now = max(self.now, at)
            self.send(Event(name=event, actor="office"))
        elif kind == "operation":
            self.send(Event(name=data.draw(OPERATIONS), actor="eva", data={"reason": "x"}))
        elif kind == "rewind":
            state = data.draw(st.sampled_from([one.name for one in self.rules.states]))
            self.send(Event(name="$rewind", actor="eva", data={"reason": "x", "state": state}))
        else:
            self.send(Event(name=data.draw(events_of(self.rules)), actor="bo"))

    def end(self, name: str, data: st.DataObject) -> None:
        """Let work come to its end, or somebody decide a question."""
        opened = self.run.open[name]
        if opened.kind is not Kind.ASK:
            family = data.draw(st.sampled_from(["done", "done", "failed"]))
            self.send(Event(name=f"{family}.{name}", actor="office", data={"number": opened.number}))
            return
        ask = self.rules.work[name][1]
        assert isinstance(ask, Ask)
        vote = {"task": name, "decision": data.draw(st.sampled_from(sorted(ask.decisions)))}
        actor = data.draw(st.sampled_from(["bo", "cy", "dee"]))
        event = Event(name="$decide", actor=actor, data=vote | {"subject": opened.subject}, roles=opened.roles)
        self.send(event)


@settings(max_examples=30)
@given(rules=definitions(), start=STARTS, data=st.data())
def test_the_world_works_on_what_the_run_waits_for(
    rules: Definition, start: dict[str, object], data: st.DataObject
) -> None:
    try:
        beside = Beside(rules, start)
        for _ in range(data.draw(st.integers(5, 25))):
            beside.draw(data)
    except Endless:
        return
