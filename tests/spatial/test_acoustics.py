"""Who hears whom, how loud and from where: places, faces, walls, doors and zones."""

from __future__ import annotations

import math
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from spatial.acoustics import CLEAR, DOORWAY, FULL_WALL, LOW_WALL, Acoustics, Bodies, Sounds
from spatial.geometry import right
from spatial.plan import Plan, ZoneSound

CLOSED = {"birch-door": False, "cedar-door": False}
OPEN = {"birch-door": True, "cedar-door": True}

Spot = tuple[float, float]
ALDER = (-14.0, 3.2)
"""A spot at the private table of the lounge."""


@pytest.fixture(scope="module")
def sound(hq: Plan) -> Acoustics:
    return Acoustics(hq)


def bodies(plan: Plan, *places: tuple[float, float, float], height: float = 1.6) -> Bodies:
    """People at these x, z and yaw."""
    table = np.array(places, dtype=np.float64).reshape(-1, 3)
    numbers = {zone.id: number for number, zone in enumerate(plan.zones)}
    zones = [plan.zone_at(x, z) for x, z, _ in places]
    return Bodies(
        spots=table[:, :2],
        yaw=table[:, 2],
        height=np.full(len(table), height),
        zone=np.array([-1 if zone is None else numbers[zone.id] for zone in zones], dtype=np.int64),
    )


def towards(spot: Spot, target: Spot) -> float:
    """The yaw of somebody at `spot` who looks at `target`."""
    return math.atan2(spot[0] - target[0], spot[1] - target[1])


def listen(
    plan: Plan,
    ear: Spot,
    mouth: Spot,
    yaw: float = 0.0,
    doors: dict[str, bool] = CLOSED,
    face: float | None = None,
) -> Sounds:
    """One listens to one; the speaker looks at the listener unless `face` says where to."""
    speaking = towards(mouth, ear) if face is None else face
    return Acoustics(plan).hear(doors, bodies(plan, (*ear, yaw)), bodies(plan, (*mouth, speaking)))


def loudness(plan: Plan, ear: Spot, mouth: Spot, doors: dict[str, bool] = CLOSED) -> float:
    return float(listen(plan, ear, mouth, doors=doors).loudness[0, 0])


def spots(x0: float, x1: float, z0: float, z1: float) -> st.SearchStrategy[Spot]:
    return st.tuples(st.floats(x0, x1), st.floats(z0, z1))


anywhere = spots(-15.9, 15.9, -10.9, 10.9)
angles = st.floats(0, math.tau)

# Distance and direction


def test_a_voice_is_full_close_by_halves_with_distance_and_ends(hq: Plan) -> None:
    ear = (0.0, 10.0)
    assert loudness(hq, ear, (0, 9)) == pytest.approx(1.0)
    assert loudness(hq, ear, (0, 7)) == pytest.approx(0.5)
    assert loudness(hq, ear, (0, 4)) == pytest.approx(0.25)
    assert loudness(hq, ear, (0, -4.1)) == 0.0


@given(near=st.floats(0, 16), further=st.floats(0, 4), face=angles)
@settings(max_examples=200, deadline=None)
def test_further_away_is_never_louder(hq: Plan, near: float, further: float, face: float) -> None:
    ear = (0.0, 9.0)
    first, second = (
        listen(hq, ear, (0.0, 9 - metres), face=face).loudness[0, 0] for metres in (near, near + further)
    )
    assert first >= second - 1e-12


@pytest.mark.parametrize(
    ("degrees", "decibels"), [(0, 0.0), (60, -1.16), (90, -2.49), (180, -6.0), (-90, -2.49), (300, -1.16)]
)
def test_a_voice_is_weaker_beside_and_behind_the_face(hq: Plan, degrees: float, decibels: float) -> None:
    ear, mouth = (0.0, 10.0), (0.0, 7.0)
    turned = towards(mouth, ear) + math.radians(degrees)
    ratio = listen(hq, ear, mouth, face=turned).loudness[0, 0] / loudness(hq, ear, mouth)
    assert 20 * math.log10(ratio) == pytest.approx(decibels, abs=0.02)


