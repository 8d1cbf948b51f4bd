"""One event at a time: begin, step, halt; what is recorded of each, and what results count."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.workflows.core.play import NOW, Play, definition
from workflows.effects import Announce, CloseTask, OpenTask, Request, SetDeadline, StartChild, TellParent, Withdraw
from workflows.errors import NotPossible, TaskError
from workflows.machine import arm, halt
from workflows.parts import Rules
from workflows.run import Event, Kind, Open, Outcome, Run, Status

CALLS = """
initial: a
states:
  a:
    calls: {c: {action: test.do, save: kept}}
    on:
      done.c: {to: b, do: [number = event.number]}
      leave: b
  b: {on: {back: a, end: over}}
  over: {final: true}
"""


# --- the start ---------------------------------------------------------------------------------------------------


def test_a_run_begins_with_its_first_version_in_its_initial_state() -> None:
    play = Play(CALLS, {"x": 1}, tenant="hq", parent=("p", "slot", 4), now=NOW.astimezone(ZoneInfo("Asia/Tokyo")))
    run = play.run
    assert (run.id, run.key, run.version, run.state, run.status) == ("r", "k", 1, "a", Status.ACTIVE)
    assert (run.definition, run.definition_hash) == ("d", play.rules.hash)
    assert (run.tenant, run.started_by, run.parent, run.slot, run.slot_number) == ("hq", "ana", "p", "slot", 4)
    assert run.created_at == run.updated_at == NOW
    assert run.created_at.utcoffset() == timedelta(0)
    assert play.last.entry is not None
    entry = play.last.entry
    assert (entry.seq, entry.event, entry.actor, entry.data) == (1, "start", "ana", {"x": 1})
    assert (entry.from_state, entry.to_state, entry.outcome) == ("", "a", Outcome.TAKEN)
    assert play.of(Announce) == [Announce(run="r", version=1, event="start")]


def test_a_run_may_be_over_as_soon_as_it_begins_and_tells_its_parent() -> None:
    play = Play("{initial: a, states: {a: {final: true}}}", {"x": 1}, parent=("p", "k", 3))
    assert play.run.status is Status.DONE
    assert play.of(TellParent) == [
        TellParent(
            run="r",
            parent="p",
            slot="k",
            slot_number=3,
            event="done.k",
            data={"number": 3, "run": "r", "result": {"x": 1}, "state": "a"},
        )
    ]


def test_what_expressions_may_read_of_a_run() -> None:
    play = Play("{initial: a, states: {a: {entry: ['x = run.key', 'y = run.tenant']}}}", tenant="hq")
    assert play.run.data == {"x": "k", "y": "hq"}
    assert play.run.facts() == {"id": "r", "key": "k", "tenant": "hq", "started_by": "ana"}


# --- what an event does ------------------------------------------------------------------------------------------


def test_an_event_that_nothing_waits_for_is_recorded_and_changes_nothing_else() -> None:
    play = Play(CALLS)
    before = play.run
    play.now += timedelta(hours=1)
    taken = play.send("nothing", {"x": 1})
    assert taken.refused
    assert taken.effects == ()
    assert taken.run == replace(before, version=2, updated_at=play.now)
    assert taken.entry is not None
    assert (taken.entry.event, taken.entry.data, taken.entry.outcome) == ("nothing", {"x": 1}, Outcome.IGNORED)


def test_an_event_that_says_what_was_so_already_is_not_recorded() -> None:
    play = Play("{initial: a, states: {a: {on: {set: {do: x = event.x}}}}}", {"x": 1})
    before = play.run
    taken = play.send("set", {"x": 1})
    assert (taken.outcome, taken.entry, taken.effects) == (Outcome.UNCHANGED, None, ())
    assert taken.run is before
    assert play.send("set", {"x": 2}).run.version == 2


def test_a_run_that_is_over_takes_nothing() -> None:
    play = Play(CALLS)
    play.send("leave")
    play.send("end")
    over = play.run
    assert over.status is Status.DONE
    assert play.send("back").run == replace(over, version=over.version + 1)
    assert play.last.refused


def test_time_never_runs_backwards_in_the_history() -> None:
    play = Play(CALLS)
    play.now -= timedelta(hours=1)
    assert play.send("leave").run.updated_at == NOW
    assert play.send("nothing").run.updated_at == NOW
    assert play.operate("pause").run.updated_at == NOW
    assert play.send("back").run.updated_at == NOW
    late = halt(play.run, Event(name="x", actor="a"), "why", "", play.now)
    assert late.run.updated_at == NOW


# --- results -----------------------------------------------------------------------------------------------------


def test_a_result_is_kept_and_leads_on() -> None:
    play = Play(CALLS)
    assert play.run.open == {"c": Open(kind=Kind.CALL, number=1)}
    (request,) = play.of(Request)
    assert (request.key, request.action) == ("r:1:c", "test.do")
    play.done("c", {"id": 5})
    assert (play.state, play.run.open, play.run.data) == ("b", {}, {"kept": {"id": 5}, "number": 1})


@pytest.mark.parametrize("number", [None, 0, 2, "1"])
def test_a_result_of_another_request_does_not_count(number: object) -> None:
    play = Play(CALLS)
    assert play.send("done.c", {"number": number}).refused
    assert play.send("failed.c", {"number": number}).refused
    assert play.state == "a"


def test_a_result_that_comes_too_late_does_not_count() -> None:
    play = Play(CALLS)
    play.send("leave")
    assert play.of(Withdraw) == [Withdraw(run="r", name="c", number=1)]
    assert play.send("done.c", {"number": 1}).refused
    play.send("back")
    assert play.send("done.c", {"number": 1}).refused, "it was asked for anew"
    assert not play.done("c").refused


def test_a_result_comes_once() -> None:
    play = Play(CALLS.replace("done.c: {to: b", "done.c: {to: a"))
    first = play.run.open["c"].number
    play.done("c")
    assert play.send("done.c", {"number": first}).refused
    play.fail("c")
    assert play.run.status is Status.STUCK
    assert play.send("failed.c", {"number": play.run.open["c"].number}).refused
    assert play.send("done.c", {"number": play.run.open["c"].number}).refused


def test_a_result_that_nothing_leads_on_from_is_kept_all_the_same() -> None:
    play = Play("{initial: a, states: {a: {calls: {c: {action: t.do, save: x}}}}}")
    play.done("c", 5)
    assert (play.state, play.run.data, play.run.open, play.last.outcome) == ("a", {"x": 5}, {}, Outcome.TAKEN)


def test_a_failure_that_the_definition_expects_is_a_way_on() -> None:
    play = Play("{initial: a, states: {a: {calls: {c: {action: t.do}}, on: {failed.c: b}}, b: {}}}")
    play.fail("c")
    assert (play.state, play.run.status, play.run.open) == ("b", Status.ACTIVE, {})
    assert play.of(Withdraw) == []


def test_a_failure_that_is_taken_where_the_run_stands_is_dealt_with() -> None:
    text = "{initial: a, states: {a: {calls: {c: {action: t.do}}, on: {failed.c: {do: why = event.reason}}}}}"
    play = Play(text)
    play.fail("c", "sold out")
    assert (play.run.data, play.run.status, play.run.open) == ({"why": "sold out"}, Status.ACTIVE, {})


def test_a_failure_that_begins_the_call_anew_leaves_the_new_one_under_way() -> None:
    play = Play("{initial: a, states: {a: {calls: {c: {action: t.do}}, on: {failed.c: a}}}}")
    play.fail("c")
    assert play.run.open == {"c": Open(kind=Kind.CALL, number=2)}
    assert [one.number for one in play.of(Request)] == [2]


def test_a_failure_that_nobody_expects_stops_the_run_where_people_see_it() -> None:
    play = Play("{owner: clerk, initial: a, states: {a: {calls: {c: {action: t.do}, e: {action: t.do}}}}}")
    play.fail("c", "no money")
    assert (play.run.status, play.run.trouble, play.run.steward) == (Status.STUCK, "c: no money", "clerk")
    assert play.run.open["c"].failed == "no money"
    play.send("failed.e", {"number": 1})
    assert play.run.open["e"].failed == "it failed"
    assert Play(CALLS).fail("c").run.steward == "owner"


# --- questions and children --------------------------------------------------------------------------------------

ASK = """
initial: a
states:
  a:
    asks: {q: {title: "Well?", role: r, decisions: [yes_please, no], due: 1 h}}
    on: {yes_please.q: b, overdue.q: late, done.q: b, no.q: b}
  b: {}
  late: {}
