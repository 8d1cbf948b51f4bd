from __future__ import annotations

from math import cos, pi, sin

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avatars.gesture import Mouth, mouth_envelope, turn, yaw_towards
from media.audio import FRAME, RATE


def test_the_mouth_opens_with_the_sound_and_shuts_after_it() -> None:
    mouth = Mouth()
    for _ in range(5):
        mouth.feed(-14.0)
    assert mouth.openness > 0.95
    after = [mouth.feed(-100.0) for _ in range(20)]
    assert after == sorted(after, reverse=True)
    assert after[-1] == 0.0


@given(st.lists(st.floats(-100, 0), max_size=100))
def test_the_mouth_stays_between_shut_and_open(levels: list[float]) -> None:
    mouth = Mouth()
    assert all(0.0 <= mouth.feed(level) <= 1.0 for level in levels)


def test_lips_meet_where_the_sound_is_made_with_lips() -> None:
    loud = np.full(RATE, 0.3, np.float32)
    openness = mouth_envelope(loud, [(0.5, "b"), (0.6, "a"), (9.0, "m")])
    assert len(openness) == 50
    assert openness[25] == pytest.approx(0.1)
    assert openness[30] > 0.9
    assert len(mouth_envelope(np.zeros(FRAME + 1, np.float32))) == 2


@given(st.floats(-3.1, 3.1), st.floats(0.5, 20), st.floats(-5, 5), st.floats(-5, 5))
def test_looking_somewhere_faces_it(yaw: float, distance: float, x: float, z: float) -> None:
    found = yaw_towards(x, z, x - sin(yaw) * distance, z - cos(yaw) * distance)
    assert found == pytest.approx(yaw, abs=1e-6)


def test_north_is_ahead_and_west_is_to_the_left() -> None:
    assert yaw_towards(0, 0, 0, -1) == pytest.approx(0.0)
    assert yaw_towards(0, 0, -1, 0) == pytest.approx(pi / 2)


@given(st.floats(-pi, pi), st.floats(-10, 10))
def test_turning_takes_the_short_way_and_arrives(yaw: float, target: float) -> None:
    steps = 0
    while abs(sin((target - yaw) / 2)) > 1e-6:
        yaw = turn(yaw, target, 0.05)
        assert -pi <= yaw <= pi
        steps += 1
        assert steps <= 22  # half a circle at 3 radians a second
