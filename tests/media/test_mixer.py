from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.audio import FRAME, RATE, Samples
from media.errors import SettingsError, ShapeError
from media.mixer import Mixer, MixerSettings, soften


def tone(frequency: float, frames: int, level: float = 0.3) -> Samples:
    at = np.arange(frames * FRAME)
    return (level * np.sin(2 * np.pi * frequency * at / RATE)).astype(np.float32).reshape(frames, FRAME)


def gains(*rows: list[float]) -> Samples:
    return np.array(rows, np.float32)


def settled(listeners: list[str], sources: list[str], left: Samples, right: Samples) -> Mixer:
    """A mixer whose ramps have reached these gains."""
    mixer = Mixer()
    mixer.set_layout(listeners, sources)
    mixer.mix(np.zeros((len(sources), FRAME), np.float32), left, right)
    return mixer


def test_each_ear_gets_its_own_gain() -> None:
    left, right = gains([0.8]), gains([0.2])
    frame = tone(440, 1)
    out = settled(["ana"], ["bo"], left, right).mix(frame, left, right)
    assert np.allclose(out[0, 0], 0.8 * frame[0], atol=1e-6)
    assert np.allclose(out[0, 1], 0.2 * frame[0], atol=1e-6)


def test_nobody_hears_themselves_when_the_matrix_says_so() -> None:
    left = gains([0.0, 0.5], [0.5, 0.0])
    frames = np.stack([tone(440, 1)[0], np.zeros(FRAME, np.float32)])
    out = settled(["ana", "bo"], ["ana", "bo"], left, left).mix(frames, left, left)
    assert not out[0].any()
    assert out[1].any()


def test_silence_in_is_exact_silence_out() -> None:
    mixer = Mixer()
    mixer.set_layout(["ana", "bo"], ["ana", "bo", "ada"])
    ones = np.ones((2, 3), np.float32)
    assert not mixer.mix(np.zeros((3, FRAME), np.float32), ones, ones).any()


def test_zero_gain_is_exact_silence_whatever_is_said() -> None:
    mixer = Mixer()
    mixer.set_layout(["ana"], ["bo"])
    zero = gains([0.0])
    for frame in tone(440, 4, level=1.0):
        assert not mixer.mix(frame[None], zero, zero).any()