"""


def test_a_decision_does_not_come_without_votes() -> None:
    play = Play(ASK)
    assert play.of(OpenTask)[0].title == "Well?"
    assert play.send("yes_please.q").refused
    assert play.send("done.q", {"number": 1}).refused, "questions are not done"
    play.decide("q", "yes_please", "bo")
    assert play.state == "b"
    assert play.send("overdue.q").refused


def test_an_open_question_is_overdue_when_its_timer_rings() -> None:
    play = Play(ASK)
    assert play.of(SetDeadline) == [
        SetDeadline(run="r", name="due:q", at=NOW + timedelta(hours=1), event="overdue.q")
    ]
    assert not play.send("overdue.q").refused
    assert play.state == "late"
    assert play.of(CloseTask)[0].decision == ""


def test_events_of_the_machines_own_come_from_nowhere_else() -> None:
    play = Play("{initial: a, states: {a: {on: {'*': b}}, b: {}}}")
    assert play.send("$unknown").refused
    assert play.send("$decide", {"task": "q"}).refused
    assert not play.send("done.unheard_of").refused, "but names that mean nothing to it are as any other"


CHILD = """
initial: a
states:
  a:
    children: {k: {definition: other, with: {of: "{data.x}"}, save: got}}
    on: {done.k: b, failed.k: c}
  b: {}
  c: {}
