"""Every fault that a definition can have, with its place in the document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.checks import assignment, matches
from workflows.definition import Definition
from workflows.errors import DefinitionError
from workflows.parts import (
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

A, B = State(name="a"), State(name="b", final=True)
GO = Transition(source="a", event="go", target="b")
RULES = Rules(
    guards={"agreed": lambda data, event, now: True},
    changes={"note": lambda data, event, now: data},
    instants={"later": lambda data, now: None},
)


def build(*states: State, ways: tuple[Transition, ...] = (GO,), **more: Any) -> Definition:
    values: dict[str, Any] = {"name": "d", "initial": "a", "states": states or (A, B), "transitions": ways}
    return Definition(**(values | {"rules": RULES} | more))


def problems(*states: State, **more: Any) -> Mapping[tuple[str | int, ...], str]:
    """What is wrong, by its place."""
    with pytest.raises(DefinitionError) as refused:
        build(*states, **more)
    assert refused.value.definition == "d"
    assert refused.value.reason == refused.value.problems[0][1]
    return dict(refused.value.problems)


def way(**values: Any) -> tuple[Transition, ...]:
    return (GO, Transition(**({"source": "a", "event": "other", "target": "b"} | values)))


def work(**values: Any) -> State:
    return State(name="a", **values)


def call(**values: Any) -> State:
    return work(calls=(Call(**({"name": "c", "action": "test.do"} | values)),))


def ask(**values: Any) -> State:
    return work(asks=(Ask(**({"name": "q", "title": "?", "role": "r"} | values)),))


# --- states ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("states", "place", "reason"),
    [
        ((A, B, State(name="a")), ("states", "a"), "the state 'a' is listed twice"),
        ((A, B, State(name="1")), ("states", "1"), "needs a name of letters, digits and _"),
        ((A, B, State(name="x" * 81)), ("states", "x" * 81), "needs a name of letters, digits and _"),
        ((A, B, State(name="c", parent="no")), ("states", "c"), "there is no state 'no' before it to stand in"),
        ((A, State(name="c", parent="b"), B), ("states", "c"), "there is no state 'b' before it to stand in"),
        ((A, B, State(name="c", parent="b")), ("states", "b", "states", "c"), "b is final, nothing stands in it"),
        (
            (A, B, State(name="p", parallel=True), State(name="c", parent="p", final=True)),
            ("states", "p", "states", "c"),
            "p is parallel; put it into one of its children",
        ),
        (
            (State(name="a", initial="b"), B),
            ("states", "a", "initial"),
            "its initial state 'b' does not stand in it",
        ),
        ((State(name="a", parallel=True), B), ("states", "a", "parallel"), "needs two children at least"),
        (
            (
                State(name="a", parallel=True, initial="c"),
                State(name="c", parent="a"),
                State(name="d", parent="a"),
                B,
            ),
            ("states", "a", "parallel"),
            "no initial one",
        ),
        (
            (
                State(name="a", parallel=True),
                State(name="c", parent="a", undoes=True),
                State(name="d", parent="a", undoes=True),
                B,
            ),
            ("states", "a", "states", "d", "undoes"),
            "it and c are active together; only one of them can take work back",
        ),
        ((A, B, State(name="far")), ("states", "far"), "'far' cannot be reached"),
        (
            (State(name="a"), State(name="c", parent="a"), State(name="d", parent="a"), B),
            ("states", "a", "states", "d"),
            "'d' cannot be reached",
        ),
    ],
)
def test_the_states_must_form_a_tree_that_can_be_walked(
    states: tuple[State, ...], place: tuple[str | int, ...], reason: str
) -> None:
    assert reason in problems(*states)[place]


def test_of_states_that_cannot_be_reached_the_outermost_is_named() -> None:
    far = (State(name="far"), State(name="in", parent="far"), State(name="deep", parent="in"))
    assert list(problems(A, B, *far)) == [("states", "far")]


@pytest.mark.parametrize("initial", ["gone", "c"])
def test_the_initial_state_must_stand_at_the_top(initial: str) -> None:
    found = problems(A, State(name="c", parent="a"), B, initial=initial)
    assert found["initial",] == f"its initial state {initial!r} is not among its states"


def test_a_renamed_state_must_become_one_that_is_there() -> None:
    found = problems(renamed={"old": "gone", "older": "b"})
    assert found == {("renamed", "old"): "renamed: old is to become 'gone', which is no state"}


def test_two_who_take_back_are_welcome_where_they_are_never_active_together() -> None:
    states = (State(name="a", undoes=True), State(name="c", undoes=True), B)
    ways = (Transition(source="a", event="done.undo", target="c"), Transition(source="c", target="b"))
    assert build(*states, ways=ways).by_name["c"].undoes


# --- what is done in them ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "place", "reason"),
    [
        (work(entry=("glow",)), ("entry", 0), "there is no change 'glow'; known are note"),
        (work(exit=("note", "x = data +")), ("exit", 1), "'data +' cannot be understood"),
        (call(name="undo"), ("calls", "undo"), "kept for what takes work back"),
        (call(name="c.d"), ("calls", "c.d"), "needs a name of letters"),
        (call(params={"to": ["{event.by}"]}), ("calls", "c", "with", "to", 0), "there is no 'event' here"),
        (
            call(undo=Undo(action="test.undo", params={"x": "{what}"})),
            ("calls", "c", "undo", "with", "x"),
            "there is no 'what' here",
        ),
        (call(retry=Retry(attempts=0)), ("calls", "c", "retry"), "must be 1 at least, and nothing negative"),
        (call(retry=Retry(factor=0.5)), ("calls", "c", "retry"), "must be 1 at least, and nothing negative"),
        (call(retry=Retry(first=-1)), ("calls", "c", "retry"), "must be 1 at least, and nothing negative"),
        (call(retry=Retry(jitter=-0.1)), ("calls", "c", "retry"), "must be 1 at least, and nothing negative"),
        (call(timeout=0), ("calls", "c", "timeout"), "timeout must be above 0"),
        (ask(title="{data.x +}"), ("asks", "q", "title"), "cannot be understood"),
        (ask(person="{event.by}"), ("asks", "q", "person"), "there is no 'event' here"),
        (ask(apart_from=("{run.started_by}", "{x}")), ("asks", "q", "apart_from", 1), "there is no 'x' here"),
        (
            ask(escalate=(Escalation(after=1, person="{x}"),)),
            ("asks", "q", "escalate", 0, "person"),
            "there is no 'x' here",
        ),
        (ask(escalate=(Escalation(after=1),)), ("asks", "q", "escalate", 0), "needs a role or a person"),
        (ask(shows=("data.x", "event.by")), ("asks", "q", "shows", 1), "there is no 'event' here"),
        (ask(role=""), ("asks", "q"), "say who is asked: a role or a person"),
        (ask(decisions={}), ("asks", "q", "decisions"), "it needs decisions"),
        (ask(decisions={"done": 1}), ("asks", "q", "decisions", "done"), "'done' cannot be a decision"),
        (ask(decisions={"so so": 1}), ("asks", "q", "decisions", "so so"), "'so so' cannot be a decision"),
        (ask(decisions={"yes": 0}), ("asks", "q", "decisions", "yes"), "yes needs one vote at least"),
        (
            work(children=(Child(name="k", definition="d", params={"x": "{y}"}),)),
            ("children", "k", "with", "x"),
            "there is no 'y' here",
        ),
    ],
)
def test_what_is_done_in_a_state_must_make_sense(state: State, place: tuple[str | int, ...], reason: str) -> None:
    assert reason in problems(state, B)["states", "a", *place]


def test_each_piece_of_work_needs_a_name_of_its_own() -> None:
    states = (
        work(calls=(Call(name="x", action="test.do"),), asks=(Ask(name="x", title="?", role="r"),)),
        State(name="c", children=(Child(name="x", definition="d"),)),
        B,
    )
    found = problems(*states, ways=(*way(), Transition(source="a", event="c", target="c")))
    assert list(found) == [("states", "a", "asks", "x"), ("states", "c", "children", "x")]
    assert "that name is taken" in found["states", "a", "asks", "x"]


@pytest.mark.parametrize("end", [{"undoes": True}, {"calls": (Call(name="c", action="test.do"),)}])
def test_nothing_is_done_in_a_final_state(end: dict[str, Any]) -> None:
    found = problems(A, State(name="b", final=True, **end))
    assert found["states", "b"] == "state b: it is final, nothing is done in it"


def test_sound_work_is_taken() -> None:
    state = work(
        entry=("note", "x = data.y"),
        calls=(Call(name="c", action="test.do", undo=Undo(action="test.undo", params={"x": "{event.result}"})),),
        asks=(Ask(name="q", title="{data.x}?", person="{run.started_by}", shows=("data.x",)),),
        children=(Child(name="k", definition="d", params={"x": "{data.y}"}),),
    )
    assert set(build(state, B).work) == {"c", "q", "k"}


# --- transitions and deadlines -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "place", "reason"),
    [
        ({"target": "gone"}, ("on", "other", 0, "to"), "there is no state 'gone'"),
        ({"event": "a b"}, ("on", "a b", 0), "'a b' is no name of an event"),
        ({"event": "a..b"}, ("on", "a..b", 0), "is no name of an event"),
        ({"event": ".*"}, ("on", ".*", 0), "is no name of an event"),
        ({"event": "x" * 121}, ("on", "x" * 121, 0), "is no name of an event"),
        ({"event": "", "target": "", "guards": ("data.x",)}, ("always", 0), "it would be taken for ever"),
        ({"guards": ("dark",)}, ("on", "other", 0, "if", 0), "there is no guard 'dark'; known are agreed"),
        ({"guards": ("agreed", "data.x >")}, ("on", "other", 0, "if", 1), "cannot be understood"),
        ({"changes": ("note", "glow")}, ("on", "other", 0, "do", 1), "there is no change 'glow'"),
        ({"raises": ("fine", "not so")}, ("on", "other", 0, "raise", 1), "'not so' is no name of an event"),
        ({"event": "go"}, ("on", "go", 1), "can never be taken: one before it has no guard"),
    ],
)
def test_a_transition_must_lead_somewhere(
    values: dict[str, Any], place: tuple[str | int, ...], reason: str
) -> None:
    assert reason in problems(ways=way(**values))["states", "a", *place]


def test_nothing_leaves_a_final_state_and_nothing_comes_from_nowhere() -> None:
    found = problems(ways=way(source="b", target="a"))
    assert found["states", "b", "on", "other", 0].endswith("b is final, nothing leaves it")
    assert "there is no state 'gone'" in problems(ways=way(source="gone"))[()]


def test_a_way_for_more_events_hides_those_behind_it() -> None:
    hidden = Transition(source="a", event="x.y", target="b")
    for event in ("*", "x.*"):
        ways = (GO, Transition(source="a", event=event, target="b"), hidden)
        assert "never be taken" in problems(ways=ways)["states", "a", "on", "x.y", 0]
        guarded = (GO, Transition(source="a", event=event, target="b", guards=("agreed",)), hidden)
        assert hidden in build(ways=guarded).transitions


@pytest.mark.parametrize(
    ("values", "place", "reason"),
    [
        ({"name": "1"}, (), "needs a name of letters"),
        ({"after": None}, (), "say when, with `after` or with `at`"),
        ({"at": "later"}, (), "say when, with `after` or with `at`"),
        ({"after": -1.0}, ("after",), "`after` must not be negative"),
        ({"after": None, "at": "never"}, ("at",), "there is no instant 'never'; known are later"),
        ({"after": None, "at": "event.at"}, ("at",), "there is no 'event' here; known are data"),
        ({"states": ()}, ("in",), "say in which states"),
        ({"states": ("a", "gone")}, ("in", 1), "there is no state 'gone'"),
        ({"event": "a b"}, ("event",), "'a b' is no name of an event"),
        ({"event": "ring"}, ("event",), "no transition takes the event 'ring'"),
    ],
)
def test_a_deadline_says_when_and_where_and_somebody_takes_it(
    values: dict[str, Any], place: tuple[str | int, ...], reason: str
) -> None:
    usual: dict[str, Any] = {"name": "late", "states": ("a",), "event": "go", "after": 5.0}
    deadline = Deadline(**(usual | values))
    assert reason in problems(deadlines=(deadline,))["deadlines", deadline.name, *place]
    assert build(deadlines=(Deadline(**usual),)).deadlines


def test_a_deadline_is_there_once() -> None:
    late = Deadline(name="late", states=("a",), event="go", after=5.0)
    assert problems(deadlines=(late, late)) == {("deadlines", "late"): "deadline late is there twice"}


def test_a_deadline_may_be_an_expression_over_the_data() -> None:
    late = Deadline(name="late", states=("a",), event="go", at="data.due")
    assert build(deadlines=(late,)).deadlines == (late,)


def test_all_that_is_wrong_of_one_kind_is_told_at_once() -> None:
    assert len(problems(call(timeout=0), B, ways=way(target="gone"))) == 2


# --- names -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "event", "fits"),
    [
        ("go", "go", True),
        ("go", "go.now", False),
        ("go", "gone", False),
        ("", "", False),
        ("", "go", False),
        ("*", "go", True),
        ("*", "", False),
        ("go.*", "go.now", True),
        ("go.*", "go.now.please", True),
        ("go.*", "go", False),
        ("go.*", "gone.x", False),
        ("go*", "gone", False),
    ],
)
def test_a_pattern_takes_whole_names_or_all_below_one(pattern: str, event: str, fits: bool) -> None:
    assert matches(pattern, event) is fits


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        ("x = 1", ("x", "1")),
        (" x_1=data.y\n", ("x_1", "data.y")),
        ("x = data.y == 2", ("x", "data.y == 2")),
        ("x == 2", None),
        ("note", None),
        ("data.x = 2", None),
        ("x =", None),
    ],
)
def test_a_change_is_an_assignment_or_a_name(change: str, parts: tuple[str, str] | None) -> None:
    assert assignment(change) == parts


@given(st.from_regex(r"[a-z]{1,5}(\.[a-z]{1,5}){0,3}", fullmatch=True))
def test_each_event_is_taken_by_its_own_name_by_each_family_and_by_the_star(event: str) -> None:
    parts = event.split(".")
    families = {".".join(parts[:length]) + ".*" for length in range(1, len(parts))}
    assert all(matches(pattern, event) for pattern in {event, "*"} | families)
    assert not matches(event + ".*", event)