def test_on_the_same_spot_it_makes_no_difference_where_anybody_looks(hq: Plan) -> None:
    for face in (0.0, 2.0, 4.0):
        sounds = listen(hq, (0, 7), (0, 7), yaw=1.0, face=face)
        assert sounds.loudness[0, 0] == pytest.approx(1.0)
        assert sounds.azimuth[0, 0] == pytest.approx(0.0)


@given(angle=st.floats(-3.1, 3.1), metres=st.floats(0.6, 3), yaw=angles)
@settings(max_examples=200, deadline=None)
def test_the_azimuth_is_the_angle_to_the_right_of_where_one_looks(
    hq: Plan, angle: float, metres: float, yaw: float
) -> None:
    ear = (0.0, 7.5)
    mouth = (ear[0] - metres * math.sin(yaw - angle), ear[1] - metres * math.cos(yaw - angle))
    azimuth = float(listen(hq, ear, mouth, yaw).azimuth[0, 0])
    assert azimuth == pytest.approx(angle, abs=1e-6)
    side = right(yaw)
    aside = (mouth[0] - ear[0]) * side[0] + (mouth[1] - ear[1]) * side[1]
    if abs(aside) > 1e-6:
        assert (azimuth > 0) == (aside > 0)


@given(ear=anywhere, mouth=anywhere, yaw=angles)
@settings(max_examples=200, deadline=None)
def test_every_number_stays_within_its_bounds(hq: Plan, ear: Spot, mouth: Spot, yaw: float) -> None:
    sounds = listen(hq, ear, mouth, yaw, doors=OPEN)
    assert 0 <= sounds.loudness[0, 0] <= 1
    assert -math.pi < sounds.azimuth[0, 0] <= math.pi
    assert -math.pi / 2 < sounds.elevation[0, 0] < math.pi / 2


def test_straight_behind_is_plus_pi(hq: Plan) -> None:
    assert listen(hq, (0.0, 7.0), (0.0, 9.0), yaw=0.0).azimuth[0, 0] == pytest.approx(math.pi)
    assert listen(hq, (0.0, 7.0), (-0.0, 9.0), yaw=math.tau).azimuth[0, 0] == pytest.approx(math.pi)


def test_who_stands_higher_is_heard_from_above(hq: Plan) -> None:
    low, high = bodies(hq, (0, 9, 0), height=1.2), bodies(hq, (0, 7, 0), height=1.6)
    up = Acoustics(hq).hear(CLOSED, low, high).elevation[0, 0]
    assert up == pytest.approx(math.atan2(0.4, 2.0))
    assert Acoustics(hq).hear(CLOSED, high, low).elevation[0, 0] == pytest.approx(-up)


# Walls and doors


def test_a_low_wall_takes_six_decibels(hq: Plan) -> None:
    assert loudness(hq, (-9.0, 7.0), (-7.0, 7.0)) == pytest.approx(LOW_WALL * 1.5 / 2)


def test_a_high_wall_that_one_can_walk_round_takes_more(hq: Plan) -> None:
    assert loudness(hq, (12, -3.8), (12, -0.8)) == pytest.approx(FULL_WALL * 0.5)


def test_a_closed_room_between_two_places_is_in_the_way(hq: Plan) -> None:
    assert loudness(hq, (-12, 0.9), (-7.5, -2.0)) < FULL_WALL


@given(one=anywhere, other=anywhere)
@settings(max_examples=300, deadline=None)
def test_two_who_face_each_other_hear_each_other_alike(hq: Plan, one: Spot, other: Spot) -> None:
    zones = [hq.zone_at(*spot) for spot in (one, other)]
    assume(not any(zone and zone.sound is ZoneSound.STAGE for zone in zones))
    assert loudness(hq, one, other) == pytest.approx(loudness(hq, other, one))


