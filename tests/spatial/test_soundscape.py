"""Who hears whom from tick to tick: busy, deaf, volumes, borders; and only what moved is reckoned anew."""

from __future__ import annotations

import math
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.acoustics import CLEAR
from spatial.participant import Kind, Look, Participant, ParticipantId
from spatial.plan import Plan
from spatial.pose import Motion, Pose
from spatial.soundscape import BORDER, Hearing, Soundscape, Volumes

ANA, BO, CY = ParticipantId("ana"), ParticipantId("bo"), ParticipantId("cy")
OPEN = {"birch-door": True, "cedar-door": True}
LOOK = Look(skin=0, hair=0, hair_style=0, outfit=0, accent=0)


def person(plan: Plan, id: ParticipantId, x: float, z: float, yaw: float = 0.0, **more: Any) -> Participant:
    zone = plan.zone_at(x, z)
    values: dict[str, Any] = {
        "slot": 1, "name": id.title(), "kind": Kind.HUMAN, "look": LOOK, "role": "member", "motion": Motion.IDLE,
        "seat": None, "muted": False, "listening_only": False, "deaf": False, "transcribed": True,
        "status": "available", "hand": False, "state": "", "present": True, "screen": False, "camera": False,
        "zone": "" if zone is None else zone.id,
    }  # fmt: skip
    return Participant(id=id, pose=Pose(x=x, z=z, yaw=yaw), **{**values, **more})


def hears(plan: Plan, *people: Participant, volumes: Volumes | None = None) -> Hearing:
    return Soundscape(plan).step(people, OPEN, volumes or {})


def gain(hearing: Hearing, listener: ParticipantId, source: ParticipantId) -> float:
    return float(hearing.gain[hearing.row[listener], hearing.row[source]])


def loudness(hearing: Hearing, listener: ParticipantId, source: ParticipantId) -> float:
    return float(hearing.loudness[hearing.row[listener], hearing.row[source]])


def test_nobody_hears_themself(hq: Plan) -> None:
    hearing = hears(hq, person(hq, ANA, -12, -7), person(hq, BO, -11, -7))
    assert np.diag(hearing.loudness).tolist() == np.diag(hearing.gain).tolist() == [0.0, 0.0]
    assert (gain(hearing, ANA, BO), gain(hearing, BO, ANA)) == (1.0, 1.0)
    assert hearing.gain.dtype == hearing.azimuth.dtype == hearing.elevation.dtype == np.float32


def test_who_sits_hears_those_who_stand_from_above(hq: Plan) -> None:
    seat = hq.seat("chair-pod1-s1")
    sitting = person(hq, ANA, seat.x, seat.z, seat.yaw, seat=seat.id)
    hearing = hears(hq, sitting, person(hq, BO, seat.x, seat.z + 1.0))
    up = math.atan2(1.6 - (seat.height + 0.75), 1.0)
    assert hearing.elevation[0, 1] == pytest.approx(up)
    assert hearing.elevation[1, 0] == pytest.approx(-up)


def test_who_stands_on_the_stage_is_heard_from_above(hq: Plan) -> None:
    hearing = hears(hq, person(hq, ANA, 12.4, 6.5), person(hq, BO, 12.4, 9.5))
    assert hearing.elevation[0, 1] == pytest.approx(math.atan2(0.3, 3.0))


# Deaf and volumes


def test_the_deaf_hear_nobody_and_are_heard_and_know_what_they_miss(hq: Plan) -> None:
    hearing = hears(hq, person(hq, ANA, 0, 9, deaf=True), person(hq, BO, 0, 8, math.pi))
    assert gain(hearing, ANA, BO) == 0.0
    assert loudness(hearing, ANA, BO) == pytest.approx(1.0)
    assert gain(hearing, BO, ANA) == pytest.approx(1.0)


