"""The tree of states: who stands in whom, what is entered, where two ways part."""

from __future__ import annotations

from hypothesis import given, settings

from tests.workflows.charts import charts
from workflows.chart import Chart, chart_of
from workflows.definition import Definition
from workflows.parts import State

TREE = chart_of(
    [
        State(name="idle"),
        State(name="work"),
        State(name="both", parent="work", parallel=True),
        State(name="left", parent="both", initial="l2"),
        State(name="l1", parent="left"),
        State(name="l2", parent="left"),
        State(name="right", parent="both"),
        State(name="r1", parent="right"),
        State(name="end"),
    ]
)


def test_the_look_ups_follow_the_document() -> None:
    assert TREE.sorted(["end", "r1", "work", "idle", "l1"]) == ["idle", "work", "l1", "r1", "end"]
    assert TREE.line["l2"] == ("work", "both", "left", "l2")
    assert TREE.children[""] == ("idle", "work", "end")
    assert (TREE.first["both"], TREE.first["left"], TREE.first["right"]) == (("left", "right"), ("l2",), ("r1",))
    assert TREE.first["idle"] == ()


def test_a_state_stands_in_those_above_it_and_in_nothing_else() -> None:
    assert TREE.within("l2", "work")
    assert TREE.within("work", "work")
    assert TREE.within("l2", "")
    assert not TREE.within("work", "l2")
    assert not TREE.within("idle", "work")


def test_two_states_are_active_together_where_they_part_in_a_parallel_one() -> None:
    assert TREE.together("l1", "r1")
    assert TREE.together("work", "l1")
    assert TREE.together("l1", "l1")
    assert not TREE.together("l1", "l2")
    assert not TREE.together("idle", "l1")


def test_a_way_leaves_the_innermost_state_around_both_ends_that_is_not_parallel() -> None:
    assert TREE.domain(("l1", "l2")) == "left"
    assert TREE.domain(("l1", "r1")) == "work"
    assert TREE.domain(("l1", "end")) == ""
    assert TREE.domain(("left", "l2")) == "work", "a way to its own child leaves a state that stands in a parallel"


def test_to_enter_a_state_enters_all_on_the_way_and_what_belongs_to_it() -> None:
    assert TREE.entered("idle", "") == ("idle",)
    assert TREE.entered("work", "") == ("work", "both", "left", "l2", "right", "r1")
    assert TREE.entered("l1", "") == ("work", "both", "left", "l1", "right", "r1")
    assert TREE.entered("l1", "left") == ("l1",)


@settings(max_examples=25)
@given(charts())
def test_what_is_entered_is_a_whole_configuration(chart: Definition) -> None:
    for state in chart.states:
        _check(chart.chart, set(chart.chart.entered(state.name, "")))


def _check(chart: Chart, active: set[str]) -> None:
    """One state at the top; in each active state with children, one of them, or all of a parallel one."""
    for name in ("", *active):
        inside = [child for child in chart.children[name] if child in active]
        wanted = len(chart.children[name]) if name in chart.parallel else min(1, len(chart.children[name]))
        assert len(inside) == wanted, name
    assert all(set(chart.line[name]) <= active for name in active)
    for one in active:
        assert all(chart.together(one, other) for other in active)
