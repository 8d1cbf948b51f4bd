"""Any events in any order: `begin` and `step` beside an oracle, and a world that only hears of their effects.

After each event the run must be as the oracle says; and the world, which opens and closes work, questions,
children and timers as the effects tell it, must know of exactly those that the run waits for.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.workflows.core.oracle import BAD, PURCHASE, STARTER, Happening, Oracle, Refused, Untaken
from tests.workflows.core.play import NOW, Play, definition
from tests.workflows.core.world import World
from workflows.effects import Request
from workflows.errors import TaskError, WorkflowError
from workflows.machine import Step, begin, halt, step
from workflows.parts import Rules
from workflows.run import OVER, Data, Event, Outcome, Run, Status


def check(data: Data, event: Event, now: datetime) -> Data:
    if event.data.get("due") == BAD:
        raise TaskError("due", "is no day")
    return data


RULES = definition(PURCHASE, Rules(changes={"check": check}))
DUES = st.none() | st.sampled_from(["2026-11-19", "2026-11-20", "2026-11-21"])
PEOPLE = st.sampled_from(["ana", "bo", "cy", "dee"])
NAMES = st.sampled_from(
    [
        "arrived",
        "again",
        "late",
        "giveup",
        "agree.ok",
        "overdue.ok",
        "done.ok",
        "nothing",
        "$nothing",
        "$escalate.ok.7",
    ]
)


class Purchase(RuleBasedStateMachine):
    """One run of the oracle's definition."""

    @initialize(due=DUES)
    def start(self, due: str | None) -> None:
        self.now = NOW
        self.world = World()
        taken = begin(RULES, run_id="r", key="k", data={"due": due}, actor=STARTER, now=self.now)
        self.run: Run = taken.run
        self.world.hear(taken.effects, 1)
        self.oracle = Oracle(due, self.now)

    # --- what may happen -----------------------------------------------------------------------------------------

    @rule(minutes=st.sampled_from([-60, 1, 30, 60, 24 * 60]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(name=NAMES)
    def anything(self, name: str) -> None:
        self.send(Happening(name=name, actor="bo"))

    @precondition(lambda self: not self.oracle.over)
    @rule(due=DUES | st.just(BAD))
    def edited(self, due: str | None) -> None:
        self.send(Happening(name="edit", data={"due": due}, actor="bo"))

    @precondition(lambda self: not self.oracle.over)
    @rule()
    def edited_by_nobody_who_could_be_told(self) -> None:
        self.send(Happening(name="edit", data={"due": BAD}, actor="office"))

    @precondition(lambda self: self.world.open)
    @rule(family=st.sampled_from(["done", "done", "done", "failed"]), result=st.integers(0, 9), data=st.data())
    def under_way_ends(self, family: str, result: int, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.world.open)))
        self.send(Happening(name=f"{family}.{name}", data={"number": self.world.open[name], "result": result}))

    @rule(family=st.sampled_from(["done", "failed"]), result=st.integers(0, 9), data=st.data())
    def anything_asked_for_ends_again(self, family: str, result: int, data: st.DataObject) -> None:
        name, number = data.draw(st.sampled_from(self.world.known))
        self.send(Happening(name=f"{family}.{name}", data={"number": number, "result": result}))

    @precondition(lambda self: not self.oracle.over)
    @rule(
        actor=PEOPLE,
        decision=st.sampled_from(["agree", "agree", "refuse", "perhaps"]),
        role=st.sampled_from(["buyer", "buyer", "boss", "guest"]),
        seen=st.sampled_from([True, True, True, False]),
    )
    def decided(self, actor: str, decision: str, role: str, seen: bool) -> None:
        opened = self.run.open.get("ok")
        subject = opened.subject if opened is not None and seen else "other"
        self.send(
            Happening(
                name="$decide",
                data={"task": "ok", "decision": decision, "subject": subject, "seen": seen},
                actor=actor,
                roles=(role,),
            )
        )

    @precondition(lambda self: self.world.timers)
    @rule(data=st.data())
    def a_timer_rings(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.world.timers)))
        at, event = self.world.timers.pop(name)
        assert self.oracle.timers.pop(name) == (at, event)
        self.now = max(self.now, at)
        self.send(Happening(name=event))

    @rule(operation=st.sampled_from(["$pause", "$resume", "$resume", "$retry", "$cancel"]))
    def moved_by_hand(self, operation: str) -> None:
        self.send(Happening(name=operation, data={"reason": "x"}, actor="eva"))

    @precondition(lambda self: not self.oracle.over)
    @rule(call=st.sampled_from([None, None, "buy", "parcel", "undo", "edit"]))
    def skipped(self, call: str | None) -> None:
        self.send(Happening(name="$skip", data={"reason": "x", "call": call, "result": 5}, actor="eva"))

    @precondition(lambda self: not self.oracle.over)
    @rule(to=PEOPLE)
    def reassigned(self, to: str) -> None:
        self.send(Happening(name="$reassign", data={"reason": "x", "task": "ok", "to": to}, actor="eva"))

    @rule(state=st.sampled_from(["reserve", "consent", "order", "wait", "back", "paid", "nowhere"]))
    def rewound(self, state: str) -> None:
        self.send(Happening(name="$rewind", data={"reason": "x", "state": state}, actor="eva"))

    def teardown(self) -> None:
        """A run that is stuck is led out by skipping what it is stuck with, one by one; or by cancelling."""
        if not hasattr(self, "run") or self.run.status is not Status.STUCK:
            return
        run, left = self.run, len(self.run.held) + len(self.run.open) + len(self.run.undo)
        while run.status is Status.STUCK:
            failed = [name for name, one in run.open.items() if one.failed]
            data = {"reason": "x", "call": failed[0] if failed else None}
            run = step(RULES, run, Event(name="$skip", actor="eva", data=data), self.now).run
            left -= 1
            assert left >= 0, "each skips one"
        assert not run.held
        run = step(RULES, self.run, Event(name="$cancel", actor="eva", data={"reason": "x"}), self.now).run
        assert self.run.cancelling or (run.status is not Status.STUCK and not run.held)

    # --- what must be so -----------------------------------------------------------------------------------------

    def send(self, happening: Happening) -> None:
        before = self.run
        event = Event(
            name=happening.name, actor=happening.actor, data=happening.data, key="once", roles=happening.roles
        )
        try:
            expected = self.oracle.take(happening, self.now)
        except Untaken:
            why = self.refused(event)
            if happening.actor == "office":
                self.oracle.halt(happening)
                self.run = halt(before, event, why, "clerk", self.now).run
            return
        except Refused:
            self.refused(event)
            return
        taken = step(RULES, before, event, self.now)
        self.recorded(before, taken, event, expected)
        self.run = taken.run
        family, _, name = happening.name.partition(".")
        if family in ("done", "failed") and name != "ok":
            self.world.answer(name, happening.data.get("number"), held=taken.outcome is Outcome.HELD)
        self.world.hear(taken.effects, taken.run.version)
        self.world.look(taken.run.held)

    def refused(self, event: Event) -> str:
        try:
            step(RULES, self.run, event, self.now)
        except WorkflowError as fault:
            return str(fault)
        raise AssertionError(f"{event.name} had to be refused")

    def recorded(self, before: Run, taken: Step, event: Event, expected: str) -> None:
        if taken.outcome is Outcome.UNCHANGED:
            assert expected == "taken"
            assert taken.run is before
            assert (taken.entry, taken.effects) == (None, ())
            self.oracle.same()
            return
        assert taken.outcome.value == expected
        assert taken.entry is not None
        assert taken.run.version == before.version + 1 == taken.entry.seq
        assert (taken.entry.from_state, taken.entry.to_state) == (before.state, taken.run.state)
        assert taken.run.updated_at == taken.entry.at == max(self.now, before.updated_at)
        still = replace(taken.run, version=before.version, updated_at=before.updated_at)
        if taken.outcome is Outcome.IGNORED:
            assert still == before
            assert taken.effects == ()
        elif taken.outcome is Outcome.HELD:
            assert still == replace(before, held=(*before.held, replace(event, key=None)))
            assert taken.effects == ()
        if before.status in OVER and event.name != "$rewind":
            assert taken.outcome is Outcome.IGNORED, "what is over takes nothing"

    @invariant()
    def the_run_is_as_the_oracle_says(self) -> None:
        run, oracle = self.run, self.oracle
        assert (run.state, run.status.value, run.version) == (oracle.state, oracle.status, oracle.version)
        assert (run.data["due"], run.data.get("held")) == (oracle.due, oracle.result)
        assert run.cancelling == oracle.cancelling
        assert [(one.name, dict(one.params)) for one in run.undo] == [(name, {"n": n}) for name, n in oracle.undo]
        assert [one.name for one in run.held] == [one.name for one in oracle.held]
        assert {
            name: (one.kind.value, one.number, bool(one.failed), {*one.roles}, {*one.people}, one.votes)
            for name, one in run.open.items()
        } == {
            name: (one.kind, one.number, one.failed, one.roles, one.people, one.votes)
            for name, one in oracle.open.items()
        }
        assert not run.held or run.status in (Status.PAUSED, Status.STUCK)
        assert run.status is Status.PAUSED or (run.status is Status.STUCK) == bool(run.trouble)

    @invariant()
    def the_world_works_on_what_the_run_waits_for(self) -> None:
        waited = {name: one.number for name, one in self.run.open.items() if not one.failed}
        assert self.world.open | self.world.answered == waited

    @invariant()
    def the_timers_are_those_of_the_states_and_the_data(self) -> None:
        assert self.world.timers == self.oracle.timers


