"""Shapes on the floor."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.geometry import Point, contains, middle


@pytest.mark.parametrize(
    ("polygon", "spot"),
    [
        ([(0, 0), (4, 0), (4, 2), (0, 2)], (2, 1)),
        ([(0, 2), (4, 2), (4, 0), (0, 0)], (2, 1)),  # the other way round
        ([(0, 0), (3, 0), (0, 3)], (1, 1)),
        ([(0, 0), (4, 0), (4, 4), (3, 4), (3, 1), (0, 1)], (3.5, 9.5 / 7)),  # an L: its balance lies beside it
    ],
)
def test_the_middle_of_a_shape(polygon: list[Point], spot: Point) -> None:
    assert middle(polygon) == pytest.approx(spot)


@given(st.lists(st.floats(0.2, 5), min_size=3, max_size=9), st.floats(-20, 20), st.floats(-20, 20))
def test_the_middle_lies_within_whatever_the_shape(reach: list[float], x: float, z: float) -> None:
    turn = math.tau / len(reach)
    star = [
        (x + length * math.cos(number * turn), z + length * math.sin(number * turn))
        for number, length in enumerate(reach)
    ]
    assert contains(star, *middle(star))