def test_a_closed_room_is_silent_both_ways(hq: Plan) -> None:
    inside, outside = (-8.6, -6.0), (-7.4, -6.0)
    for ear, mouth in ((inside, outside), (outside, inside), (inside, (-8.6, -3.9)), ((-8.6, -3.9), inside)):
        assert loudness(hq, ear, mouth) == 0.0
    assert loudness(hq, inside, outside, doors={}) == 0.0


@given(
    in_birch=spots(-15.9, -8.1, -10.9, -4.5),
    elsewhere=spots(-7.9, 15, -10.9, 10) | spots(-15.9, -8.1, -4.3, 10),
    cedar=st.booleans(),
)
@settings(max_examples=200, deadline=None)
def test_nothing_passes_closed_doors_anywhere(hq: Plan, in_birch: Spot, elsewhere: Spot, cedar: bool) -> None:
    doors = {"birch-door": False, "cedar-door": cedar}
    assert loudness(hq, in_birch, elsewhere, doors) == 0.0
    assert loudness(hq, elsewhere, in_birch, doors) == 0.0


def test_an_open_door_lets_a_little_through_and_it_comes_from_the_door(hq: Plan) -> None:
    inside, outside = (-12.0, -7.0), (-6.0, -6.05)
    for ear, mouth in ((outside, inside), (inside, outside)):
        assert 0 < loudness(hq, ear, mouth, OPEN) < DOORWAY * 1.5 / 6
    # The listener looks east; the speaker is behind the wall in the west, the door in the south: to the right.
    sounds = listen(hq, (-7.4, -9.5), (-8.3, -10.0), yaw=-math.pi / 2, doors=OPEN)
    door = (-8.0, -6.05)
    assert sounds.azimuth[0, 0] == pytest.approx(math.atan2(door[1] + 9.5, door[0] + 7.4))
    assert sounds.elevation[0, 0] == 0.0


def test_two_open_doors_join_two_rooms_faintly(hq: Plan) -> None:
    birch, cedar = (-8.8, -6.0), (-8.8, -1.4)
    both = loudness(hq, birch, cedar, OPEN)
    assert 0 < both < DOORWAY**2
    assert loudness(hq, birch, cedar, {"birch-door": True}) == 0.0
    assert loudness(hq, cedar, birch, OPEN) == pytest.approx(both, rel=0.5)


# Zones


@given(one=spots(-15.9, -8.1, -10.9, -4.5), other=spots(-15.9, -8.1, -10.9, -4.5), yaw=angles, door=st.booleans())
@settings(max_examples=100, deadline=None)
def test_in_a_meeting_room_all_are_equally_clear(hq: Plan, one: Spot, other: Spot, yaw: float, door: bool) -> None:
    sounds = listen(hq, one, other, yaw, doors={"birch-door": door}, face=yaw)
    assert sounds.loudness[0, 0] == 1.0
    assert sounds.flat[0, 0]
    assert sounds.shared[0, 0]


def test_outside_a_meeting_room_nothing_is_flat(hq: Plan) -> None:
    inside, outside = (-8.6, -6.0), (-7.4, -6.0)
    for ear, mouth in ((inside, outside), (outside, inside), (outside, (-6.0, -6.0))):
        sounds = listen(hq, ear, mouth, doors=OPEN)
        assert sounds.loudness[0, 0] > 0
        assert not sounds.flat[0, 0]
        assert not sounds.shared[0, 0]


@given(at_table=spots(-15.9, -12.35, 1.75, 4.65), elsewhere=anywhere, yaw=angles)
@settings(max_examples=300, deadline=None)
def test_nothing_passes_to_or_from_a_private_table(hq: Plan, at_table: Spot, elsewhere: Spot, yaw: float) -> None:
    there = hq.zone_at(*elsewhere)
    heard = 0.0 if there is None or there.id != "alder" else CLEAR
    for ear, mouth in ((at_table, elsewhere), (elsewhere, at_table)):
        got = listen(hq, ear, mouth, yaw, doors=OPEN, face=yaw).loudness[0, 0]
        assert got == 0.0 if heard == 0.0 else got >= heard


