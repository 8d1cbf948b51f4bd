"""Definitions are checked when they are built."""

from __future__ import annotations

from typing import Any

import pytest

from workflows.definition import Definition
from workflows.errors import DefinitionError
from workflows.library import LIBRARY
from workflows.library.action_item import ACTION_ITEM, RULES
from workflows.parts import Deadline, Rules, State, Transition


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
