"""Who hears whom, how loud and from where."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.acoustics import BEHIND, DOORWAY, FULL_WALL, LOW_WALL, Gains, hearing
from spatial.plan import Plan

CLOSED = {"birch-door": False, "cedar-door": False}
OPEN = {"birch-door": True, "cedar-door": True}

Spot = tuple[float, float]


def listen(plan: Plan, ear: Spot, mouth: Spot, yaw: float = 0.0, doors: dict[str, bool] = CLOSED) -> Gains:
    zones = [plan.zone_at(*spot) for spot in (ear, mouth)]
    ids = ["" if zone is None else zone.id for zone in zones]
    return hearing(plan, doors, [(*ear, yaw)], [(*mouth, 0.0)], ids[:1], ids[1:])


def loudness(plan: Plan, ear: Spot, mouth: Spot, doors: dict[str, bool] = CLOSED) -> float:
    return float(listen(plan, ear, mouth, doors=doors).loudness[0, 0])


def test_a_voice_is_full_close_by_halves_with_distance_and_ends(hq: Plan) -> None:
    ear = (0.0, 10.0)
    assert loudness(hq, ear, (0, 9)) == pytest.approx(1.0)
    assert loudness(hq, ear, (0, 7)) == pytest.approx(0.5)
    assert loudness(hq, ear, (0, 4)) == pytest.approx(0.25)
    assert loudness(hq, ear, (0, -4.1)) == 0.0


@given(near=st.floats(0, 16), further=st.floats(0, 4))
@settings(max_examples=200, deadline=None)
def test_further_away_is_never_louder(hq: Plan, near: float, further: float) -> None:
    ear = (0.0, 9.0)
    assert loudness(hq, ear, (0, 9 - near)) >= loudness(hq, ear, (0, 9 - near - further))


def test_left_is_left_and_right_is_right_however_one_stands(hq: Plan) -> None:
    for yaw in (0.0, 0.7, math.pi / 2, 3.0, 5.0):
        side = (2 * math.cos(yaw), -2 * math.sin(yaw))  # to the right hand
        ear = (0.0, 7.0)
        right = listen(hq, ear, (side[0], 7 + side[1]), yaw)
        left = listen(hq, ear, (-side[0], 7 - side[1]), yaw)
        assert right.right[0, 0] > 5 * right.left[0, 0] > 0
        assert left.left[0, 0] > 5 * left.right[0, 0] > 0
        assert right.loudness[0, 0] == pytest.approx(left.loudness[0, 0], rel=1e-5)


def test_ahead_and_on_the_same_spot_is_in_the_middle(hq: Plan) -> None:
    for mouth in ((0.0, 5.0), (0.0, 7.0)):
        gains = listen(hq, (0, 7), mouth)
        assert gains.left[0, 0] == pytest.approx(gains.right[0, 0])


@given(angle=st.floats(0, 6.28), metres=st.floats(0, 12))
@settings(max_examples=100, deadline=None)
def test_the_two_ears_share_the_power(hq: Plan, angle: float, metres: float) -> None:
    gains = listen(hq, (0, 2), (metres * math.cos(angle) / 2, 2 + metres * math.sin(angle) / 4))
    assert np.hypot(gains.left, gains.right) == pytest.approx(gains.loudness, rel=1e-5)
    assert 0 <= gains.loudness[0, 0] <= 1


def test_behind_is_three_decibels_down(hq: Plan) -> None:
    ahead, behind = listen(hq, (0, 6), (0, 3)), listen(hq, (0, 6), (0, 9))
    assert behind.loudness[0, 0] == pytest.approx(BEHIND * ahead.loudness[0, 0])


def test_a_closed_room_is_silent_both_ways(hq: Plan) -> None:
    inside, outside = (-8.6, -6.0), (-7.4, -6.0)
    for ear, mouth in ((inside, outside), (outside, inside), (inside, (-8.6, -3.9)), ((-8.6, -3.9), inside)):
        gains = listen(hq, ear, mouth)
        assert gains.left[0, 0] == 0.0
        assert gains.right[0, 0] == 0.0
        assert gains.loudness[0, 0] == 0.0
    assert loudness(hq, (-10, -6.0), inside) > 0.9
    assert loudness(hq, inside, outside, doors={}) == 0.0


@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_nothing_passes_closed_doors_anywhere(hq: Plan, data: st.DataObject) -> None:
    def spots(x0: float, x1: float, z0: float, z1: float) -> st.SearchStrategy[Spot]:
        return st.tuples(st.floats(x0, x1), st.floats(z0, z1))

    in_birch = data.draw(spots(-15.9, -8.1, -10.9, -4.5))
    elsewhere = data.draw(spots(-7.9, 15, -10.9, 10) | spots(-15.9, -8.1, -4.3, 10))
    doors = {"birch-door": False, "cedar-door": True}
    assert loudness(hq, in_birch, elsewhere, doors) == 0.0
    assert loudness(hq, elsewhere, in_birch, doors) == 0.0


def test_an_open_door_lets_a_little_through_and_it_comes_from_the_door(hq: Plan) -> None:
    inside, outside = (-12.0, -7.0), (-6.0, -6.05)
    there = loudness(hq, outside, inside, OPEN)
    back = loudness(hq, inside, outside, OPEN)
    assert 0 < there < DOORWAY * 1.5 / 6
    assert 0 < back < DOORWAY * 1.5 / 6
    # The listener looks north; the speaker is at the right, behind the wall, the door at the left.
    gains = listen(hq, (-7.4, -9.5), (-8.3, -10.0), yaw=-math.pi / 2, doors=OPEN)
    assert gains.right[0, 0] > 2 * gains.left[0, 0]  # looking east, the door in the south is at the right


def test_two_open_doors_join_two_rooms_faintly(hq: Plan) -> None:
    birch, cedar = (-8.8, -6.0), (-8.8, -1.4)
    both = loudness(hq, birch, cedar, OPEN)
    assert 0 < both < DOORWAY**2
    assert loudness(hq, birch, cedar, {"birch-door": True}) == 0.0
    assert loudness(hq, cedar, birch, OPEN) == pytest.approx(both, rel=0.5)


def test_a_low_wall_takes_six_decibels(hq: Plan) -> None:
    across = loudness(hq, (-9.0, 7.0), (-7.0, 7.0))
    assert across == pytest.approx(LOW_WALL * 1.5 / 2)


def test_a_high_wall_that_one_can_walk_round_takes_more(hq: Plan) -> None:
    assert loudness(hq, (12, -3.8), (12, -0.8)) == pytest.approx(FULL_WALL * 0.5 * BEHIND)


def test_a_closed_room_between_two_places_is_in_the_way(hq: Plan) -> None:
    assert loudness(hq, (-12, 0.9), (-7.5, -2.0)) < FULL_WALL


def test_many_are_reckoned_at_once_as_one_by_one(hq: Plan) -> None:
    random = np.random.default_rng(5)
    everyone = np.stack(
        [random.uniform(-15.9, 15.9, 30), random.uniform(-10.9, 10.9, 30), random.uniform(0, 6, 30)], axis=1
    )
    zones = [zone.id if (zone := hq.zone_at(x, z)) else "" for x, z, _ in everyone.tolist()]
    together = hearing(hq, OPEN, everyone, everyone, zones, zones)
    assert together.left.shape == (30, 30)
    assert together.left.dtype == np.float32
    for ear in range(0, 30, 7):
        for mouth in range(30):
            alone = hearing(hq, OPEN, everyone[ear], everyone[mouth], [zones[ear]], [zones[mouth]])
            assert alone.left[0, 0] == together.left[ear, mouth]
            assert alone.right[0, 0] == together.right[ear, mouth]


def test_nobody_hears_nothing(hq: Plan) -> None:
    gains = hearing(hq, OPEN, np.zeros((0, 3)), [(0, 0, 0)], [], ["open"])
    assert gains.left.shape == (0, 1)