def test_a_gain_that_jumps_makes_no_step_in_the_wave() -> None:
    mixer = Mixer()
    mixer.set_layout(["ana"], ["bo"])
    wave = tone(200, 20)
    out = []
    for k, frame in enumerate(wave):
        gain = gains([1.0 if (k // 4) % 2 == 0 else 0.0])
        out.append(mixer.mix(frame[None], gain, gain)[0, 0])
    steepest_of_the_tone = np.abs(np.diff(wave.reshape(-1))).max()
    ramp = 0.3 / FRAME
    assert np.abs(np.diff(np.concatenate(out))).max() <= steepest_of_the_tone + ramp + 1e-6


def test_a_new_source_comes_in_from_zero() -> None:
    mixer = settled(["ana"], ["bo"], gains([0.5]), gains([0.5]))
    mixer.set_layout(["ana"], ["bo", "cy"])
    frames = np.stack([np.zeros(FRAME, np.float32), np.ones(FRAME, np.float32) * 0.5])
    out = mixer.mix(frames, gains([0.5, 1.0]), gains([0.5, 1.0]))[0, 0]
    assert abs(out[0]) < 0.001
    assert out[-1] == pytest.approx(0.5)
    assert np.all(np.diff(out) >= 0)


def test_a_source_that_leaves_goes_out_without_a_step() -> None:
    one = gains([1.0])
    mixer = settled(["ana"], ["bo"], one, one)
    wave = tone(200, 2)
    before = [mixer.mix(frame[None], one, one)[0, 0] for frame in wave]
    mixer.set_layout(["ana"], [])
    empty = np.zeros((1, 0), np.float32)
    after = mixer.mix(np.zeros((0, FRAME), np.float32), empty, empty)[0, 0]
    whole = np.concatenate([*before, after])
    assert np.abs(np.diff(whole)).max() <= np.abs(np.diff(wave.reshape(-1))).max() + 0.3 / FRAME + 1e-6
    assert abs(after[-1]) < 1e-6
    assert not mixer.mix(np.zeros((0, FRAME), np.float32), empty, empty).any()


def test_a_source_that_leaves_is_heard_by_nobody_who_did_not_hear_it() -> None:
    left = gains([1.0], [0.0])
    mixer = settled(["ana", "bo"], ["cy"], left, left)
    mixer.mix(tone(200, 1), left, left)
    mixer.set_layout(["bo", "ana"], [])
    empty = np.zeros((2, 0), np.float32)
    out = mixer.mix(np.zeros((0, FRAME), np.float32), empty, empty)
    assert not out[0].any()
    assert out[1].any()


def test_ramps_follow_the_people_when_the_order_changes() -> None:
    left = gains([0.1, 0.9], [0.9, 0.1])
    mixer = settled(["ana", "bo"], ["cy", "dee"], left, left)
    mixer.set_layout(["bo", "ana"], ["dee", "cy"])
    frames = np.stack([np.zeros(FRAME, np.float32), np.full(FRAME, 0.5, np.float32)])
    out = mixer.mix(frames, left, left)
    assert np.allclose(out[0, 0], 0.45, atol=1e-6)
    assert np.allclose(out[1, 0], 0.05, atol=1e-6)


@settings(max_examples=50, deadline=None)
@given(
    listeners=st.integers(0, 5),
    sources=st.integers(0, 6),
    gain=st.floats(0, 20, width=32),
    seed=st.integers(0, 10_000),
)
def test_the_mix_never_exceeds_full_scale(listeners: int, sources: int, gain: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    mixer = Mixer()
    mixer.set_layout([f"l{i}" for i in range(listeners)], [f"s{j}" for j in range(sources)])
    for _ in range(3):
        left = random.uniform(0, 1, (listeners, sources)).astype(np.float32) * np.float32(gain)
        frames = random.uniform(-1, 1, (sources, FRAME)).astype(np.float32)
        out = mixer.mix(frames, left, left)
        assert out.shape == (listeners, 2, FRAME)
        assert out.dtype == np.float32
        assert np.abs(out).max(initial=0.0) <= 1.0


@settings(max_examples=30, deadline=None)
@given(
    steps=st.lists(
        st.tuples(st.sets(st.sampled_from("abcd")), st.sets(st.sampled_from("abcdxy")), st.integers(0, 99)),
        max_size=12,
    )
)
def test_any_comings_and_goings_leave_no_step_and_no_self(
    steps: list[tuple[set[str], set[str], int]],
) -> None:
    mixer = Mixer()
    heard: dict[str, Samples] = {}
    flat = np.full(FRAME, 0.05, np.float32)
    for listeners, sources, seed in steps:
        rows, columns = sorted(listeners), sorted(sources)
        mixer.set_layout(rows, columns)
        random = np.random.default_rng(seed)
        left = random.uniform(0, 1, (len(rows), len(columns))).astype(np.float32)
        for i, row in enumerate(rows):
            for j, column in enumerate(columns):
                if row == column:
                    left[i, j] = 0.0
        frames = np.tile(flat, (len(columns), 1))
        out = mixer.mix(frames, left, left)
        for i, row in enumerate(rows):
            wave = out[i, 0]
            start = heard[row][-1] if row in heard else 0.0
            assert np.abs(np.diff(np.concatenate([[start], wave]))).max() < 6 * 0.05 * 2 / FRAME + 1e-5
            if sources <= {row}:
                assert not out[i, 0, -1].any() or abs(out[i, 0, -1]) < 1e-6
        heard = {row: out[i, 0] for i, row in enumerate(rows)}


def test_quiet_sound_passes_the_limiter_bit_for_bit() -> None:
    quiet = np.linspace(-0.8, 0.8, 1000, dtype=np.float32)
    assert soften(quiet, 0.8000001) is quiet


def test_the_limiter_rises_smoothly_and_stops_at_one() -> None:
    ramp = np.linspace(0, 50, 100_000, dtype=np.float32)
    out = soften(ramp, 0.8)
    assert np.all(np.diff(out) >= 0)
    assert out.max() <= 1.0
    slope = np.diff(soften(np.linspace(0.7, 0.9, 2001, dtype=np.float64).astype(np.float32), 0.8)) / 1e-4
    assert slope[950] == pytest.approx(1.0, abs=0.01)
    assert slope[1050] == pytest.approx(1.0, abs=0.01)


def test_what_does_not_fit_is_refused() -> None:
    mixer = Mixer()
    mixer.set_layout(["ana"], ["bo"])
    with pytest.raises(ShapeError, match="1 listeners and 1 sources"):
        mixer.mix(np.zeros((2, FRAME), np.float32), gains([1.0]), gains([1.0]))
    with pytest.raises(ShapeError, match="only once"):
        mixer.set_layout(["ana", "ana"], [])
    with pytest.raises(SettingsError):
        Mixer(MixerSettings(knee=1.0))
