"""How people move a run that does not move by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import pytest

from tests.workflows.core.play import Play, definition
from workflows.effects import ChangeTask, CloseTask, Request, SetDeadline, StartChild, Withdraw
from workflows.errors import NotPossible, TaskError
from workflows.machine import halt
from workflows.parts import Rules
from workflows.run import Data, Doing, Event, Kind, Outcome, Status

TRIP = """
initial: hotel
owner: clerk
states:
  hotel:
    calls:
      hotel: {action: stay.book, save: hotel, undo: {action: stay.leave, with: {id: "{data.hotel}"}}}
    on: {done.hotel: train}
  train:
    calls:
      train: {action: rail.book, with: {to: x}, undo: {action: rail.leave, with: {id: "{event.result}"}}}
    on: {done.train: paying}
  paying:
    calls: {pay: {action: bank.pay}}
    asks: {sure: {title: "Sure?", role: boss}}
    children: {trip: {definition: other}}
    on: {done.pay: end, stop: back}
  back:
    undoes: true
    on: {done.undo: gone}
  gone: {final: true}
  end: {final: true}
deadlines:
  late: {in: [paying], after: 5, event: stop}
"""


def booked() -> Play:
    """A run with two things done."""
    play = Play(TRIP, {"hotel": None})
    play.done("hotel", "h5")
    play.done("train", "t7")
    assert play.state == "paying"
    return play


def failed() -> Play:
    play = booked()
    play.fail("pay", "no money")
    assert play.run.status is Status.STUCK
    return play


def asked(play: Play) -> list[tuple[str, Mapping[str, Any]]]:
    """What connectors are asked to do by the last event."""
    return [(one.action, one.params) for one in play.of(Request)]


def refused(play: Play, operation: str, **data: object) -> str:
    """Why it is not possible; the run stays as it is."""
    before = play.run
    with pytest.raises(NotPossible) as why:
        play.operate(operation, **data)
    assert play.run is before
    text = str(why.value)
    assert text.startswith(f"{operation} is not possible: ")
    return text.removeprefix(f"{operation} is not possible: ")


# --- cancel ------------------------------------------------------------------------------------------------------


def test_a_run_without_anything_done_is_cancelled_at_once() -> None:
    play = Play(TRIP)
    play.operate("cancel")
    assert (play.run.status, play.run.cancelling, play.run.open) == (Status.CANCELLED, False, {})
    assert play.of(Withdraw) == [Withdraw(run="r", name="hotel", number=1)]
    assert refused(play, "cancel") == "it is cancelled already"
    assert refused(play, "pause") == "it is cancelled already"


def test_a_cancelled_run_takes_back_what_it_did_the_last_first() -> None:
    play = booked()
    number = play.run.version
    assert [one.name for one in play.run.undo] == ["hotel", "train"]
    play.operate("cancel")
    assert asked(play) == [("rail.leave", {"id": "t7"})]
    assert {one.name for one in play.of(Withdraw)} == {"pay", "trip"}
    assert play.of(CloseTask)[0].number == number
    assert (play.run.status, play.run.cancelling, list(play.run.open)) == (Status.ACTIVE, True, ["undo"])
    assert play.send("done.pay", {"number": number}).refused
    assert play.send("stop").refused
    assert play.send("$escalate.sure.0").refused
    play.done("undo")
    assert asked(play) == [("stay.leave", {"id": "h5"})]
    play.done("undo")
    assert (play.run.status, play.run.undo, play.run.open) == (Status.CANCELLED, (), {})


def test_to_cancel_what_is_being_cancelled_changes_nothing() -> None:
    play = booked()
    play.operate("cancel")
    before = play.run
    assert play.operate("cancel").outcome is Outcome.UNCHANGED
    assert play.run is before


def test_what_is_being_taken_back_goes_on_when_the_run_is_cancelled() -> None:
    play = booked()
    play.send("stop")
    number = play.run.open["undo"].number
    play.operate("cancel")
    assert (asked(play), play.run.open["undo"].number) == ([], number)
    play.done("undo")
    assert asked(play) == [("stay.leave", {"id": "h5"})]
    play.done("undo")
    assert play.run.status is Status.CANCELLED


def test_what_could_not_be_taken_back_is_tried_anew_by_cancelling() -> None:
    play = booked()
    play.send("stop")
    play.fail("undo", "closed")
    assert (play.run.status, play.run.trouble, play.run.steward) == (Status.STUCK, "undo: closed", "clerk")
    play.operate("cancel")
    assert asked(play) == [("rail.leave", {"id": "t7"})]
    assert play.run.status is Status.ACTIVE
    play.fail("undo", "still closed")
    assert (play.run.status, play.run.cancelling) == (Status.STUCK, True)
    play.operate("skip")
    assert asked(play) == [("stay.leave", {"id": "h5"})]


def test_a_cancelled_run_forgets_what_it_held() -> None:
    play = booked()
    play.operate("pause")
    play.send("stop")
    play.operate("cancel")
    assert (play.run.held, play.run.status, play.run.cancelling) == ((), Status.ACTIVE, True)


def test_what_was_done_while_it_was_paused_is_taken_back_as_well() -> None:
    play = Play(TRIP)
    play.done("hotel", "h5")
    number = play.run.open["train"].number
    play.operate("pause")
    play.send("done.train", {"number": number, "result": "t7"}, actor="office")
    play.send("done.train", {"number": number, "result": "t8"}, actor="office")
    play.send("done.hotel", {"number": 1, "result": "h6"}, actor="office")
    play.operate("cancel")
    assert asked(play) == [("rail.leave", {"id": "t7"})]
    assert play.of(Withdraw) == [], "it is done: there is nothing to withdraw"
    play.done("undo")
    assert asked(play) == [("stay.leave", {"id": "h5"})]
    play.done("undo")
    assert play.run.status is Status.CANCELLED


@pytest.mark.parametrize(
    ("end", "next_one"), [("done", ("stay.leave", {"id": "h5"})), ("failed", ("rail.leave", {"id": "t7"}))]
)
def test_what_was_taken_back_while_it_was_paused_is_not_waited_for(
    end: str, next_one: tuple[str, Mapping[str, Any]]
) -> None:
    play = booked()
    play.send("stop")
    play.operate("pause")
    play.send(f"{end}.undo", {"number": play.run.open["undo"].number}, actor="office")
    play.operate("cancel")
    assert asked(play) == [next_one]
    assert play.of(Withdraw) == []
    assert play.run.status is Status.ACTIVE


def test_a_child_that_ended_while_it_was_paused_has_nothing_to_take_back() -> None:
    play = booked()
    play.operate("pause")
    play.done("trip")
    play.fail("pay")
    play.operate("rewind", state="hotel")
    assert (play.state, [one.name for one in play.run.undo]) == ("hotel", ["hotel", "train"])
    assert {one.name for one in play.of(Withdraw)} == {"pay", "trip"}


# --- pause and resume --------------------------------------------------------------------------------------------


def test_a_run_is_paused_once_and_resumed_once() -> None:
    play = booked()
    assert refused(play, "resume") == "it is not paused"
    play.operate("pause")
    assert refused(play, "pause") == "it is paused already"
    play.operate("resume")
    assert play.run.status is Status.ACTIVE


def test_a_stuck_run_that_was_paused_is_stuck_again_when_it_goes_on() -> None:
    play = failed()
    play.operate("pause")
    assert play.run.status is Status.PAUSED
    play.operate("resume")
    assert (play.run.status, play.run.trouble) == (Status.STUCK, "pay: no money")


def test_a_result_that_comes_while_it_is_paused_is_taken_when_it_goes_on() -> None:
    play = booked()
    play.operate("pause")
    play.done("pay")
    assert play.state == "paying"
    play.operate("resume")
    assert (play.state, play.run.status) == ("end", Status.DONE)


# --- retry and skip ----------------------------------------------------------------------------------------------


def test_what_failed_is_tried_again_with_a_new_number() -> None:
    play = failed()
    assert refused(booked(), "retry") == "nothing has failed"
    assert refused(play, "retry", call="train") == "nothing has failed"
    play.operate("retry", call="pay")
    assert (asked(play), play.run.status, play.run.trouble, play.run.steward) == (
        [("bank.pay", {})], Status.ACTIVE, "", "",
    )  # fmt: skip
    assert play.run.open["pay"].number == play.run.version
    play.done("pay")
    assert play.state == "end"


def test_one_of_two_that_failed_may_be_tried_again_alone() -> None:
    play = failed()
    play.fail("trip", "gone")
    play.operate("retry", call="trip")
    assert len(play.of(StartChild)) == 1
    assert (play.run.status, play.run.trouble) == (Status.STUCK, "pay: no money")
    play.operate("retry")
    assert play.run.status is Status.ACTIVE


def test_a_failure_of_a_paused_run_is_tried_again_without_waking_it() -> None:
    play = failed()
    play.operate("pause")
    play.operate("retry")
    assert (play.run.status, asked(play)) == (Status.PAUSED, [("bank.pay", {})])
    play.operate("resume")
    assert play.run.status is Status.ACTIVE


def test_what_could_not_be_taken_back_is_tried_again() -> None:
    play = booked()
    play.send("stop")
    number = play.run.open["undo"].number
    play.fail("undo", "closed")
    play.operate("retry")
    assert asked(play) == [("rail.leave", {"id": "t7"})]
    assert play.run.open["undo"].number > number
    assert play.run.undo == (
        Doing(name="hotel", action="stay.leave", params={"id": "h5"}),
        Doing(name="train", action="rail.leave", params={"id": "t7"}),
    )


def test_what_failed_is_skipped_as_if_it_had_been_done() -> None:
    play = Play(TRIP)
    play.fail("hotel")
    play.operate("skip", call="hotel", result="by phone")
    assert (play.state, play.run.data["hotel"], play.run.status) == ("train", "by phone", Status.ACTIVE)
    assert play.run.undo == (), "what Atrium did not do it does not take back"
    play.fail("train")
    play.operate("skip")
    assert play.state == "paying"


def test_one_failure_is_skipped_at_a_time() -> None:
    play = failed()
    assert refused(booked(), "skip") == "name one call to skip: nothing has failed"
    play.fail("trip", "gone")
    assert refused(play, "skip") == "name one call to skip: pay, trip"
    play.operate("skip", call="trip")
    assert (play.state, play.run.status, play.run.trouble) == ("paying", Status.STUCK, "pay: no money")
    play.operate("skip", call="pay")
    assert play.state == "end"


def test_a_failure_of_a_paused_run_is_skipped() -> None:
    play = failed()
    play.operate("pause")
    play.operate("skip")
    assert play.state == "end"


def test_what_cannot_be_taken_back_is_skipped_and_the_rest_taken_back() -> None:
    play = booked()
    play.send("stop")
    play.fail("undo", "closed")
    play.operate("skip")
    assert asked(play) == [("stay.leave", {"id": "h5"})]
    play.done("undo")
    assert (play.state, play.run.status) == ("gone", Status.DONE)


# --- what could not be taken -------------------------------------------------------------------------------------


END = Event(name="end", actor="office", data={"result": "bad"})


def willing(data: Data, event: Event, now: datetime) -> Data:
    if event.data.get("result") == "bad":
        raise TaskError("result", "cannot be taken")
    return {**data, "taken": [event.name, event.data.get("result")]}


PICKY = definition(
    """
    initial: a
    states:
      a:
        calls:
          c: {action: t.do, save: c, undo: {action: t.undo, with: {id: "{event.result}"}}}
          other: {action: t.do}
        children: {k: {definition: other, save: k}}
        on:
          done.c: {do: willing}
          failed.c: {to: gone, do: willing}
          done.k: {do: willing}
          back: back
          go: b
      b: {}
      back: {undoes: true, on: {done.undo: {to: gone, do: broken}}}
      gone: {final: true}
    """,
    Rules(changes={"willing": willing, "broken": lambda data, event, now: willing(data, END, now)}),
)


def halted(name: str, result: object = "bad") -> Play:
    """A run that cannot take how something ended, and to which something else came meanwhile."""
    play = Play(PICKY)
    event = Event(name=name, actor="office", data={"number": 1, "result": result})
    play.last = halt(play.run, event, "result: cannot be taken", "clerk", play.now)
    play.send("go")
    assert [one.name for one in play.run.held] == [name, "go"]
    return play


def test_what_could_not_be_taken_is_tried_again_with_what_came_after_it() -> None:
    play = halted("done.c", "good")
    play.operate("retry")
    assert (play.state, play.run.status, play.run.held) == ("b", Status.ACTIVE, ())
    assert play.run.data == {"c": "good", "taken": ["done.c", "good"]}
    play = halted("done.c")
    play.operate("retry")
    assert (play.run.status, [one.name for one in play.run.held]) == (Status.STUCK, ["done.c", "go"])


def test_a_result_that_cannot_be_taken_is_replaced_and_can_still_be_taken_back() -> None:
    play = halted("done.c")
    play.operate("skip", result="by hand")
    assert (play.state, play.run.data) == ("b", {"c": "by hand", "taken": ["done.c", "by hand"]})
    assert play.run.undo == (Doing(name="c", action="t.undo", params={"id": "by hand"}),)
    assert [one.name for one in play.of(Withdraw)] == ["other", "k"], "it is done: there is nothing to withdraw"
    play = halted("done.c")
    play.operate("skip", call="done.c")
    assert play.run.data == {"c": None, "taken": ["done.c", None]}
    assert play.run.undo == (Doing(name="c", action="t.undo", params={"id": "bad"}),), "what was done"
    play = halted("done.c")
    assert play.run.status is Status.STUCK
    with pytest.raises(TaskError, match="cannot be taken"):
        play.operate("skip", result="bad")
    assert [one.name for one in play.run.held] == ["done.c", "go"]


@pytest.mark.parametrize("name", ["failed.c", "done.k"])
def test_how_something_ended_that_cannot_be_taken_counts_as_done_when_skipped(name: str) -> None:
    play = halted(name)
    play.operate("skip", result=5)
    work = name.partition(".")[2]
    assert (play.state, play.run.data) == ("b", {work: 5, "taken": [f"done.{work}", 5]})
    assert (play.run.undo, play.run.status, play.run.held) == ((), Status.ACTIVE, ())


@pytest.mark.parametrize("name", ["done.other", "done.nothing", "done.c.more", "ring"])
def test_an_event_that_ends_nothing_is_left_out_when_skipped(name: str) -> None:
    play = Play(PICKY)
    play.fail("other")
    event = Event(name=name, actor="office", data={"number": 1})
    play.last = halt(play.run, event, "why", "clerk", play.now)
    play.operate("skip", call=name)
    assert (play.run.status, play.run.trouble, play.run.held) == (Status.STUCK, "other: broken", ())


def test_what_failed_is_skipped_before_what_could_not_be_taken() -> None:
    play = Play(PICKY)
    play.fail("other")
    event = Event(name="done.c", actor="office", data={"number": 1, "result": "bad"})
    play.last = halt(play.run, event, "why", "clerk", play.now)
    assert refused(play, "skip", call="nothing") == "name one call to skip: nothing has failed"
    play.operate("skip")
    assert "other" not in play.run.open
    assert (play.run.status, play.run.trouble) == (Status.STUCK, "result: cannot be taken")
    play.operate("skip")
    assert play.run.status is Status.ACTIVE


def test_a_paused_run_skips_nothing_that_it_has_not_looked_at() -> None:
    play = halted("done.c")
    play.operate("pause")
    assert refused(play, "skip") == "name one call to skip: nothing has failed"
    assert refused(play, "retry") == "nothing has failed"


def test_a_run_that_cannot_take_what_was_done_is_led_out_by_rewinding_or_cancelling() -> None:
    play = halted("done.c")
    play.operate("rewind", state="a")
    assert (play.state, play.run.status, play.run.held) == ("b", Status.ACTIVE, ())
    assert [one.params for one in play.run.undo] == [{"id": "bad"}]
    play = halted("done.c")
    play.operate("cancel")
    assert (asked(play), play.run.held) == ([("t.undo", {"id": "bad"})], ())


def test_the_end_of_what_is_taken_back_that_cannot_be_taken_is_led_out_too() -> None:
    play = Play(PICKY)
    play.done("c", "good")
    play.send("back")
    event = Event(name="done.undo", actor="office", data={"number": play.run.open["undo"].number})
    with pytest.raises(TaskError, match="cannot be taken"):
        play.done("undo")
    play.last = halt(play.run, event, "why", "clerk", play.now)
    with pytest.raises(TaskError, match="cannot be taken"):
        play.operate("skip")
    play.operate("rewind", state="b")
    assert (play.state, play.run.status, play.run.undo) == ("b", Status.ACTIVE, ())


# --- reassign ----------------------------------------------------------------------------------------------------


def test_somebody_else_looks_after_a_stuck_run() -> None:
    play = failed()
    assert play.run.steward == "clerk"
    play.operate("reassign", to="bo")
    assert play.run.steward == "bo"
    assert refused(play, "reassign") == "say who is to do it"
    assert refused(booked(), "reassign", to="bo").startswith("nobody has to look after it")


def test_a_question_is_put_before_one_person_alone() -> None:
    play = booked()
    number = play.run.version
    play.operate("reassign", task="sure", to="bo")
    assert (play.run.open["sure"].people, play.run.open["sure"].roles) == (("bo",), ())
    assert play.of(ChangeTask) == [
        ChangeTask(run="r", name="sure", number=number, roles=(), people=("bo",), votes={})
    ]
    assert refused(play, "reassign", task="pay", to="bo") == "there is no open question 'pay'"
    assert refused(play, "reassign", task="other", to="bo") == "there is no open question 'other'"


def test_a_question_is_not_put_before_who_may_not_decide_it() -> None:
    play = Play(
        "{initial: a, states: {a: {asks: {q: {title: x, role: r, apart_from: '{run.started_by}'}}}}}", actor="ana"
    )
    assert refused(play, "reassign", task="q", to="ana").startswith("who asked for it may not decide it")


# --- rewind ------------------------------------------------------------------------------------------------------


def test_a_run_is_put_back_into_a_state_and_all_of_it_begins_anew() -> None:
    play = booked()
    play.operate("rewind", state="train")
    assert play.state == "train"
    assert {one.name for one in play.of(Withdraw)} == {"pay", "trip"}
    assert asked(play) == [("rail.book", {"to": "x"})]
    assert [one.name for one in play.run.undo] == ["hotel", "train"], "what was done stays to be taken back"


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("", "there is no state ''"),
        ("x", "there is no state 'x'"),
        ("end", "end is an end; choose a state before it"),
    ],
)
def test_a_run_is_put_back_only_where_it_can_go_on(state: str, reason: str) -> None:
    assert refused(booked(), "rewind", state=state) == reason


def over() -> Play:
    play = booked()
    play.done("pay")
    return play


def cancelling() -> Play:
    play = booked()
    play.operate("cancel")
    return play


@pytest.mark.parametrize("before", [failed, over, cancelling])
def test_any_run_can_be_put_back_and_goes_on(before: Callable[[], Play]) -> None:
    play = before()
    play.operate("rewind", state="paying")
    run = play.run
    assert (run.status, run.trouble, run.cancelling, run.state) == (Status.ACTIVE, "", False, "paying")
    assert {name: one.kind for name, one in run.open.items()} == {
        "pay": Kind.CALL,
        "sure": Kind.ASK,
        "trip": Kind.CHILD,
    }
    assert {one.number for one in run.open.values()} == {run.version}
    assert [one.name for one in play.of(SetDeadline)] == ["late"], "its time begins anew"