def test_at_a_private_table_one_hears_clearly_and_from_where_it_comes(hq: Plan) -> None:
    ear, mouth = (-15.5, 3.2), (-12.5, 3.2)
    sounds = listen(hq, ear, mouth, yaw=0.0, face=towards(ear, mouth))
    assert sounds.loudness[0, 0] == CLEAR
    assert sounds.azimuth[0, 0] == pytest.approx(math.pi / 2)
    assert not sounds.flat[0, 0]
    assert sounds.shared[0, 0]


STAGE = (12.4, 9.5)


@pytest.mark.parametrize(
    ("listener", "heard"),
    [
        ((12.0, 3.8), True),
        ((0.0, 9.0), True),  # behind a wall
        ((-12.0, 10.5), True),  # the far end of the lounge, 24 m
        ((0.0, -10.0), True),
        (ALDER, False),
        ((-12.0, -7.0), False),
        ((-12.0, -2.2), False),
    ],
)
def test_the_stage_is_heard_by_all_on_the_floor(hq: Plan, listener: Spot, heard: bool) -> None:
    sounds = listen(hq, listener, STAGE, yaw=towards(listener, STAGE), doors=OPEN, face=0.0)
    assert sounds.loudness[0, 0] >= CLEAR if heard else sounds.loudness[0, 0] == 0.0
    if heard:
        assert sounds.azimuth[0, 0] == pytest.approx(0.0, abs=1e-9)
        assert not sounds.flat[0, 0]


def test_who_listens_to_the_stage_is_heard_as_ever(hq: Plan) -> None:
    assert loudness(hq, STAGE, (12.4, 3.5)) == pytest.approx(1.5 / 6)
    assert loudness(hq, STAGE, (-12.0, 10.5)) == 0.0


def test_near_the_stage_a_voice_is_louder_still(hq: Plan) -> None:
    assert loudness(hq, (12.4, 8.2), STAGE) == pytest.approx(1.0)


def test_a_conference_zone_without_walls_is_overheard_by_those_beside_it(hq: Plan) -> None:
    zones = tuple(replace(zone, sound=ZoneSound.CONFERENCE) if zone.id == "lounge" else zone for zone in hq.zones)
    plan = replace(hq, zones=zones)
    within = listen(plan, (-15.5, 10.5), (-8.5, 0.9))
    assert (within.loudness[0, 0], within.flat[0, 0], within.shared[0, 0]) == (1.0, True, True)
    across = listen(plan, (-7.0, 3.0), (-9.0, 3.0))
    assert across.loudness[0, 0] == pytest.approx(1.5 / 2)
    assert not across.flat[0, 0]


def test_outside_every_zone_counts_as_the_open_floor(hq: Plan) -> None:
    assert loudness(hq, (0.0, 10.5), (0.0, 11.5)) == pytest.approx(1.0)


# Many at once


def test_many_are_reckoned_at_once_as_one_by_one(hq: Plan, sound: Acoustics) -> None:
    random = np.random.default_rng(5)
    places = [(random.uniform(-15.9, 15.9), random.uniform(-10.9, 10.9), random.uniform(0, 6)) for _ in range(30)]
    everyone = bodies(hq, *places)
    together = sound.hear(OPEN, everyone, everyone)
    assert together.loudness.shape == (30, 30)
    for ear in range(0, 30, 7):
        for mouth in range(30):
            one, other = (everyone.take(np.array([n])) for n in (ear, mouth))
            alone = sound.hear(OPEN, one, other)
            for field in fields(Sounds):
                assert getattr(alone, field.name)[0, 0] == getattr(together, field.name)[ear, mouth], field.name


def test_nobody_hears_nothing(hq: Plan, sound: Acoustics) -> None:
    nobody, one = bodies(hq), bodies(hq, (0, 0, 0))
    assert sound.hear(OPEN, nobody, one).loudness.shape == (0, 1)
    assert sound.hear(OPEN, one, nobody).loudness.shape == (1, 0)
