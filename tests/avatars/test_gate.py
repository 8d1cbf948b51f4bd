"""What may take the place of a model, and what may not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avatars.behaviour import Label, Result
from avatars.gate import TOLERANCE, Figure, Figures, figures, objections, overall
from avatars.sheet import LabelScore

VALUES = st.lists(st.integers(0, 40).map(lambda passed: passed / 40), min_size=1, max_size=12)


def of(*values: float) -> Figures:
    """Figures of as many capabilities."""
    return {f"c{place}": Figure(value=value, of=40) for place, value in enumerate(values)}


@pytest.mark.parametrize(
    ("candidate", "current", "reasons"),
    [
        ((0.9, 0.8), (0.9, 0.8), ()),
        ((1.0, 0.8), (0.9, 0.8), ()),
        ((1.0, 0.75), (0.9, 0.8), ()),
        ((1.0, 0.74), (0.9, 0.8), ("c1: 0.740",)),
        ((0.9, 0.79), (0.9, 0.8), ("overall: 0.8450",)),
        ((0.1, 0.2), (0.9, 0.8), ("c0: 0.100", "c1: 0.200", "overall: 0.1500")),
    ],
)
def test_a_candidate_is_refused_for_what_it_does_worse(
    candidate: tuple[float, ...], current: tuple[float, ...], reasons: tuple[str, ...]
) -> None:
    found = objections(of(*candidate), of(*current))
    assert len(found) == len(reasons)
    for sentence, words in zip(found, reasons, strict=True):
        assert sentence.startswith(words)


@given(VALUES)
def test_an_equal_one_is_never_refused(values: list[float]) -> None:
    assert objections(of(*values), of(*values)) == ()


@given(VALUES, st.data())
def test_one_that_is_nowhere_worse_is_never_refused(values: list[float], data: st.DataObject) -> None:
    better = [data.draw(st.floats(value, 1)) for value in values]
    assert objections(of(*better), of(*values)) == ()


@given(VALUES, st.data())
def test_one_that_loses_more_than_may_be_lost_is_refused_whatever_it_gains(
    values: list[float], data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(values) - 1))
    current = [*values]
    current[place] = 1.0
    candidate = [1.0] * len(values)
    candidate[place] = 1.0 - TOLERANCE - 0.001
    assert any(reason.startswith(f"c{place}:") for reason in objections(of(*candidate), of(*current)))


@given(VALUES, VALUES)
def test_of_two_at_most_one_is_better(one: list[float], other: list[float]) -> None:
    count = min(len(one), len(other))
    first, second = of(*one[:count]), of(*other[:count])
    if overall(first) != pytest.approx(overall(second)):
        assert objections(first, second) or objections(second, first)


def test_figures_are_gathered_from_suite_and_sheet() -> None:
    results = [Result(capability="names", passed=3, checks=4, failing=())]
    scores = [LabelScore(label=Label.ACTION, f1=0.25, number=7, failing=())]
    found = figures(results, scores)
    assert found == {"names": Figure(value=0.75, of=4), "sheet: action": Figure(value=0.25, of=7)}
    assert overall(found) == 0.5


def test_two_suites_are_not_compared() -> None:
    with pytest.raises(ValueError, match="two suites"):
        objections(of(1.0), of(1.0, 1.0))
    with pytest.raises(ValueError, match="no figures"):
        overall({})