def test_a_volume_is_for_one_listener_and_one_person(hq: Plan) -> None:
    people = [person(hq, id, x, 8) for id, x in ((ANA, -1), (BO, 0), (CY, 1))]
    plain = hears(hq, *people)
    turned = hears(hq, *people, volumes={ANA: {BO: 2.0, CY: 0.0}, ParticipantId("gone"): {ANA: 0.0}})
    assert gain(turned, ANA, BO) == pytest.approx(2 * gain(plain, ANA, BO))
    assert gain(turned, ANA, CY) == 0.0
    assert loudness(turned, ANA, CY) == loudness(plain, ANA, CY) > 0
    for listener, source in ((BO, ANA), (CY, ANA), (BO, CY), (CY, BO)):
        assert gain(turned, listener, source) == gain(plain, listener, source) > 0


# Busy


@pytest.mark.parametrize(
    ("metres", "degrees", "heard"),
    [(0.0, 90, True), (0.8, 0, True), (1.45, 0, True), (1.55, 0, False), (1.2, 55, True), (1.2, 65, False),
     (1.2, 180, False)],
)  # fmt: skip
@pytest.mark.parametrize("kind", [Kind.HUMAN, Kind.AVATAR])
def test_a_busy_person_hears_only_who_comes_and_faces_them(
    hq: Plan, metres: float, degrees: float, heard: bool, kind: Kind
) -> None:
    busy = person(hq, ANA, 0, 9, status="busy")
    visitor = person(hq, BO, 0, 9 - metres, math.pi + math.radians(degrees), kind=kind)
    hearing = hears(hq, busy, visitor)
    assert (loudness(hearing, ANA, BO) > 0) == heard
    assert (gain(hearing, ANA, BO) > 0) == heard
    assert gain(hearing, BO, ANA) > 0


def test_who_came_to_a_busy_person_is_heard_until_they_go(hq: Plan) -> None:
    scape = Soundscape(hq)
    busy = person(hq, ANA, 0, 9, status="busy")

    def heard(metres: float, degrees: float) -> bool:
        visitor = person(hq, BO, 0, 9 - metres, math.pi + math.radians(degrees))
        return gain(scape.step([busy, visitor], {}, {}), ANA, BO) > 0

    assert [heard(*at) for at in ((1.8, 0), (1.4, 0), (1.8, 0), (1.8, 85), (1.8, 95), (1.8, 0))] == [
        False, True, True, True, False, False,
    ]  # fmt: skip
    assert [heard(*at) for at in ((1.0, 50), (1.0, 70), (2.1, 0), (1.8, 0))] == [True, True, False, False]


def test_who_came_must_come_again_after_a_time_that_was_not_busy(hq: Plan) -> None:
    scape = Soundscape(hq)
    busy, near = person(hq, ANA, 0, 9, status="busy"), person(hq, BO, 0, 8, math.pi)
    far = person(hq, BO, 0, 7.2, math.pi)
    assert gain(scape.step([busy, near], {}, {}), ANA, BO) > 0
    assert gain(scape.step([replace(busy, status="available"), far], {}, {}), ANA, BO) > 0
    assert gain(scape.step([busy, far], {}, {}), ANA, BO) == 0


def test_a_busy_person_hears_the_room_or_table_they_are_in_and_no_stage(hq: Plan) -> None:
    in_birch = [person(hq, ANA, -12, -7, status="busy"), person(hq, BO, -9, -10)]
    at_table = [person(hq, ANA, -15.5, 3.2, status="busy"), person(hq, BO, -12.5, 3.2)]
    assert gain(hears(hq, *in_birch), ANA, BO) == 1.0
    assert gain(hears(hq, *at_table), ANA, BO) == pytest.approx(CLEAR)
    before_stage = [person(hq, ANA, 12.4, 4, status="busy"), person(hq, BO, 12.4, 9.5)]
    assert gain(hears(hq, *before_stage), ANA, BO) == 0.0
    at_the_door = [person(hq, ANA, -8.6, -6, status="busy"), person(hq, BO, -5.0, -6)]
    assert gain(hears(hq, *at_the_door), ANA, BO) == 0.0
    assert gain(hears(hq, *at_the_door), BO, ANA) > 0.0


# Borders


