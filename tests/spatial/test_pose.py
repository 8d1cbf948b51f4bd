"""Poses on the wire, and directions."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.geometry import forward, right
from spatial.movement import RUN, WALK, check
from spatial.plan import Plan
from spatial.pose import QPOSE, Pose, from_steps, quantise, steps

inside = st.floats(-320, 320)


@given(x=inside, z=inside, yaw=st.floats(-100, 100))
def test_rounding_twice_is_rounding_once(x: float, z: float, yaw: float) -> None:
    once = quantise(Pose(x=x, z=z, yaw=yaw))
    assert quantise(once) == once
    assert from_steps(*steps(once)) == once
    assert abs(once.x - x) <= 0.0051
    assert abs(math.remainder(once.yaw - yaw, math.tau)) <= math.tau / 512 + 1e-6


def test_a_pose_takes_eight_bytes() -> None:
    assert QPOSE.itemsize == 8


@pytest.mark.parametrize("bad", [math.nan, math.inf, 328.0])
def test_what_does_not_fit_is_a_fault(bad: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        quantise(Pose(x=bad, z=0, yaw=0))


def test_yaw_turns_to_the_left() -> None:
    assert forward(0) == (0, -1)
    assert forward(math.pi / 2) == pytest.approx((-1, 0))
    assert right(0) == (1, 0)
    assert right(math.pi / 2) == pytest.approx((0, -1))


def test_speed_is_measured_over_the_time_one_had(hq: Plan) -> None:
    old = Pose(x=0, z=9, yaw=0)
    assert check(hq, old, Pose(x=0, z=9 - WALK, yaw=0), 1.0) is None
    assert check(hq, old, Pose(x=0, z=9 - RUN, yaw=0), 1.0) is None
    assert check(hq, old, Pose(x=0, z=9 - RUN * 1.3, yaw=0), 1.0) == "too_fast"
    assert check(hq, old, Pose(x=0, z=9, yaw=2), 0.0) is None


def test_who_touches_a_wall_may_go_along_it_and_away_but_not_in(hq: Plan) -> None:
    old = Pose(x=-7.77, z=-9, yaw=0)
    assert check(hq, old, Pose(x=-7.77, z=-9.2, yaw=0), 1) is None
    assert check(hq, old, Pose(x=-7.6, z=-9.1, yaw=0), 1) is None
    assert check(hq, old, Pose(x=-7.8, z=-9.1, yaw=0), 1) == "wall"


def test_nobody_jumps_over_thin_glass_or_a_plant(hq: Plan) -> None:
    glass = Pose(x=-7.6, z=-9.5, yaw=0)
    assert check(hq, glass, Pose(x=-8.6, z=-9.5, yaw=0), 1) == "wall"
    plant = Pose(x=-8.6, z=8.4, yaw=0)
    assert check(hq, plant, Pose(x=-8.6, z=9.7, yaw=0), 1) == "furniture"


def test_who_is_stuck_in_furniture_may_get_out(hq: Plan) -> None:
    desk = Pose(x=-4.4, z=-4.2, yaw=0)
    assert check(hq, desk, Pose(x=-4.4, z=-3.9, yaw=0), 1) is None
