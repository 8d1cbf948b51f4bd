"""Definitions are checked when they are built."""

from __future__ import annotations

from typing import Any

import pytest

from workflows.definition import Definition
from workflows.errors import DefinitionError
from workflows.library import LIBRARY
from workflows.library.action_item import ACTION_ITEM, RULES
from workflows.parts import Call, Deadline, Rules, State, Transition


def states(*names: str) -> tuple[State, ...]:
    return tuple(State(name=name) for name in names)


def build(**changes: Any) -> Definition:
    values: dict[str, Any] = {
        "name": "lamp",
        "initial": "off",
        "states": states("off", "on"),
        "transitions": (
            Transition(source="off", event="press", target="on"),
            Transition(source="on", event="press", target="off"),
        ),
        "rules": Rules(guards={"always": lambda data, event, now: True}),
    }
    return Definition(**(values | changes))


def test_a_sound_definition_is_built() -> None:
    assert build().events_from("off") == ("press",)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"initial": "dim"}, "initial state 'dim'"),
        ({"states": states("off", "on", "on")}, "listed twice"),
        ({"states": states("off", "on", "broken")}, "'broken' cannot be reached"),
        ({"transitions": (Transition(source="off", event="press", target="dim"),)}, "no state 'dim'"),
        (
            {"transitions": (Transition(source="off", event="press", target="on", guards=("dark",)),)},
            "no guard 'dark'; known are always",
        ),
        (
            {"transitions": (Transition(source="off", event="press", target="on", changes=("glow",)),)},
            "no change 'glow'; known are none",
        ),
        ({"transitions": (Transition(source="off", event="press", target="on"),) * 2}, "can never be taken"),
        ({"deadlines": (Deadline(name="d", states=("on",), at="later", event="press"),)}, "no instant 'later'"),
    ],
)
def test_a_faulty_definition_says_what_is_wrong(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(DefinitionError, match=reason):
        build(**changes)


def test_a_deadline_needs_known_states_and_an_event_somebody_takes() -> None:
    rules = Rules(instants={"later": lambda data, now: None})
    with pytest.raises(DefinitionError, match="no state 'dim'"):
        build(rules=rules, deadlines=(Deadline(name="d", states=("dim",), at="later", event="press"),))
    with pytest.raises(DefinitionError, match="no transition takes the event 'ring'"):
        build(rules=rules, deadlines=(Deadline(name="d", states=("on",), at="later", event="ring"),))


def test_a_definition_survives_its_document() -> None:
    again = Definition.from_document(ACTION_ITEM.to_document(), RULES)
    assert again == ACTION_ITEM
    assert again.content_hash() == ACTION_ITEM.content_hash()


def test_an_incomplete_document_is_refused() -> None:
    with pytest.raises(DefinitionError, match="incomplete"):
        Definition.from_document({"name": "lamp"}, RULES)


def test_the_hash_tells_definitions_apart() -> None:
    assert build().content_hash() != build(name="lantern").content_hash()


def test_the_library_knows_its_definitions_by_name() -> None:
    assert all(name == definition.name for name, definition in LIBRARY.items())


def test_the_ways_of_a_state_are_kept_by_event_and_those_without_one_last() -> None:
    ways = (
        Transition(source="off", target="on", guards=("data.x",)),
        Transition(source="on", event="press", target="off"),
        Transition(source="off", event="press", target="on", guards=("always",)),
        Transition(source="off", event="hold", target="on"),
        Transition(source="off", event="press", target="off"),
    )
    found = build(transitions=ways)
    assert [one.event for one in found.by_source["off"]] == ["press", "press", "hold", ""]
    assert found.by_source["off"][0].guards == ("always",), "of those for one event the first stays the first"
    assert found == build(transitions=(ways[2], ways[4], ways[3], ways[0], ways[1]))
    assert [one.source for one in found.transitions] == ["off"] * 4 + ["on"]


def test_the_events_that_may_do_something_are_those_of_all_active_states_from_the_inside_out() -> None:
    found = Definition(
        name="d",
        initial="p",
        states=(
            State(name="p", parallel=True, calls=(Call(name="c", action="t.do"),)),
            State(name="l", parent="p"),
            State(name="r", parent="p"),
            State(name="r1", parent="r"),
        ),
        transitions=(
            Transition(source="p", event="stop"),
            Transition(source="p", event="late"),
            Transition(source="p", event="done.c"),
            Transition(source="p", event="*"),
            Transition(source="p", guards=("data.x",), target="l"),
            Transition(source="l", event="go"),
            Transition(source="r1", event="stop"),
            Transition(source="r1", event="turn"),
        ),
        deadlines=(Deadline(name="d", states=("p",), after=5.0, event="late"),),
    )
    assert found.events_from("l,r1") == ("go", "stop", "turn")
    assert {name: state.name for name, (state, _) in found.work.items()} == {"c": "p"}
    assert [one.name for one in found.states] == ["p", "l", "r", "r1"]


def test_the_functions_of_a_definition_do_not_count_when_it_is_compared() -> None:
    other = Rules(guards={"always": lambda data, event, now: False})
    assert build() == build(rules=other)
    assert build().hash == build(rules=other).hash == build().content_hash()