def test_a_step_back_and_forth_over_a_border_changes_nothing(hq: Plan) -> None:
    scape = Soundscape(hq)
    seated = person(hq, BO, -14.68, 3.2)
    border = -12.3  # the private table ends here

    def heard(x: float) -> bool:
        return gain(scape.step([person(hq, ANA, x, 3.2), seated], {}, {}), ANA, BO) > 0

    outside, inside = border + 0.1, border - 0.1
    beyond, within = border + BORDER + 0.05, border - BORDER - 0.05
    assert [heard(x) for x in (beyond, outside, inside, outside, inside)] == [False, False, False, False, False]
    assert [heard(x) for x in (within, inside, outside, inside, outside)] == [True, True, True, True, True]
    assert not heard(beyond)


def test_who_sits_down_is_where_the_seat_is(hq: Plan) -> None:
    scape = Soundscape(hq)
    table = person(hq, BO, -14.68, 3.2)
    assert gain(scape.step([person(hq, ANA, -12.1, 3.2), table], {}, {}), ANA, BO) == 0
    sitting = person(hq, ANA, -12.4, 3.2, seat="chair-lounge-w2")
    assert gain(scape.step([sitting, table], {}, {}), ANA, BO) == pytest.approx(CLEAR)


# Only what moved


def test_when_nothing_changes_the_answer_is_the_same_object(hq: Plan) -> None:
    scape = Soundscape(hq)
    people = [person(hq, ANA, 0, 9), person(hq, BO, 1, 9)]
    first = scape.step(people, OPEN, {ANA: {}})
    assert scape.step(list(people), dict(OPEN), {}) is first
    louder = scape.step(people, OPEN, {ANA: {BO: 1.5}})
    assert louder is not first
    assert scape.step(people, OPEN, {ANA: {BO: 1.5}}) is louder
    assert scape.step(people, {}, {ANA: {BO: 1.5}}) is not louder


places = st.tuples(st.floats(-15.9, 15.9), st.floats(-10.9, 10.9), st.floats(0, math.tau))
names = st.sampled_from([ParticipantId(name) for name in ("ana", "bo", "cy", "di", "ed", "flo")])
changes = st.one_of(
    st.tuples(st.just("put"), names, places),
    st.tuples(st.just("drop"), names, st.none()),
    st.tuples(st.just("doors"), st.booleans(), st.booleans()),
    st.tuples(st.just("volume"), st.tuples(names, names), st.floats(0, 2)),
    st.tuples(st.just("deaf"), names, st.booleans()),
)


@given(st.lists(st.lists(changes, max_size=3), min_size=1, max_size=12))
@settings(max_examples=120, deadline=None)
def test_step_by_step_is_as_good_as_all_at_once(hq: Plan, steps: list[list[tuple[Any, Any, Any]]]) -> None:
    """Without borders and visits in it, which remember on purpose: both get zones as exact as a seat's."""
    scape = Soundscape(hq)
    people: dict[ParticipantId, Participant] = {}
    doors: dict[str, bool] = {}
    volumes: dict[ParticipantId, dict[ParticipantId, float]] = {}
    for step in steps:
        for what, who, value in step:
            if what == "put":
                people[who] = person(hq, who, *value, seat="none")
            elif what == "drop":
                people.pop(who, None)
            elif what == "doors":
                doors = {"birch-door": who, "cedar-door": value}
            elif what == "volume":
                volumes.setdefault(who[0], {})[who[1]] = value
            elif who in people:
                people[who] = replace(people[who], deaf=value)
        everyone = list(people.values())
        kept, fresh = scape.step(everyone, doors, volumes), Soundscape(hq).step(everyone, doors, volumes)
        for field in fields(Hearing):
            np.testing.assert_equal(getattr(kept, field.name), getattr(fresh, field.name))


def test_an_answer_given_out_is_never_changed(hq: Plan) -> None:
    scape = Soundscape(hq)
    people = [person(hq, ParticipantId(f"p{n}"), n - 3.0, 9) for n in range(6)]
    first = scape.step(people, {}, {})
    kept = {field.name: np.array(getattr(first, field.name)) for field in fields(Hearing) if field.name != "row"}
    people[2] = person(hq, people[2].id, 4.0, 8.0, 2.0, deaf=True)
    scape.step(people, {}, {people[0].id: {people[1].id: 0.0}})
    for name, value in kept.items():
        np.testing.assert_array_equal(getattr(first, name), value)
