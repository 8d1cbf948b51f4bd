"""Whom somebody looks at."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.gaze import REACH, faced
from spatial.pose import Pose

HERE = Pose(x=1.0, z=2.0, yaw=0.0)  # looks north: towards -z


def at(angle: float, distance: float) -> Pose:
    """So many degrees to the left of straight ahead."""
    turn = math.radians(angle)
    return Pose(x=HERE.x - math.sin(turn) * distance, z=HERE.z - math.cos(turn) * distance, yaw=0.0)


@pytest.mark.parametrize(
    ("others", "found"),
    [
        ({}, None),
        ({"bo": at(0, 2)}, "bo"),
        ({"bo": at(20, 2)}, "bo"),
        ({"bo": at(-20, 2)}, "bo"),
        ({"bo": at(30, 2)}, None),
        ({"bo": at(180, 1)}, None),
        ({"bo": at(0, REACH + 0.1)}, None),
        ({"bo": at(2, 1), "lin": at(40, 1)}, "bo"),
        ({"bo": at(2, 3), "lin": at(-10, 1)}, None),
        ({"bo": at(5, 2), "lin": at(-22, 1)}, "bo"),
        ({"bo": at(0, 0)}, None),
    ],
)
def test_one_is_looked_at_who_stands_near_and_ahead_and_alone(others: dict[str, Pose], found: str | None) -> None:
    assert faced(HERE, others) == found


@given(st.floats(-20, 20), st.floats(0.5, REACH - 0.1), st.floats(-math.pi, math.pi))
def test_it_is_the_same_whichever_way_one_is_turned(angle: float, distance: float, turn: float) -> None:
    there = at(angle, distance)
    dx, dz = there.x - HERE.x, there.z - HERE.z
    # turned by `turn` around where one stands; yaw grows to the left
    x = HERE.x + dx * math.cos(turn) + dz * math.sin(turn)
    z = HERE.z - dx * math.sin(turn) + dz * math.cos(turn)
    assert faced(Pose(x=HERE.x, z=HERE.z, yaw=turn), {"bo": Pose(x=x, z=z, yaw=0.0)}) == "bo"
