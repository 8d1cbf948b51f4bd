"""Which of the transitions that are enabled are taken together, and what each leaves; as SCXML has it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from workflows.chart import Chart
from workflows.parts import Transition


def without_conflicts(chart: Chart, active: Collection[str], chosen: Sequence[Transition]) -> list[Transition]:
    """Of two that leave the same state, keep the one from further inside, else the first."""
    kept: list[Transition] = []
    for one in chosen:
        left = left_by(chart, active, one)
        rivals = [other for other in kept if left & left_by(chart, active, other)]
        if all(chart.within(one.source, other.source) and one.source != other.source for other in rivals):
            kept = [other for other in kept if other not in rivals]
            kept.append(one)
    return kept


def left_by(chart: Chart, active: Collection[str], transition: Transition) -> set[str]:
    """The active states that a transition leaves."""
    if not transition.target:
        return set()
    around = domain(chart, transition)
    return {state for state in active if state != around and chart.within(state, around)}


def domain(chart: Chart, transition: Transition) -> str:
    """The innermost state that a transition stays in."""
    return chart.domain((transition.source, transition.target))
