"""The machine beside another that follows SCXML: python-statemachine, on random charts and events.

Both get the same chart, ours as a definition and the other as an SCXML document, and the same events. After each
the same states must be active, and the data, which entry, exit and transition content write, must be the same.

Two things are set right in python-statemachine 3.2.2, where it departs from appendix D of the Recommendation: it
numbers states so that the children of one and those that follow it have the same place in the document, and it
asks active states for transitions in the order in which they were entered. Appendix D wants document order for
both.

Left out, for they are not in both:

- history states, transitions with several targets, and internal transitions (ours has none of them);
- event descriptors but whole names and `*` (`a` takes `a.b` in SCXML, and does not here);
- parallel states directly in parallel ones: there `done.state` of the outer one comes here as soon as all that is
  in it is done, as 3.4 says; appendix D forgets it when the last to be done is the inner one;
- parallel states at the top (python-statemachine ends a machine whose only state is done);
- work in states, time, and everything by which people move runs: SCXML has none of them;
- charts that turn for ever: ours refuses, the other would not return.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from unittest import mock
from xml.sax.saxutils import quoteattr

from hypothesis import event, given, settings
from hypothesis import strategies as st
from statemachine import StateChart
from statemachine.configuration import Configuration
from statemachine.engines.sync import SyncEngine
from statemachine.io import load
from statemachine.orderedset import OrderedSet

from tests.workflows.charts import charts, events_of
from workflows import turn
from workflows.checks import assignment
from workflows.definition import Definition
from workflows.errors import Endless
from workflows.machine import begin, step
from workflows.parts import State, Transition
from workflows.run import OVER, Event, Run

NOW = datetime(2026, 11, 20, tzinfo=UTC)
DATA = {"x": 0, "y": 0}
MOST = 50
"""Transitions from one event."""


@settings(max_examples=300)
@given(data=st.data(), chart=charts())
def test_the_same_states_are_active_as_by_scxml(data: st.DataObject, chart: Definition) -> None:
    events = data.draw(st.lists(events_of(chart), min_size=3, max_size=12))
    with _by_the_document():
        try:
            run = begin(chart, run_id="r", key="k", data=DATA, actor="ana", now=NOW).run
        except Endless:
            event("turns for ever")
            return
        theirs = _machine(chart)
        _compare(chart, run, theirs, [])
        for number, name in enumerate(events):
            try:
                run = step(chart, run, Event(name=name, actor="ana"), NOW).run
            except Endless:
                event("turns for ever")
                return
            theirs.send(name)
            _compare(chart, run, theirs, events[: number + 1])
            if run.status in OVER:
                event("is over")
                return
    event("goes on")


def _compare(chart: Definition, run: Run, theirs: StateChart[object], events: list[str]) -> None:
    ours = {state for leaf in run.states for state in chart.chart.line[leaf]}
    assert ours == {state.id for state in theirs.configuration}, events
    assert run.data == {name: getattr(theirs.model, name) for name in DATA}, events


# --- the other machine -------------------------------------------------------------------------------------------


def _machine(chart: Definition) -> StateChart[object]:
    kind = load(_scxml(chart), format="scxml", trusted=True)
    for name, state in kind.states_map.items():
        state.document_order = chart.chart.order[name] + 1
    return kind()


@contextmanager
def _by_the_document() -> Iterator[None]:
    """Keep active states in the order of the document."""
    write, take = Configuration._write_to_model, SyncEngine.microstep

    def sorted_first(self: Configuration, values: OrderedSet[str]) -> None:
        write(self, OrderedSet(sorted(values, key=lambda value: self._states_map[value].document_order)))

    def taken(self: SyncEngine, *given: Any) -> Any:
        steps = vars(self)["steps"] = vars(self).get("steps", 0) + 1
        assert steps < 10 * MOST, "the other machine turns for ever"
        return take(self, *given)

    with (
        mock.patch.object(Configuration, "_write_to_model", sorted_first),
        mock.patch.object(SyncEngine, "microstep", taken),
        mock.patch.object(turn, "MOST_MICROSTEPS", MOST),
    ):
        yield


def _scxml(chart: Definition) -> str:
    data = "".join(f'<data id="{name}" expr="{value}"/>' for name, value in DATA.items())
    states = "".join(_state(chart, state) for state in chart.states if not state.parent)
    return (
        '<scxml xmlns="http://www.w3.org/2005/07/scxml" version="1.0" datamodel="python" '
        f'initial="{chart.initial}">'
        f"<datamodel>{data}</datamodel>{states}</scxml>"
    )


def _state(chart: Definition, state: State) -> str:
    tag = "final" if state.final else "parallel" if state.parallel else "state"
    first = chart.chart.first[state.name]
    initial = f' initial="{first[0]}"' if first and not state.parallel else ""
    inner = "".join(
        [
            *(f"<onentry>{_content(change)}</onentry>" for change in state.entry),
            *(f"<onexit>{_content(change)}</onexit>" for change in state.exit),
            *(_transition(transition) for transition in chart.by_source[state.name]),
            *(_state(chart, child) for child in chart.states if child.parent == state.name),
        ]
    )
    return f'<{tag} id="{state.name}"{initial}>{inner}</{tag}>'


def _transition(transition: Transition) -> str:
    guards = " and ".join(f"({guard.replace('data.', '')})" for guard in transition.guards)
    attributes = {"event": transition.event, "target": transition.target, "cond": guards}
    written = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items() if value)
    inner = "".join(
        [*map(_content, transition.changes), *(f'<raise event="{name}"/>' for name in transition.raises)]
    )
    return f"<transition{written}>{inner}</transition>"


def _content(change: str) -> str:
    set_to = assignment(change)
    assert set_to is not None
    return f'<assign location="{set_to[0]}" expr={quoteattr(set_to[1].replace("data.", ""))}/>'
