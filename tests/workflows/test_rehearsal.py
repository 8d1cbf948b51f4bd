"""Rehearsals: workflows played through with a clock that is moved, on the engine of an office."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from server.roles import Role, roles_down_to
from workflows.at_once import finished
from workflows.definition import Definition
from workflows.errors import CannotUpgrade, DefinitionError, NotAllowed, NotYours, RehearsalError
from workflows.memory import MemoryStore
from workflows.parts import Rules
from workflows.rehearsal import RANKS, Did, Late, Refuse, Rehearsal, TryAgain
from workflows.run import Outcome, Status
from workflows.written import read_definition

SHIPPED = Path(__file__).parents[2] / "assets" / "workflows"
PEOPLE = {"ana": "owner", "kim": "facilitator", "lin": "facilitator", "bo": "member"}
CHAIRS = {"what": "Ten chairs", "amount": 900, "why": "New colleagues"}
LETTER = """
name: letter
initial: writing
states:
  writing:
    calls:
      post:
        action: mail.send
        with: {to: "{data.to}"}
        save: sent
        timeout: 30
        retry: {attempts: 3, first: 10, factor: 2, jitter: 0}
    on: {done.post: sent, failed.post: lost, hurry: hurried}
  sent: {final: true}
  hurried: {final: true}
  lost: {final: true}