"""


def test_a_child_is_started_with_its_data_and_its_end_leads_on() -> None:
    play = Play(CHILD, {"x": [1]})
    assert play.of(StartChild) == [StartChild(run="r", name="k", number=1, definition="other", data={"of": [1]})]
    play.done("k", {"y": 2})
    assert (play.state, play.run.data) == ("b", {"x": [1], "got": {"y": 2}})


def test_a_child_whose_data_nobody_wants_leaves_none() -> None:
    play = Play(CHILD.replace(", save: got", ""))
    play.done("k", {"y": 2})
    assert (play.state, play.run.data) == ("b", {})


def test_a_child_that_is_cancelled_has_failed_for_its_parent() -> None:
    child = Play(CALLS, parent=("p", "k", 3))
    child.operate("cancel")
    assert child.run.status is Status.CANCELLED
    (told,) = child.of(TellParent)
    assert (told.event, told.data) == ("failed.k", {"number": 3, "run": "r", "reason": "it was cancelled"})
    parent = Play(CHILD)
    parent.fail("k", "it was cancelled")
    assert parent.state == "c"


def test_only_the_end_of_a_child_is_told() -> None:
    child = Play(CALLS, parent=("p", "k", 3))
    assert child.of(TellParent) == []
    child.send("leave")
    assert child.of(TellParent) == []
    child.send("end")
    assert len(child.of(TellParent)) == 1
    assert child.send("end").effects == ()


# --- held and halted ---------------------------------------------------------------------------------------------


def test_a_paused_run_holds_what_comes_and_takes_it_in_order_when_it_goes_on() -> None:
    play = Play("{initial: a, states: {a: {on: {add: {do: 'seen = [data.seen, event.x]'}, go: b}}, b: {}}}")
    play.operate("pause")
    for number in (1, 2):
        held = play.send("add", {"x": number})
        assert (held.outcome, held.effects, held.run.data) == (Outcome.HELD, (), {})
    play.send("go", actor="bo", roles=["r"])
    assert [one.name for one in play.run.held] == ["add", "add", "go"]
    before = play.run.version
    play.operate("resume")
    assert (play.state, play.run.status, play.run.held) == ("b", Status.ACTIVE, ())
    assert play.run.data == {"seen": [[None, 1], 2]}
    assert play.run.version == before + 1, "all of it is one event in the history"
    assert play.last.entry is not None
    assert (play.last.entry.event, play.last.entry.to_state) == ("$resume", "b")
    assert [one.event for one in play.of(Announce)] == ["$resume"]


def test_of_what_was_held_only_the_sum_is_asked_for() -> None:
    play = Play(CALLS)
    play.send("leave")
    play.operate("pause")
    for name in ("back", "leave", "back", "nothing"):
        play.send(name)
    play.operate("resume")
    assert [(type(one), one.number) for one in play.effects if isinstance(one, Request | Withdraw)] == [
        (Request, play.run.version)
    ]
    assert play.run.open == {"c": Open(kind=Kind.CALL, number=play.run.version)}


def test_held_events_that_change_nothing_leave_nothing() -> None:
    play = Play("{initial: a, states: {a: {on: {set: {do: x = 1}}}}}", {"x": 1})
    play.operate("pause")
    play.send("set")
    play.operate("resume")
    assert (play.run.data, play.run.held, play.run.status) == ({"x": 1}, (), Status.ACTIVE)


def test_a_run_that_ends_meanwhile_does_not_take_the_rest_of_what_was_held() -> None:
    play = Play(CALLS, parent=("p", "k", 1))
    play.operate("pause")
    for name in ("leave", "end", "back"):
        play.send(name)
    play.operate("resume")
    assert (play.state, play.run.status) == ("over", Status.DONE)
    assert len(play.of(TellParent)) == 1


def test_people_cannot_decide_while_the_work_is_paused() -> None:
    play = Play(ASK)
    play.operate("pause")
    with pytest.raises(NotPossible, match="the work is paused; resume it first"):
        play.decide("q", "no", "bo")
    with pytest.raises(NotPossible, match="the work is paused; resume it first"):
        play.send("$delegate", {"task": "q", "to": "bo"})


def picky(data: object, event: Event, now: object) -> dict[str, object]:
    if "bad" in event.data:
        raise TaskError("bad", "cannot be taken")
    return {"took": event.name}


PICKY = definition(
    "{initial: a, states: {a: {on: {give: {do: take}, give_up: b}}, b: {}}}", Rules(changes={"take": picky})
)


def test_a_run_that_cannot_take_what_was_held_is_stuck_with_it_until_somebody_looks() -> None:
    play = Play(PICKY)
    play.operate("pause")
    play.send("give", {"first": 1})
    play.send("give", {"bad": 1})
    play.send("give_up")
    play.operate("resume")
    assert (play.run.status, play.run.trouble) == (Status.STUCK, "bad: cannot be taken")
    assert [(one.name, one.data) for one in play.run.held] == [("give", {"bad": 1}), ("give_up", {})]
    assert (play.state, play.run.data) == ("a", {"took": "give"}), "what came before it is taken, nothing else"
    play.operate("retry")
    assert play.run.status is Status.STUCK, "it cannot be taken yet"
    play.operate("rewind", state="a")
    assert play.run.status is Status.STUCK
    play.operate("cancel")
    assert (play.run.status, play.run.held) == (Status.CANCELLED, ())


def test_what_comes_later_does_not_overtake_an_event_that_could_not_be_taken() -> None:
    play = Play(PICKY)
    play.last = halt(play.run, Event(name="give", actor="office", data={"bad": 1}), "why", "clerk", NOW)
    later = play.send("give_up")
    assert (later.outcome, later.effects, play.state) == (Outcome.HELD, (), "a")
    assert (play.run.status, play.run.trouble, play.run.steward) == (Status.STUCK, "why", "clerk")
    play.operate("reassign", to="bo")
    assert ([one.name for one in play.run.held], play.run.steward) == (["give", "give_up"], "bo")
    play.operate("pause")
    assert play.send("give").outcome is Outcome.HELD
    play.operate("resume")
    assert [one.name for one in play.run.held] == ["give", "give_up", "give"]
    play.operate("skip")
    assert (play.state, play.run.status, play.run.held) == ("b", Status.ACTIVE, ())


def test_a_function_that_breaks_on_what_was_held_keeps_nobody_from_resuming() -> None:
    def broken(data: object, event: Event, now: object) -> dict[str, object]:
        raise KeyError("amount")

    rules = Rules(changes={"take": broken})
    play = Play(definition("{initial: a, states: {a: {on: {give: {do: take}, go: b}}, b: {}}}", rules))
    play.operate("pause")
    play.send("give")
    play.send("go")
    play.operate("resume")
    assert (play.run.status, play.run.trouble) == (
        Status.STUCK, "a function of 'd' failed with KeyError: 'amount'",
    )  # fmt: skip
    assert play.state == "a"
    play.operate("retry")
    assert [one.name for one in play.run.held] == ["give", "go"]
    play.operate("skip", call="give")
    assert (play.state, play.run.status, play.run.trouble, play.run.held) == ("b", Status.ACTIVE, "", ())


def test_a_function_that_breaks_when_a_call_is_skipped_is_told_and_another_way_is_open() -> None:
    def broken(data: object, event: Event, now: object) -> dict[str, object]:
        raise KeyError("amount")

    text = "{initial: a, states: {a: {calls: {c: {action: t.do}}, on: {done.c: {do: take}, go: b}}, b: {}}}"
    play = Play(definition(text, Rules(changes={"take": broken})))
    play.fail("c")
    with pytest.raises(
        NotPossible, match="skip is not possible: a function of 'd' failed with KeyError: 'amount'"
    ):
        play.operate("skip")
    play.operate("rewind", state="b")
    assert (play.state, play.run.status) == ("b", Status.ACTIVE)


def test_a_run_in_which_something_failed_takes_what_was_held_when_it_is_resumed() -> None:
    play = Play(
        "{initial: a, states: {a: {calls: {c: {action: t.do}}, on: {add: {do: x = event.x}, go: b}}, b: {}}}"
    )
    play.fail("c")
    play.operate("pause")
    play.send("add", {"x": 1})
    play.operate("resume")
    assert (play.run.status, play.run.trouble) == (Status.STUCK, "c: broken")
    assert (play.run.data, play.run.held) == ({"x": 1}, ()), "as without the pause"
    play.send("add", {"x": 2})
    assert play.run.data == {"x": 2}
    play.operate("pause")
    play.send("go")
    play.operate("resume")
    assert (play.state, play.run.status) == ("b", Status.ACTIVE), "it led out of what failed"


def test_what_fails_while_held_does_not_keep_what_comes_after_it() -> None:
    play = Play("{initial: a, states: {a: {calls: {c: {action: t.do}}, on: {go: b}}, b: {on: {again: a}}}}")
    play.operate("pause")
    play.fail("c")
    play.send("go")
    play.operate("resume")
    assert (play.state, play.run.status, play.run.held) == ("b", Status.ACTIVE, ())


def test_people_cannot_decide_before_what_came_earlier_is_looked_at() -> None:
    play = Play(ASK)
    play.last = halt(play.run, Event(name="ring", actor="office"), "no", "", NOW)
    why = r"ring came before and could not be taken \(no\); have it tried again or skipped"
    with pytest.raises(NotPossible, match=why):
        play.decide("q", "no", "bo")
    with pytest.raises(NotPossible, match=why):
        play.send("$delegate", {"task": "q", "to": "bo"})
    play.operate("skip")
    play.decide("q", "no", "bo")
    assert play.run.status is not Status.STUCK


def test_an_event_that_a_run_cannot_take_from_people_is_refused_as_it_is() -> None:
    play = Play(PICKY)
    with pytest.raises(TaskError, match="cannot be taken"):
        play.send("give", {"bad": 1})


def test_a_halted_run_keeps_the_event_and_whoever_looks_after_it() -> None:
    run = Play(PICKY).run
    event = Event(name="give", actor="office", data={"n": 1}, key="once")
    halted = halt(run, event, "why", "clerk", NOW)
    assert (halted.run.status, halted.run.trouble, halted.run.steward) == (Status.STUCK, "why", "clerk")
    assert halted.run.held == (replace(event, key=None),)
    assert (halted.run.version, halted.outcome) == (2, Outcome.HELD)
    assert halted.entry is not None
    assert halted.entry.key == "once"
    again = halt(replace(halted.run, steward="eva"), event, "still", "clerk", NOW)
    assert (again.run.steward, again.run.trouble, len(again.run.held)) == ("eva", "still", 2)
    assert halt(run, event, "why", "", NOW).run.steward == "owner"


# --- deadlines ---------------------------------------------------------------------------------------------------


def test_the_deadlines_that_the_data_sets_can_be_set_anew() -> None:
    rules = definition(
        """
        initial: a
        states: {a: {on: {ring: b}}, b: {}}
        deadlines:
          due: {in: a, at: data.due, event: ring}
          slow: {in: a, after: 5 s, event: ring}
          none: {in: a, at: data.gone, event: ring}
          past: {in: b, at: data.due, event: ring}
        """
    )
    run: Run = Play(rules, {"due": "2026-11-27"}).run
    lima = ZoneInfo("America/Lima")
    (only,) = arm(rules, run, NOW.astimezone(lima))
    assert only == SetDeadline(run="r", name="due", at=only.at, event="ring")
    assert only.at.isoformat() == "2026-11-28T05:00:00+00:00"
