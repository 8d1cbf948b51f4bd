"""Decisions of people: quorum, who may, what they saw, delegation and escalation."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workflows.core.play import NOW, Play
from workflows.audit import digest
from workflows.effects import ChangeTask, ClearDeadline, CloseTask, OpenTask, SetDeadline
from workflows.erased import NOBODY
from workflows.errors import NotYours, Outdated, TaskError
from workflows.run import Outcome

CONSENT = """
initial: asking
states:
  asking:
    asks:
      consent:
        title: "Pay {data.amount}?"
        role: approver
        person: "{data.boss}"
        apart_from: ["{run.started_by}", "{data.gone}"]
        decisions: {approve: 2, reject: 1}
        shows: [data.amount]
        form: {type: object}
        due: 1 day
        escalate:
          - {after: 1 h, role: chief}
          - {after: 2 h, person: "{data.last}"}
    on:
      approve.consent: {to: paid, do: ["by = event.decided_by", "form = event.form"]}
      reject.consent: refused
      set: {do: amount = event.amount}
  paid: {}
  refused: {}
"""
DATA = {"amount": 900, "boss": "cem", "last": "zoe"}


def asking() -> Play:
    return Play(CONSENT, DATA)


def test_a_question_opens_with_all_that_people_need_to_see() -> None:
    play = asking()
    (task,) = play.of(OpenTask)
    assert (task.title, task.roles, task.people, task.barred) == ("Pay 900?", ("approver",), ("cem",), ("ana",))
    assert (task.shown, task.subject) == ({"data.amount": 900}, digest({"data.amount": 900}))
    assert (task.decisions, task.form) == ({"approve": 2, "reject": 1}, {"type": "object"})
    assert task.due == NOW + timedelta(days=1)
    assert [(one.name, one.at - NOW, one.event) for one in play.of(SetDeadline)] == [
        ("due:consent", timedelta(days=1), "overdue.consent"),
        ("escalate:consent:0", timedelta(hours=1), "$escalate.consent.0"),
        ("escalate:consent:1", timedelta(hours=2), "$escalate.consent.1"),
    ]
    assert play.run.open["consent"].subject == task.subject


def test_without_a_choice_all_of_the_data_is_shown() -> None:
    (task,) = Play("{initial: a, states: {a: {asks: {q: {title: x, role: r}}}}}", {"x": 1}).of(OpenTask)
    assert (task.shown, task.subject, task.due) == ({"x": 1}, digest({"x": 1}), None)


@pytest.mark.parametrize(
    ("owner", "data", "roles", "people"),
    [
        ("clerk", {"who": "bo"}, (), ("bo",)),
        ("clerk", {}, ("clerk",), ()),
        ("", {}, ("owner",), ()),
        ("", {"who": 5}, ("owner",), ()),
        ("clerk", {"who": NOBODY}, ("clerk",), ()),
    ],
)
def test_a_question_to_nobody_goes_to_who_looks_after_the_work(
    owner: str, data: dict[str, object], roles: tuple[str, ...], people: tuple[str, ...]
) -> None:
    text = (
        f"{{owner: '{owner}', initial: a, states: {{a: {{asks: {{q: {{title: x, person: '{{data.who}}'}}}}}}}}}}"
    )
    (task,) = Play(text, data).of(OpenTask)
    assert (task.roles, task.people) == (roles, people)


def test_a_decision_comes_with_the_votes_that_it_needs() -> None:
    play = asking()
    play.decide("consent", "approve", "bo", form={"note": "fine"})
    assert play.state == "asking"
    (changed,) = play.of(ChangeTask)
    assert (changed.votes, changed.number) == ({"bo": "approve"}, 1)
    play.decide("consent", "approve", "dan", form={"note": "go"})
    assert play.state == "paid"
    assert (play.run.data["by"], play.run.data["form"]) == (["bo", "dan"], {"note": "go"})
    (closed,) = play.of(CloseTask)
    assert (closed.decision, closed.by, closed.votes) == ("approve", "dan", {"bo": "approve", "dan": "approve"})
    assert [one.name for one in play.of(ClearDeadline)] == [
        "due:consent",
        "escalate:consent:0",
        "escalate:consent:1",
    ]
    assert play.run.open == {}


def test_everybody_has_one_vote() -> None:
    play = asking()
    play.decide("consent", "approve", "bo")
    for decision in ("approve", "reject"):
        with pytest.raises(NotYours, match="you have decided this already; somebody else has to agree"):
            play.decide("consent", decision, "bo")
    assert play.run.open["consent"].votes == {"bo": "approve"}


def test_votes_for_other_decisions_do_not_count() -> None:
    play = asking()
    play.decide("consent", "approve", "bo")
    play.decide("consent", "reject", "dan")
    assert play.state == "refused"


@given(st.lists(st.tuples(st.sampled_from(["a", "b", "c", "d", "e"]), st.sampled_from(["yes", "no"]))))
def test_whoever_votes_in_whatever_order_the_first_with_a_quorum_decides(votes: list[tuple[str, str]]) -> None:
    need = {"yes": 3, "no": 2}
    play = Play(
        "{initial: a, states: {a: {asks: {q: {title: x, role: r, decisions: {'yes': 3, 'no': 2}}}, "
        "on: {yes.q: y, no.q: n}}, y: {}, n: {}}}"
    )
    seen: dict[str, str] = {}
    expected = "a"
    for person, vote in votes:
        if expected != "a":
            break
        if person in seen:
            with pytest.raises(NotYours, match="you have decided this already"):
                play.decide("q", vote, person)
            continue
        play.decide("q", vote, person)
        seen[person] = vote
        if list(seen.values()).count(vote) == need[vote]:
            expected = vote[0]
    assert play.state == expected


def test_only_who_was_asked_may_decide_and_never_who_asked_for_it() -> None:
    play = asking()
    seen = {"task": "consent", "decision": "approve", "subject": play.run.open["consent"].subject}
    with pytest.raises(NotYours, match="it is for approver, cem; ask one of them, or have it delegated to you"):
        play.send("$decide", seen, actor="bo", roles=["guest"])
    with pytest.raises(NotYours, match="who asked for it may not decide it") as refused:
        play.send("$decide", seen, actor="ana", roles=["approver"])
    assert (refused.value.run, refused.value.task, refused.value.code) == ("r", "consent", "not_yours")
    assert play.run.version == 1
    play.send("$decide", seen, actor="cem")
    assert play.run.open["consent"].votes == {"cem": "approve"}


def test_a_decision_holds_for_what_was_shown_alone() -> None:
    play = asking()
    for subject in ("other", None):
        with pytest.raises(Outdated, match="has changed since you saw it") as refused:
            play.decide("consent", "approve", "bo", subject=subject)
    assert (refused.value.run, refused.value.task) == ("r", "consent")
    play.send("set", {"amount": 950})
    assert play.run.open["consent"].subject == digest({"data.amount": 900}), "the card shows what it showed"


def test_only_what_can_be_decided_is() -> None:
    play = asking()
    with pytest.raises(TaskError, match="'perhaps' cannot be decided here; choose approve, reject"):
        play.decide("consent", "perhaps", "bo")


@pytest.mark.parametrize("name", ["$decide", "$delegate"])
@pytest.mark.parametrize("task", ["other", None])
def test_a_question_that_is_not_open_is_not_decided(name: str, task: str | None) -> None:
    play = asking()
    assert play.send(name, {"task": task, "decision": "approve", "to": "bo"}).outcome is Outcome.IGNORED
    calls = Play("{initial: a, states: {a: {calls: {c: {action: t.do}}}}}")
    assert calls.send(name, {"task": "c", "decision": "approve", "to": "bo"}).refused


def test_a_question_is_put_before_another_as_well() -> None:
    play = asking()
    delegate = {"task": "consent", "to": "flo"}
    play.send("$delegate", delegate, actor="bo", roles=["approver"])
    (changed,) = play.of(ChangeTask)
    assert (changed.people, changed.roles) == (("cem", "flo"), ("approver",))
    assert play.send("$delegate", delegate, actor="cem").outcome is Outcome.UNCHANGED
    play.send(
        "$decide", {**delegate, "decision": "reject", "subject": play.run.open["consent"].subject}, actor="flo"
    )
    assert play.state == "refused"


@pytest.mark.parametrize(
    ("actor", "to", "error"),
    [
        ("eve", "flo", "it is for approver, cem"),
        ("ana", "flo", "who asked for it may not decide it"),
        ("cem", "ana", "who asked for it may not decide it; choose somebody else"),
    ],
)
def test_it_is_not_put_before_who_may_not_nor_by_who_may_not(actor: str, to: str, error: str) -> None:
    with pytest.raises(NotYours, match=error):
        asking().send("$delegate", {"task": "consent", "to": to}, actor=actor)


def test_it_is_put_before_somebody() -> None:
    with pytest.raises(TaskError, match="say who is to decide"):
        asking().send("$delegate", {"task": "consent"}, actor="cem")


def test_when_nobody_decides_others_are_asked_as_well() -> None:
    play = asking()
    play.send("$escalate.consent.0", actor="office")
    assert play.run.open["consent"].roles == ("approver", "chief")
    play.send("$escalate.consent.1", actor="office")
    (changed,) = play.of(ChangeTask)
    assert (changed.roles, changed.people) == (("approver", "chief"), ("cem", "zoe"))
    assert play.send("$escalate.consent.1", actor="office").outcome is Outcome.UNCHANGED


@pytest.mark.parametrize("event", ["$escalate.consent.2", "$escalate.consent.x", "$escalate.other.0", "$escalate"])
def test_an_escalation_that_is_not_there_is_ignored(event: str) -> None:
    assert asking().send(event, actor="office").outcome is Outcome.IGNORED


def test_an_escalation_to_a_person_that_the_data_does_not_name_asks_nobody_more() -> None:
    play = Play(CONSENT, {**DATA, "last": None})
    assert play.send("$escalate.consent.1", actor="office").outcome is Outcome.UNCHANGED


def test_a_decision_that_nothing_leads_on_from_closes_the_question_all_the_same() -> None:
    play = Play("{initial: a, states: {a: {asks: {q: {title: x, role: r}}}}}")
    play.decide("q", "approve", "bo")
    assert (play.state, play.run.open, play.last.outcome) == ("a", {}, Outcome.TAKEN)