"""


def shipped(*names: str) -> list[Definition]:
    return [written((SHIPPED / f"{name}.yaml").read_text(encoding="utf-8")) for name in names]


def written(text: str) -> Definition:
    return read_definition(text, Rules())


def purchase(**more: Any) -> Rehearsal:
    rehearsal = Rehearsal(*shipped("purchase"), people=PEOPLE)
    rehearsal.start({**CHAIRS, **more}, by="bo")
    return rehearsal


def letter(*told: Any) -> Rehearsal:
    return Rehearsal(written(LETTER), answers={"mail.send": told})


# --- people ------------------------------------------------------------------------------------------------------


def test_a_purchase_is_approved_and_ordered() -> None:
    rehearsal = purchase()
    assert [task.name for task in rehearsal.questions("kim")] == ["approval"]
    rehearsal.decide("approval", "approve", by="kim", form={"comment": "Good ones"})
    rehearsal.decide("order", "ordered", by="bo", form={"order_number": "4711"})
    assert (rehearsal.state, rehearsal.status, rehearsal.is_over) == ("ordered", Status.DONE, True)
    assert rehearsal.data["approved_by"] == ["kim"]
    assert rehearsal.data["order_number"] == "4711"
    assert rehearsal.events() == ["start", "$decide", "done.approved", "$decide"]


def test_two_have_to_agree_on_a_large_one() -> None:
    rehearsal = purchase(amount=5000)
    rehearsal.decide("approval_by_two", "approve", by="kim")
    assert rehearsal.state == "two_approve"
    assert not rehearsal.questions("kim"), "they have decided"
    with pytest.raises(NotYours, match="decided this already"):
        rehearsal.decide("approval_by_two", "approve", by="kim")
    rehearsal.decide("approval_by_two", "approve", by="ana")
    assert rehearsal.state == "ordering"


def test_who_may_not_decide_is_refused_as_in_an_office() -> None:
    rehearsal = Rehearsal(*shipped("purchase"), people=PEOPLE)
    rehearsal.start(CHAIRS, by="kim")
    with pytest.raises(NotYours, match="who asked for it"):
        rehearsal.decide("approval", "approve", by="kim")
    with pytest.raises(NotYours, match="it is for facilitator"):
        rehearsal.decide("approval", "approve", by="bo")
    with pytest.raises(RehearsalError, match="nobody is called 'zoe'"):
        rehearsal.decide("approval", "approve", by="zoe")
    rehearsal.delegate("approval", "bo", by="ana")
    rehearsal.decide("approval", "reject", by="bo")
    assert rehearsal.state == "rejected"


def test_roles_bring_those_below_them_as_in_an_office() -> None:
    assert [*RANKS] == [*roles_down_to(Role.OWNER)]
    rehearsal = Rehearsal(*shipped("purchase"), people={"ana": "owner", "cy": ["accounting", "member"]})
    assert rehearsal.people == {"ana": RANKS, "cy": ("accounting", "member", "guest")}


def test_what_is_filled_in_has_to_fit_as_in_an_office() -> None:
    rehearsal = Rehearsal(*shipped("onboarding", "purchase"), people=PEOPLE)
    with pytest.raises(RehearsalError, match="data does not fit") as fault:
        rehearsal.start({"name": "", "start": "soon", "buddy": "nobody"})
    assert all(field in str(fault.value) for field in ("name:", "start:", "buddy:"))
    rehearsal.start({"name": "Kim", "start": "2026-01-12", "buddy": "bo"}, by="ana")
    with pytest.raises(RehearsalError, match="form does not fit: desk:"):
        rehearsal.decide("desk_ready", "ready", by="lin", form={"desk": 3})


def test_a_question_that_is_not_asked_is_refused_with_those_that_are() -> None:
    rehearsal = purchase()
    with pytest.raises(RehearsalError, match="'order' is not asked now; what is asked: approval"):
        rehearsal.decide("order", "ordered", by="bo")
    rehearsal.start(CHAIRS, by="bo")
    with pytest.raises(RehearsalError, match=r"several runs \(run1, run2\)"):
        rehearsal.decide("approval", "approve", by="kim")
    rehearsal.decide("approval", "reject", by="kim", run="run2")
    assert [run.state for run in rehearsal.runs()] == ["one_approves", "rejected"]


def test_events_are_sent_but_not_those_that_come_of_themselves() -> None:
    rehearsal = purchase()
    for event in ("approve.approval", "$cancel", "done.state.open"):
        with pytest.raises(RehearsalError, match="comes of itself"):
            rehearsal.send(event, by="bo")
    with pytest.raises(NotAllowed, match="possible is: withdraw"):
        rehearsal.send("nonsense", by="bo")
    with pytest.raises(NotAllowed):
        rehearsal.send("withdraw", by="kim")
    rehearsal.send("withdraw", by="bo")
    assert rehearsal.state == "withdrawn"


def test_runs_are_moved_by_hand() -> None:
    rehearsal = purchase()
    rehearsal.operate("pause", by="ana", reason="Holidays")
    assert rehearsal.look().status is Status.PAUSED
    rehearsal.operate("resume", by="ana")
    rehearsal.operate("rewind", by="ana", state="two_approve")
    assert rehearsal.state == "two_approve"
    rehearsal.operate("cancel", by="ana")
    assert rehearsal.look().status is Status.CANCELLED
    assert rehearsal.history()[1].data["reason"] == "Holidays"


# --- time --------------------------------------------------------------------------------------------------------


def test_a_year_passes_in_less_than_a_second() -> None:
    began = time.perf_counter()
    rehearsal = Rehearsal(
        *shipped("onboarding", "purchase"), people=PEOPLE, at="2026-01-05T09:00", timezone="Europe/Berlin"
    )
    hire = {"name": "Kim Ro", "start": "2026-11-02", "buddy": "bo", "computer": True, "budget": 1800}
    rehearsal.start(hire, by="ana")
    assert rehearsal.state == "contract,buying"
    bought = rehearsal.child("computer_purchase")
    assert bought.data["what"] == "Computer for Kim Ro"

    rehearsal.decide("approval_by_two", "approve", by="kim")
    rehearsal.decide("approval_by_two", "approve", by="lin")
    rehearsal.decide("order", "ordered", by="ana", form={"arrives": "2026-02-01"})
    assert rehearsal.state == "contract,desk"

    rehearsal.advance("11 days")
    assert rehearsal.question("papers_signed").roles == ("facilitator", "owner"), "it was escalated after ten"
    rehearsal.advance_to("2026-11-03T08:00")
    assert rehearsal.data["late"] is True, "the first day was over before everything was ready"
    rehearsal.decide("papers_signed", "signed", by="kim")
    rehearsal.decide("desk_ready", "ready", by="kim", form={"desk": "3 by the window"})
    assert rehearsal.state == "first_week"

    rehearsal.advance("11 days")
    assert rehearsal.state == "helping", "nobody said how the first week went"
    rehearsal.advance("6 days")
    assert rehearsal.state == "first_month"
    rehearsal.advance_to("2027-01-05T09:00")
    assert rehearsal.question("review").people == ("ana",)
    rehearsal.decide("review", "stays", by="ana", form={"feels": "yes"})
    assert rehearsal.state == "settled"
    assert time.perf_counter() - began < 1.0


def test_what_is_due_happens_at_its_time_and_in_its_order() -> None:
    rehearsal = purchase()
    assert rehearsal.next_at == datetime(2026, 1, 12, 9, tzinfo=UTC)
    assert [timer.event for timer in rehearsal.timers()] == ["overdue.approval"]
    rehearsal.advance("6 days 23 h")
    assert rehearsal.state == "one_approves"
    assert rehearsal.advance(timedelta(days=30)) == datetime(2026, 2, 11, 8, tzinfo=UTC)
    assert rehearsal.state == "lapsed"
    assert rehearsal.history()[-1].at == datetime(2026, 1, 12, 9, tzinfo=UTC), "not when the clock stopped"
    assert not rehearsal.advance_to_next()


def test_the_clock_stands_where_the_office_is() -> None:
    rehearsal = Rehearsal(*shipped("purchase"), at="2026-03-28T12:00", timezone="Europe/Berlin")
    rehearsal.advance("1 day")
    assert rehearsal.now.isoformat() == "2026-03-29T13:00:00+02:00", "the night had an hour less"
    with pytest.raises(RehearsalError, match="only goes forward"):
        rehearsal.advance_to("2026-03-28")
    with pytest.raises(RehearsalError, match="is no instant"):
        rehearsal.advance_to("tomorrow")


def test_a_workflow_that_turns_in_a_circle_does_not_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workflows.rehearsal.MOST_AT_ONCE", 50)
    circle = written(
        "name: circle\ninitial: a\nstates:\n  a: {on: {tick: b}}\n  b: {on: {tick: a}}\n"
        "deadlines:\n  from_a: {in: a, after: 0, event: tick}\n"
        "  from_b: {in: b, after: 0, event: tick}\n"
    )
    rehearsal = Rehearsal(circle)
    rehearsal.start()
    with pytest.raises(RehearsalError, match="in a circle"):
        rehearsal.advance("1 s")


def test_calls_that_follow_each_other_for_ever_do_not_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workflows.answers.MOST_AT_ONCE", 50)
    again = written(
        "name: again\ninitial: a\nstates:\n  a: {calls: {do: {action: x.y}}, on: {done.do: b}}\n"
        "  b: {calls: {redo: {action: x.y}}, on: {done.redo: a}}\n"
    )
    with pytest.raises(RehearsalError, match="in a circle"):
        Rehearsal(again).start()


# --- connectors --------------------------------------------------------------------------------------------------


def test_connectors_do_what_they_are_asked_unless_they_are_told_otherwise() -> None:
    rehearsal = letter(Did(result={"id": 7}))
    rehearsal.start({"to": "Zoe"})
    assert (rehearsal.state, rehearsal.data["sent"]) == ("sent", {"id": 7})
    assert [(one.action, one.params, one.attempt) for one in rehearsal.asked] == [("mail.send", {"to": "Zoe"}, 1)]
    assert [one.status for one in rehearsal.requests()] == ["done"]
    rehearsal.answer("mail.*", Refuse(reason="full"))
    rehearsal.answer("mail.send")
    assert rehearsal.start({"to": "Kim"}).state == "lost", "the nearest pattern that was told something counts"


def test_what_fails_is_tried_again_at_its_time_with_the_same_key() -> None:
    rehearsal = letter(TryAgain(reason="busy"), TryAgain(reason="busy", after=60), Did())
    rehearsal.start()
    assert rehearsal.state == "writing"
    rehearsal.advance("2 min")
    assert rehearsal.state == "sent"
    seconds = [(one.at - rehearsal.asked[0].at).total_seconds() for one in rehearsal.asked]
    assert seconds == [0, 10, 70], "ten seconds by the definition, then what the connector asked for"
    assert len({one.key for one in rehearsal.asked}) == 1


def test_a_connector_that_says_nothing_has_failed_after_its_time() -> None:
    rehearsal = letter(Late(seconds=31, answer=Did()))
    rehearsal.start()
    rehearsal.advance("10 min")
    assert rehearsal.state == "lost"
    assert len(rehearsal.asked) == 3
    assert rehearsal.requests()[0].errors[0]["reason"] == "no answer within 30 s"


def test_an_answer_that_nobody_wants_any_more_goes_unheard() -> None:
    rehearsal = letter(Late(seconds=20, answer=Did()))
    rehearsal.start()
    rehearsal.advance("5 s")
    rehearsal.send("hurry")
    rehearsal.advance("1 h")
    assert rehearsal.state == "hurried"
    assert rehearsal.unheard == rehearsal.asked
    assert [one.status for one in rehearsal.requests()] == ["withdrawn"]


def test_an_answer_may_depend_on_what_was_asked() -> None:
    def by_name(params: Mapping[str, Any]) -> Did | Refuse:
        return Did() if params["to"] == "Zoe" else Refuse(reason="unknown")

    rehearsal = letter(by_name)
    assert rehearsal.start({"to": "Zoe"}).state == "sent"
    assert rehearsal.start({"to": "Kim"}).state == "lost"


# --- versions ----------------------------------------------------------------------------------------------------


def test_a_run_goes_over_to_a_newer_version_or_says_why_it_cannot() -> None:
    old = written("name: w\ninitial: a\nstates:\n  a: {on: {go: z}}\n  z: {final: true}\n")
    new = written("name: w\ninitial: b\nstates:\n  b: {on: {go: z}}\n  z: {final: true}\n")
    rehearsal = Rehearsal(old)
    rehearsal.start()
    with pytest.raises(CannotUpgrade, match="it stands in a"):
        rehearsal.upgrade(new)
    rehearsal.upgrade(renamed={"a": "b"})
    assert rehearsal.state == "b"
    assert rehearsal.definition_of() == new
    rehearsal.send("go")
    assert [entry.outcome for entry in rehearsal.history()] == [Outcome.TAKEN] * 3


# --- itself ------------------------------------------------------------------------------------------------------


def test_what_cannot_be_done_is_said() -> None:
    with pytest.raises(RehearsalError, match="nothing to rehearse"):
        Rehearsal()
    rehearsal = Rehearsal(*shipped("purchase"))
    with pytest.raises(RehearsalError, match="nothing was started"):
        rehearsal.look()
    rehearsal.start(CHAIRS)
    with pytest.raises(RehearsalError, match="no child 'x'; it stands in one_approves"):
        rehearsal.child("x")


def test_the_same_key_gives_the_same_run_and_unknown_work_none() -> None:
    rehearsal = Rehearsal(*shipped("purchase"), people=PEOPLE)
    first = rehearsal.start(CHAIRS, by="bo", key="k")
    assert rehearsal.start(CHAIRS, by="bo", key="k") == first == rehearsal.run
    assert rehearsal.runs() == [first]
    with pytest.raises(DefinitionError, match="known are purchase"):
        rehearsal.start(CHAIRS, definition="nothing")


def test_only_what_never_waits_is_run_at_once() -> None:
    class Waits:
        def __await__(self) -> Any:
            yield

    async def waits() -> None:
        await Waits()

    with pytest.raises(Exception, match="had to be waited for"):
        finished(waits())
    assert finished(MemoryStore().next_timer()) is None
