"""Random small statecharts: nested, parallel and final states, guards on data, events that are raised."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from workflows.definition import Definition
from workflows.parts import State, Transition

EVENTS = ("e1", "e2")
RAISED = ("r1", "r2")
_VALUES = st.integers(0, 2)
_FIELDS = st.sampled_from(["x", "y"])
GUARDS = st.one_of(
    st.builds("data.{} {} {}".format, _FIELDS, st.sampled_from(["==", "!=", "<"]), _VALUES),
    st.builds("data.x {} data.y".format, st.sampled_from(["==", "<="])),
    st.builds("not data.{} == {}".format, _FIELDS, _VALUES),
)
CHANGES = st.one_of(st.builds("{} = {}".format, _FIELDS, _VALUES), st.sampled_from(["x = data.y", "y = data.x"]))


@st.composite
def charts(draw: st.DrawFn) -> Definition:
    """A chart that begins in `boot`; `root` holds all else, and leads to each of its states by `to_NAME`.

    There is at least one parallel state; what stands in one is never parallel itself.
    """
    tree = _Tree(draw)
    tree.add("boot")
    tree.add("root")
    tree.parallel("root", draw(st.sampled_from([1, 1, 2])))
    for _ in range(draw(st.integers(0, 1))):
        tree.any("root", 1)
    inner = [state for state in tree.states if state.name != "boot"]
    transitions = [Transition(source="boot", target="root")]
    transitions += [Transition(source="root", event=f"to_{state.name}", target=state.name) for state in inner]
    transitions += [Transition(source="root", event="finish", target="end")]
    for state in inner:
        if not state.final:
            transitions += _to_the_end(state, inner)
            transitions += _ways(draw, state, inner)
    return Definition(
        name="chart",
        initial="boot",
        states=(*tree.states, State(name="end", final=True)),
        transitions=tuple(transitions),
    )


class _Tree:
    """States as they are drawn, a parent before its children."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.states: list[State] = []
        self._draw = draw

    def add(self, name: str = "", **values: Any) -> str:
        changes = st.lists(CHANGES, max_size=1).map(tuple)
        name = name or f"s{len(self.states) - 1}"
        self.states.append(State(name=name, entry=self._draw(changes), exit=self._draw(changes), **values))
        return name

    def parallel(self, parent: str, depth: int) -> None:
        name = self.add(parent=parent, parallel=True)
        for _ in range(self._draw(st.integers(2, 3))):
            self.compound(name, depth)

    def compound(self, parent: str, depth: int) -> None:
        place = len(self.states)
        name = self.add(parent=parent)
        for _ in range(self._draw(st.integers(1, 2))):
            self.any(name, depth - 1)
        if self._draw(st.integers(0, 3)):
            self.add(parent=name, final=True)
        own = [one.name for one in self.states if one.parent == name]
        self.states[place] = replace(self.states[place], initial=self._draw(st.sampled_from([own[0], *own])))

    def any(self, parent: str, depth: int) -> None:
        kinds: list[Callable[[str, int], object]] = [lambda parent, depth: self.add(parent=parent)]
        if depth > 0:
            kinds += [self.compound, self.parallel]
        self._draw(st.sampled_from(kinds))(parent, depth)


def _ways(draw: st.DrawFn, state: State, inner: list[State]) -> Iterator[Transition]:
    """Transitions of a state: more to those beside it than to others, some when a state in it is done."""
    beside = [one.name for one in inner if one.parent == state.parent]
    targets = st.sampled_from(beside) | st.sampled_from([one.name for one in inner])
    own = [one.name for one in inner if one.parent == state.name]
    often = [f"done.state.{state.name}"] * 3 if own else []
    ends = [f"done.state.{one.parent}" for one in inner if one.parent]
    events = st.sampled_from([*EVENTS, *RAISED, *often]) | st.sampled_from([*ends, "*", ""])
    chosen = draw(st.lists(events, min_size=1, max_size=3, unique=True))
    for event in sorted(chosen, key=lambda event: event == "*"):
        several = draw(st.lists(st.lists(GUARDS, min_size=1, max_size=1), min_size=not event, max_size=1))
        for guards in [*several, []] if event else several:
            yield Transition(
                source=state.name,
                event=event,
                target=draw(targets | st.just("") if event else targets),
                guards=tuple(guards),
                changes=tuple(draw(st.lists(CHANGES, max_size=2))),
                raises=tuple(draw(st.sampled_from([(), (), (), ("r1",), ("r2", "r1")]))),
            )


def _to_the_end(state: State, inner: list[State]) -> Iterator[Transition]:
    """By one event all regions of a parallel state can be done."""
    for one in inner:
        if one.final and one.parent == state.parent:
            yield Transition(source=state.name, event="close", target=one.name)


def events_of(chart: Definition) -> st.SearchStrategy[str]:
    """Events that a chart may get from outside."""
    jumps = [t.event for t in chart.transitions if t.event.startswith("to_")]
    often = st.sampled_from([*EVENTS, "close"])
    return often | often | st.sampled_from([*RAISED, "nothing"]) | st.sampled_from([*jumps, "finish"])
