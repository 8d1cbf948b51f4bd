"""Whether scores are what they were."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avatars.drift import EDGES, LEAST, OTHER, WATCH, stability

SCORES = st.lists(st.floats(0.0, 1.0), min_size=LEAST, max_size=120)


@given(SCORES)
def test_the_same_scores_are_stable(scores: list[float]) -> None:
    found = stability(scores, scores)
    assert found.index == 0.0
    assert found.before == found.late
    assert sum(found.before) == len(scores)


@given(SCORES, SCORES)
def test_the_index_is_never_negative_and_the_same_both_ways(one: list[float], other: list[float]) -> None:
    there, back = stability(one, other).index, stability(other, one).index
    assert there is not None
    assert there >= 0.0
    assert there == pytest.approx(back)


def test_scores_that_fall_are_another_population() -> None:
    usual = [0.97] * 80 + [0.85] * 20
    some = [0.97] * 68 + [0.85] * 32
    fallen = [0.65] * 80 + [0.85] * 20
    small, large = stability(usual, some).index, stability(usual, fallen).index
    assert small is not None
    assert large is not None
    assert small < WATCH < OTHER < large


@pytest.mark.parametrize(("before", "late"), [(LEAST - 1, 100), (100, LEAST - 1), (0, 0)])
def test_from_few_scores_nothing_is_told(before: int, late: int) -> None:
    assert stability([0.9] * before, [0.1] * late).index is None


def test_a_score_on_an_edge_is_in_the_bin_that_begins_there() -> None:
    found = stability([0.0, *EDGES, 1.0], [])
    assert found.before == (1, 1, 1, 1, 1, 1, 1, 2)
