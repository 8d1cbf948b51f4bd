from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.audio import FRAME, RATE, Samples
from media.limiter import PIECES, limit, soften

KNEE = 0.8


def tone(frequency: float, level: float, frame: int = 0) -> Samples:
    """(1, 2, 960)"""
    at = np.arange(frame * FRAME, (frame + 1) * FRAME)
    wave = (level * np.sin(2 * np.pi * frequency * at / RATE)).astype(np.float32)
    return np.stack([wave, wave])[None]


def ones(rows: int = 1) -> Samples:
    return np.ones(rows, np.float32)


def test_what_stays_below_the_knee_is_not_touched_by_a_bit_nor_by_a_loud_row_beside_it() -> None:
    sound = np.concatenate([tone(440, 0.799), tone(440, 3.0)])
    before = sound.copy()
    end = limit(sound, ones(2), KNEE)
    assert np.array_equal(sound[0], before[0])
    assert end[0] == 1.0
    assert end[1] < 1.0


def test_a_loud_sound_comes_out_at_the_knee_with_its_shape() -> None:
    gain = ones()
    for frame in range(3):
        sound = tone(1000, 2.0, frame)
        before = sound.copy()
        gain = limit(sound, gain, KNEE)
    assert np.abs(sound).max() == pytest.approx(KNEE, abs=1e-3)
    assert np.allclose(sound, before * (KNEE / 2.0), atol=0.01)


def test_the_gain_is_down_before_a_peak_in_the_middle_of_a_frame() -> None:
    sound = tone(500, 0.1)
    sound[0, :, 500:520] = 3.0
    limit(sound, ones(), KNEE)
    assert np.abs(sound).max() == pytest.approx(KNEE, abs=1e-3)


def test_the_gain_comes_back_slowly_and_all_the_way() -> None:
    gain = limit(tone(1000, 3.2), ones(), KNEE)
    course = [float(gain[0])]
    while course[-1] < 1.0:
        gain = limit(tone(1000, 0.1), gain, KNEE)
        course.append(float(gain[0]))
        assert 20 * np.log10(course[-1] / course[-2]) <= 0.25 * PIECES + 0.01
    assert 4 <= len(course) <= 8


def test_the_gain_makes_no_step_between_frames() -> None:
    gain, out = ones(), []
    for frame, level in enumerate([0.5, 1.2, 2.0, 0.5, 0.5, 1.0]):
        sound = tone(150, level, frame)
        gain = limit(sound, gain, KNEE)
        out.append(sound[0, 0])
        # The tone itself has no steps at the borders: 150 Hz has three whole periods in a frame.
    wave = np.concatenate(out)
    assert np.abs(np.diff(wave)).max() < 2.0 * 2 * np.pi * 150 / RATE * 1.1


def test_both_ears_are_turned_down_alike() -> None:
    sound = tone(1000, 2.0)
    sound[0, 1] *= 0.1
    limit(sound, np.full(1, 0.4, np.float32), KNEE)
    assert np.allclose(sound[0, 1], 0.1 * sound[0, 0], atol=1e-4)


@settings(max_examples=60, deadline=None)
@given(rows=st.integers(0, 4), level=st.floats(0, 100, width=32), seed=st.integers(0, 999))
def test_nothing_is_ever_above_full_scale(rows: int, level: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    gain = ones(rows)
    for _ in range(3):
        sound = random.uniform(-1, 1, (rows, 2, FRAME)).astype(np.float32)
        sound *= np.float32(level) * random.uniform(0, 1, (rows, 1, FRAME)).astype(np.float32)
        gain = limit(sound, gain, KNEE)
        assert np.abs(sound).max(initial=0.0) <= 1.0
        assert np.all((gain > 0) & (gain <= 1))


def test_quiet_sound_passes_the_bend_bit_for_bit() -> None:
    quiet = np.linspace(-0.8, 0.8, 1000, dtype=np.float32)
    assert soften(quiet, 0.8000001) is quiet


def test_the_bend_rises_smoothly_and_stops_at_one() -> None:
    ramp = np.linspace(0, 50, 100_000, dtype=np.float32)
    out = soften(ramp, 0.8)
    assert np.all(np.diff(out) >= 0)
    assert out.max() <= 1.0
    slope = np.diff(soften(np.linspace(0.7, 0.9, 2001, dtype=np.float64).astype(np.float32), 0.8)) / 1e-4
    assert slope[950] == pytest.approx(1.0, abs=0.01)
    assert slope[1050] == pytest.approx(1.0, abs=0.01)
