"""The office that is measured: always the same, and what the documents say of it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from benchmarks import trace

CLIPS = [[bytes([7, i, j, 0]) for j in range(length)] for i, length in enumerate((60, 150, 240))]
LENGTHS = [len(clip) for clip in CLIPS]
QUIET = b"\x0b\x01\x02\x03"


def test_the_office_trace_has_100_people_20_talkers_and_12_conversations() -> None:
    office = trace.office(100)
    assert (len(office.people), len(office.talkers), len(office.conversations)) == (100, 20, 12)
    assert [c.kind for c in office.conversations].count("meeting") == 4
    assert len(set(office.people)) == 100
    assert sorted(name for room in office.rooms for name in room) == sorted(office.people)


@pytest.mark.parametrize("people", [0, 24, 99, 110])
def test_an_office_comes_in_blocks(people: int) -> None:
    with pytest.raises(ValueError, match="blocks of 25"):
        trace.office(people)


def test_the_same_office_is_made_again() -> None:
    first, second = trace.office(50), trace.office(50)
    assert first.people == second.people
    for one, other in zip(first.scenes, second.scenes, strict=True):
        np.testing.assert_array_equal(one.gain, other.gain)
        np.testing.assert_array_equal(one.azimuth, other.azimuth)
    assert trace.turns(first.talkers, LENGTHS) == trace.turns(second.talkers, LENGTHS)
    assert trace.turns(first.talkers, LENGTHS, seed=2) != trace.turns(second.talkers, LENGTHS)


def test_walls_let_nothing_through_and_meetings_have_no_direction() -> None:
    office = trace.office(100)
    scene = office.scenes[0]
    rows = {name: i for i, name in enumerate(scene.listeners)}
    for conversation in office.conversations:
        inside = [rows[name] for name in conversation.people]
        outside = [row for row in rows.values() if row not in inside]
        if conversation.kind == "group":
            continue
        assert not scene.gain[np.ix_(inside, outside)].any()
        assert not scene.gain[np.ix_(outside, inside)].any()
        among = ~np.eye(len(inside), dtype=np.bool_)
        assert scene.gain[np.ix_(inside, inside)][among].all()
        assert scene.flat[np.ix_(inside, inside)][among].all() == (conversation.kind == "meeting")


@pytest.mark.parametrize(
    "office", [trace.office(50), trace.crowd(40), trace.pair(3)], ids=["office", "crowd", "pair"]
)
def test_nobody_hears_themselves_and_azimuths_are_angles(office: trace.Office) -> None:
    for scene in office.scenes:
        columns = {name: j for j, name in enumerate(scene.sources)}
        assert not any(scene.gain[i, columns[name]] for i, name in enumerate(scene.listeners) if name in columns)
        assert np.abs(scene.azimuth).max() <= np.float32(math.pi)
        assert scene.gain.min() >= 0


def test_in_the_crowd_everybody_hears_everybody() -> None:
    scene = trace.crowd(40).scenes[0]
    assert (scene.gain > 0).sum() == 40 * 39


def test_some_people_walk() -> None:
    moving = trace.office(25).scenes
    assert len(moving) == trace.WALK_SECONDS * trace.SCENE_HZ
    assert not np.array_equal(moving[0].azimuth, moving[1].azimuth)
    assert len(trace.office(25, moving=False).scenes) == 1


@pytest.mark.parametrize(
    ("source", "azimuth"),
    [((0, 1), 0), ((1, 0), math.pi / 2), ((-1, 0), -math.pi / 2), ((0, -1), math.pi), ((1, 1), math.pi / 4)],
)
def test_a_source_to_the_right_has_a_positive_azimuth(source: tuple[float, float], azimuth: float) -> None:
    here, ahead = np.zeros((1, 2)), np.zeros(1)
    distance, found = trace.bearings(here, ahead, np.array([source], np.float64))
    assert found[0, 0] == pytest.approx(azimuth)
    assert distance[0, 0] == pytest.approx(math.hypot(*source))


def test_who_turns_right_has_what_was_ahead_at_the_left() -> None:
    _, azimuth = trace.bearings(np.zeros((1, 2)), np.array([math.pi / 2]), np.array([[0.0, 1.0]]))
    assert azimuth[0, 0] == pytest.approx(-math.pi / 2)


def test_talkers_talk_about_seven_tenths_of_the_time_and_never_over_themselves() -> None:
    talkers = trace.office(100).talkers
    planned = trace.turns(talkers, LENGTHS)
    spoken = 0
    for person in talkers:
        until = 0
        for turn in [one for one in planned if one.person == person]:
            assert turn.start >= until
            until = turn.start + LENGTHS[turn.clip]
            spoken += LENGTHS[turn.clip]
        assert until <= trace.LOOP_FRAMES
    assert 0.6 <= spoken / (len(talkers) * trace.LOOP_FRAMES) <= 0.8


def test_a_silent_microphone_gives_a_sign_of_life_every_400_ms() -> None:
    line = trace.timeline("nobody", [], CLIPS, QUIET, offset=3)
    assert len(line) == trace.LOOP_FRAMES
    assert [i for i, payload in enumerate(line) if payload == QUIET] == list(range(3, trace.LOOP_FRAMES, 20))
    assert [i for i, payload in enumerate(line) if payload == QUIET[:1]] == list(range(4, trace.LOOP_FRAMES, 20))


def test_a_timeline_holds_what_was_planned() -> None:
    planned = [trace.Turn(person="ana", start=100, clip=0), trace.Turn(person="bo", start=0, clip=1)]
    line = trace.timeline("ana", planned, CLIPS, QUIET)
    assert line[100:160] == CLIPS[0]
    assert line[160:179] == [None] * 19
    assert line[179] == QUIET