TestPurchase = Purchase.TestCase
TestPurchase.settings = settings(max_examples=100, stateful_step_count=50)


# --- laws --------------------------------------------------------------------------------------------------------

RESULTS = st.sampled_from(["done.hold", "done.buy", "failed.buy", "done.parcel", "done.undo"])
ANY = st.lists(NAMES | RESULTS | st.just("edit"), max_size=6)


def sent(run: Run, name: str, now: datetime = NOW) -> Run:
    """Send an event; a result is that of the work that is under way now."""
    opened = run.open.get(name.partition(".")[2])
    data = {"number": opened.number if opened else 0, "result": len(run.undo), "due": "2026-11-21", "reason": "x"}
    return step(RULES, run, Event(name=name, actor="eva", data=data), now).run


def until(state: str) -> Run:
    """A run that stands in a state, with all before it done."""
    run = begin(RULES, run_id="r", key="k", data={"due": None}, actor=STARTER, now=NOW).run
    run = sent(run, "done.hold")
    if state == "consent":
        return run
    for person in ("bo", "cy"):
        vote = {"task": "ok", "decision": "agree", "subject": run.open["ok"].subject}
        run = step(RULES, run, Event(name="$decide", actor=person, data=vote, roles=("buyer",)), NOW).run
    return run if state == "order" else sent(run, "done.buy")


