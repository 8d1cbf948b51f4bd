"""Ways through the office."""

from __future__ import annotations

import math
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.path import find_path
from spatial.plan import Plan

spots = st.tuples(st.floats(-15.8, 15.8), st.floats(-10.8, 10.8))


def test_in_the_open_one_walks_straight(hq: Plan) -> None:
    assert find_path(hq, (0, 9), (0, 4.5)) == [(0, 9), (0, 4.5)]


def test_one_goes_through_the_door_and_not_the_glass(hq: Plan) -> None:
    way = find_path(hq, (-6.5, -9), (-9, -9))
    assert way is not None
    assert sum(math.dist(a, b) for a, b in pairwise(way)) > 5
    crossing = [(a, b) for a, b in pairwise(way) if (a[0] + 8) * (b[0] + 8) < 0]
    assert len(crossing) == 1
    (ax, az), (bx, bz) = crossing[0]
    assert -6.7 < az + (bz - az) * (-8 - ax) / (bx - ax) < -5.4


def test_a_goal_on_a_table_becomes_the_nearest_free_spot(hq: Plan) -> None:
    way = find_path(hq, (0, 9), (-12.2, -7.7))
    assert way is not None
    assert hq.floor.holds(way[-1])
    assert math.dist(way[-1], (-12.2, -7.7)) < 2.7
    zone = hq.zone_at(*way[-1])
    assert zone is not None
    assert zone.id == "birch"


def test_a_goal_outside_ends_at_the_wall(hq: Plan) -> None:
    way = find_path(hq, (0, 6), (0, 30))
    assert way is not None
    assert math.dist(way[-1], (0, 10.5)) < 0.5


def test_one_can_set_out_from_a_seat(hq: Plan) -> None:
    seat = hq.seat("sofa-library1")
    way = find_path(hq, (seat.x, seat.z), (0, 0))
    assert way is not None
    assert way[0] == (seat.x, seat.z)
    assert way[1][0] > seat.x  # to the front, not through the low wall behind


@given(start=spots, goal=spots)
@settings(max_examples=60, deadline=None)
def test_every_leg_of_every_way_is_free(hq: Plan, start: tuple[float, float], goal: tuple[float, float]) -> None:
    way = find_path(hq, start, goal)
    assert way is not None
    assert way[0] == start
    legs = list(pairwise(way))
    if not hq.floor.holds(start):
        legs = legs[1:]
    for a, b in legs:
        assert hq.floor.clear(a, b, slack=0.05), (a, b)


def test_a_wide_body_finds_no_way_through_a_door(hq: Plan) -> None:
    assert find_path(hq, (0, 6), (-9.5, -8.5), radius=0.8) is None
