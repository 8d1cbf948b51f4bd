"""Definitions as JSON values: what is written is read again, and what is wrong is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings

from tests.workflows.core.definitions import definitions
from workflows.definition import Definition
from workflows.documents import hash_of
from workflows.errors import DefinitionError
from workflows.parts import (
    USUAL_TIMEOUT,
    Ask,
    Call,
    Child,
    Deadline,
    Escalation,
    Retry,
    Rules,
    State,
    Transition,
    Undo,
)

FULL = Definition(
    name="full",
    title="All there is",
    owner="office",
    data={"type": "object"},
    initial="a",
    states=(
        State(
            name="a",
            title="First",
            parallel=True,
            entry=("x = 1",),
            exit=("x = 2",),
            calls=(
                Call(
                    name="c",
                    action="mail.send",
                    params={"to": ["{data.who}"]},
                    save="sent",
                    retry=Retry(attempts=2, first=0.5, factor=3.0, most=9.0, jitter=0.0),
                    timeout=5.0,
                    undo=Undo(action="mail.recall", params={"id": "{event.result}"}),
                ),
                Call(name="plain", action="mail.send", undo=Undo(action="mail.recall")),
            ),
            asks=(
                Ask(
                    name="q",
                    title="Well?",
                    role="owner",
                    person="ana",
                    decisions={"yes": 2, "no": 1},
                    apart_from=("{run.started_by}",),
                    shows=("data.x",),
                    form={"type": "object"},
                    due=60.0,
                    escalate=(
                        Escalation(after=5.0, role="boss"),
                        Escalation(after=0.0, person="bo"),
                    ),
                ),
            ),
            children=(Child(name="k", definition="other", params={"x": 1}, save="kept"),),
        ),
        State(name="l", parent="a", initial="l1"),
        State(name="l2", parent="l"),
        State(name="l1", parent="l"),
        State(name="r", parent="a", undoes=True),
        State(name="b", final=True),
    ),
    transitions=(
        Transition(source="a", target="b", guards=("data.over", "data.sure")),
        Transition(source="a", event="go", target="b", changes=("x = 3",), guards=("data.x == 1",)),
        Transition(source="a", event="stay", raises=("go",)),
        Transition(source="a", event="go", target="b"),
        Transition(source="l1", event="go", target="l2"),
    ),
    deadlines=(
        Deadline(name="late", states=("a", "l"), after=0.0, event="go"),
        Deadline(name="due", states=("a",), at="data.due", event="go"),
    ),
    renamed={"old": "b"},
)


def document(**changes: Any) -> dict[str, Any]:
    return {"name": "d", "initial": "a", "states": {"a": {"on": {"go": "b"}}, "b": {"final": True}}} | changes


def state(**values: Any) -> dict[str, Any]:
    return document(states={"a": {"on": {"go": "b"}} | values, "b": {"final": True}})


def read(given: dict[str, Any]) -> Definition:
    return Definition.from_document(given, Rules())


def test_all_that_a_definition_can_say_is_in_its_document() -> None:
    written = FULL.to_document()
    assert read(json.loads(json.dumps(written))) == FULL
    assert list(written) == ["name", "title", "owner", "data", "initial", "states", "deadlines", "renamed"]
    assert list(written["states"]["a"]["on"]) == ["go", "stay"]
    assert [one.get("if") for one in written["states"]["a"]["on"]["go"]] == [["data.x == 1"], None]


@settings(max_examples=30)
@given(definitions())
def test_any_definition_survives_its_document(definition: Definition) -> None:
    written = json.loads(json.dumps(definition.to_document()))
    again = read(written)
    assert again == definition
    assert again.to_document() == written
    assert again.hash == definition.hash == hash_of(written)


def test_the_order_of_states_and_ways_counts_for_the_hash() -> None:
    ways = {"go": "b", "leave": "b"}
    turned = dict(reversed(ways.items()))
    assert read(state(on=ways)).hash != read(state(on=turned)).hash
    assert read(state(on=ways)).hash == read(state(on=dict(ways))).hash


def test_what_is_as_usual_may_be_left_out_and_is_not_written() -> None:
    asks = {"q": {"title": "?", "role": "r"}}
    calls = {"c": {"action": "test.do"}}
    found = read(state(asks=asks, calls=calls, states={"in": None}))
    ask, call = found.by_name["a"].asks[0], found.by_name["a"].calls[0]
    assert (ask.decisions, ask.due, ask.escalate) == ({"approve": 1, "reject": 1}, None, ())
    assert (call.retry, call.timeout, call.undo, call.save) == (Retry(), USUAL_TIMEOUT, None, "")
    assert found.by_name["in"] == State(name="in", parent="a")
    assert found.to_document()["states"]["a"]["calls"] == calls


def test_lengths_of_time_may_be_words_and_lists_of_one_may_be_bare() -> None:
    found = read(
        state(
            entry="x = 1",
            always={"to": "b", "if": "data.over"},
            calls={"c": {"action": "t.do", "timeout": "2 min", "retry": {"first": "1 h", "most": "1 day"}}},
            asks={"q": {"title": "?", "role": "r", "decisions": "yes", "due": "2 h", "apart_from": "bo"}},
        )
        | {"deadlines": {"late": {"in": "a", "after": "2 days", "event": "go"}}}
    )
    call, ask = found.by_name["a"].calls[0], found.by_name["a"].asks[0]
    assert (call.timeout, call.retry.first, call.retry.most) == (120, 3600, 86_400)
    assert (ask.decisions, ask.due, ask.apart_from) == ({"yes": 1}, 7200, ("bo",))
    assert found.by_name["a"].entry == ("x = 1",)
    assert Transition(source="a", target="b", guards=("data.over",)) in found.transitions
    assert (found.deadlines[0].states, found.deadlines[0].after) == (("a",), 172_800)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({}, "'name'"),
        ({"name": 5}, "name must be a text"),
        (document(states=None), "states must be a map"),
        (document(title=1), "title must be a text"),
        (document(data=[]), "data must be a map"),
        (document(deadlines=[]), "deadlines must be a map"),
        (document(renamed={"x": 1}), "x must be a text"),
        (document(deadlines={"late": {"after": 5, "event": "go"}}), "'in'"),
        (document(states={"a": []}), "incomplete"),
        (state(parallel="yes"), "parallel must be true or false"),
        (state(entry=[1]), "a text was expected"),
        (state(on={"go": 5}), "incomplete"),
        (state(calls={"c": {}}), "'action'"),
        (state(calls={"c": {"action": "t.do", "undo": []}}), "undo must be a map"),
        (state(calls={"c": {"action": "t.do", "retry": {"attempts": 1.5}}}), "attempts must be a number"),
        (state(calls={"c": {"action": "t.do", "retry": {"factor": "2"}}}), "factor must be a number"),
        (state(calls={"c": {"action": "t.do", "retry": {"tries": 2}}}), "tries"),
        (state(asks={"q": {"title": "?", "decisions": {"yes": "1"}}}), "votes must be whole numbers"),
        (state(asks={"q": {"title": "?", "escalate": [{}]}}), "'after'"),
    ],
)
def test_what_is_incomplete_or_of_the_wrong_kind_is_refused(given: dict[str, Any], reason: str) -> None:
    with pytest.raises(DefinitionError, match="its document is incomplete") as refused:
        read(given)
    assert reason in refused.value.reason


def test_a_wrong_length_of_time_is_named() -> None:
    with pytest.raises(DefinitionError, match="'soon' is no length of time"):
        read(document(deadlines={"late": {"in": "a", "after": "soon", "event": "go"}}))


def test_what_an_older_atrium_stored_is_read() -> None:
    older = {
        "name": "lamp",
        "initial": "off",
        "states": ["off", "on"],
        "transitions": [
            {"source": "off", "event": "press", "target": "on", "guards": ["data.power"], "changes": ["x = 1"]},
            {"source": "on", "event": "press", "target": "off"},
        ],
        "deadlines": [{"name": "tired", "states": ["on"], "at": "data.bedtime", "event": "press"}],
    }
    found = read(older)
    assert [one.name for one in found.states] == ["off", "on"]
    assert found.transitions[0] == Transition(
        source="off", event="press", target="on", guards=("data.power",), changes=("x = 1",)
    )
    assert found.deadlines == (Deadline(name="tired", states=("on",), at="data.bedtime", event="press"),)
    assert read({name: value for name, value in older.items() if name != "deadlines"}).deadlines == ()
    with pytest.raises(DefinitionError, match="incomplete"):
        read(older | {"transitions": [{"source": "off"}]})