@given(state=st.sampled_from(["consent", "order", "wait"]), failed=st.booleans(), names=ANY)
def test_a_run_that_was_paused_comes_to_where_it_would_have_come_without(
    state: str, failed: bool, names: list[str]
) -> None:
    through = paused = until(state)
    if failed and state == "order":
        through = paused = sent(paused, "failed.buy")
        assert paused.status is Status.STUCK
    number = {name: one.number for name, one in paused.open.items()}
    paused = sent(paused, "$pause")
    for name in names:
        work = name.partition(".")[2]
        data = {"number": number.get(work, 0), "result": 5, "due": "2026-11-21"}
        event = Event(name=name, actor="eva", data=data)
        through, paused = step(RULES, through, event, NOW).run, step(RULES, paused, event, NOW).run
        assert paused.state == state
    paused = sent(paused, "$resume")
    assert (paused.state, paused.status, paused.data) == (through.state, through.status, through.data)
    assert (paused.undo, paused.held) == (through.undo, ())
    assert {name: (one.kind, one.failed) for name, one in paused.open.items()} == {
        name: (one.kind, one.failed) for name, one in through.open.items()
    }


MANY = definition(
    """
    name: many
    initial: a
    states:
      a:
        calls:
          c0: &call {action: t.do, undo: {action: t.undo, with: {n: "{event.result}"}}}
          c1: *call
          c2: *call
          c3: *call
          c4: *call
        on: {give_up: b}
      b: {undoes: true, on: {done.undo: gone}}
      gone: {final: true}
    """
)


@given(
    order=st.permutations(range(5)),
    heard=st.integers(0, 5),
    held=st.integers(0, 5),
    end=st.sampled_from(["$cancel", "$rewind", "give_up"]),
)
def test_what_was_done_is_taken_back_in_reverse_even_what_was_not_looked_at_yet(
    order: list[int], heard: int, held: int, end: str
) -> None:
    play = Play(MANY)
    done = order[: heard + held]
    for number, call in enumerate(done):
        if number == heard:
            play.operate("pause")
        play.send(f"done.c{call}", {"number": 1, "result": call})
    if end == "give_up" and play.run.status is Status.PAUSED:
        play.operate("resume")
    play.send(end, {"reason": "x", "state": "b"})
    taken_back = []
    while play.run.open:
        taken_back += [one.params["n"] for one in play.of(Request)]
        play.done("undo")
    assert play.run.status is (Status.CANCELLED if end == "$cancel" else Status.DONE)
    assert taken_back == done[::-1]
    assert play.run.undo == ()
