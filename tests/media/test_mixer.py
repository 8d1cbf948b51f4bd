from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.audio import FRAME, RATE, Samples
from media.errors import SettingsError, ShapeError
from media.mixer import Mixer, MixerSettings, Mixes
from media.scene import Scene

QUARTER = np.pi / 2


def tone(frequency: float, frames: int, level: float = 0.3) -> Samples:
    at = np.arange(frames * FRAME)
    return (level * np.sin(2 * np.pi * frequency * at / RATE)).astype(np.float32).reshape(frames, FRAME)


def noise(frames: int, level: float = 0.1, seed: int = 1) -> Samples:
    return np.random.default_rng(seed).uniform(-level, level, (frames, FRAME)).astype(np.float32)


def scene(
    listeners: Sequence[str],
    sources: Sequence[str],
    gain: object = 1.0,
    *,
    azimuth: object = 0.0,
    elevation: object = 0.0,
    flat: object = False,
) -> Scene:
    shape = (len(listeners), len(sources))
    return Scene(
        listeners=tuple(listeners),
        sources=tuple(sources),
        gain=np.broadcast_to(np.asarray(gain, np.float32), shape).copy(),
        azimuth=np.broadcast_to(np.asarray(azimuth, np.float32), shape).copy(),
        elevation=np.broadcast_to(np.asarray(elevation, np.float32), shape).copy(),
        flat=np.broadcast_to(np.asarray(flat, np.bool_), shape).copy(),
    )


def settled(there: Scene, **kinds: int) -> Mixer:
    """A mixer for whom nothing of this scene is new."""
    mixer = Mixer(MixerSettings(**kinds))
    mixer.set_scene(there)
    mixer.mix(np.zeros((len(there.sources), FRAME), np.float32))
    return mixer


def heard(mixes: Mixes, listener: int) -> Samples:
    """(2, 960) what reaches one listener."""
    group = int(mixes.group_of[listener])
    return mixes.outputs[group] if group >= 0 else np.zeros((2, FRAME), np.float32)


def roughness(wave: Samples) -> float:
    """How far the second difference goes: a step or a bend stands out of a slow tone by far."""
    return float(np.abs(np.diff(wave, 2)).max())


# How loud, and from where


def test_a_panned_voice_straight_ahead_has_equal_power_in_both_ears() -> None:
    frame = tone(440, 1)
    out = heard(settled(scene(["ana"], ["bo"], 0.8), binaural_sources=0).mix(frame), 0)
    assert np.allclose(out, 0.8 * np.sqrt(0.5) * frame, atol=1e-6)


def test_a_panned_voice_at_the_side_is_louder_there_and_one_behind_is_softer() -> None:
    frame = tone(440, 1)
    power = {}
    for name, azimuth in (("right", QUARTER), ("left", -QUARTER), ("behind", np.pi), ("ahead", 0.0)):
        mixer = settled(scene(["ana"], ["bo"], azimuth=azimuth), binaural_sources=0)
        power[name] = (heard(mixer.mix(frame), 0) ** 2).sum(axis=1) / (frame**2).sum()
    assert power["right"][1] > 100 * power["right"][0]
    assert np.allclose(power["left"], power["right"][::-1], atol=1e-6)
    assert power["behind"].sum() == pytest.approx(power["ahead"].sum() / 2, rel=0.01)
    assert all(power[name].sum() == pytest.approx(1.0, abs=0.01) for name in ("left", "right", "ahead"))


def test_in_a_conference_both_ears_hear_the_same_at_the_power_of_a_voice_straight_ahead() -> None:
    frame = tone(440, 1)
    out = heard(settled(scene(["ana"], ["bo"], 0.8, azimuth=2.0, elevation=0.4, flat=True)).mix(frame), 0)
    assert np.array_equal(out[0], out[1])
    assert np.allclose(out[0], 0.8 * np.sqrt(0.5) * frame[0], atol=1e-6)


def test_only_the_loudest_sounding_voices_with_a_direction_are_binaural() -> None:
    gain = [[0.9, 0.5, 0.8, 0.7, 0.6]]
    flat = [[False, False, True, False, False]]
    there = scene(["ana"], "abcde", gain, azimuth=1.0, flat=flat)
    frames = np.zeros((5, FRAME), np.float32)
    for k in range(5):
        alone = frames.copy()
        alone[k] = noise(1)[0]
        everybody = np.stack([noise(1, seed=9)[0] * 1e-9 if j not in (0, k) else alone[j] for j in range(5)])
        everybody[0] = alone[0] if k == 0 else noise(1, seed=9)[0] * 1e-9
        out = heard(settled(there, binaural_sources=2).mix(everybody), 0)
        late = np.argmax(np.abs(out[0]) > 1e-4) - np.argmax(np.abs(out[1]) > 1e-4)
        assert (late > 10) == (k in (0, 3)), "the left ear lags for those two alone"


def test_a_caller_may_ask_for_fewer_binaural_voices_and_other_gains() -> None:
    frame = noise(1)
    mixer = settled(scene(["ana"], ["bo"], azimuth=1.0))
    mixer.mix(frame, binaural_sources=0)
    half = np.full((1, 1), 0.5, np.float32)
    mixer.mix(frame, half, 0)
    out = heard(mixer.mix(frame, half, 0), 0)
    assert np.allclose(out[0] / out[1], out[0, 5] / out[1, 5], rtol=1e-3)
    assert (out**2).sum() == pytest.approx(0.25 * (frame**2).sum(), rel=0.01)


def test_a_binaural_voice_keeps_its_place_until_another_one_is_clearly_louder() -> None:
    frames = noise(2)
    frames[1] *= np.float32(1e-9)  # there, and not heard

    def lags(mixer: Mixer, second: float) -> bool:
        mixer.set_scene(scene(["ana"], ["bo", "cy"], [[1.0, second]], azimuth=1.0))
        mixer.mix(frames)
        out = heard(mixer.mix(frames), 0)
        return bool(abs(np.corrcoef(out[0, 100:], out[1, 100:])[0, 1]) < 0.9)

    mixer = settled(scene(["ana"], ["bo", "cy"], [[1.0, 0.9]], azimuth=1.0), binaural_sources=1)
    assert lags(mixer, 0.9)
    assert lags(mixer, 1.06), "half a dB is no reason to change"
    assert not lags(mixer, 1.26)
    assert not lags(mixer, 0.95)
    assert lags(mixer, 0.8)


# Silence


def test_silence_in_is_exact_silence_out() -> None:
    mixer = settled(scene(["ana", "bo"], ["ana", "bo", "ada"]))
    out = mixer.mix(np.zeros((3, FRAME), np.float32))
    assert out.group_of.tolist() == [-1, -1]
    assert len(out.outputs) == 0


@pytest.mark.parametrize("most", [0, 8])
def test_zero_gain_is_exact_silence_whatever_is_said(most: int) -> None:
    mixer = Mixer(MixerSettings(binaural_sources=most))
    mixer.set_scene(scene(["ana", "bo"], ["bo", "cy"], [[0.0, 0.0], [0.0, 1.0]], azimuth=0.5))
    for frame in noise(4, level=1.0):
        out = mixer.mix(np.stack([frame, np.zeros(FRAME, np.float32)]))
        assert out.group_of[0] == -1
        assert not heard(out, 1).any()


def test_a_voice_that_ends_rings_out_and_then_costs_nothing() -> None:
    mixer = settled(scene(["ana"], ["bo"], azimuth=QUARTER, elevation=0.5))
    mixer.mix(np.ones((1, FRAME), np.float32) * np.float32(0.5))
    quiet = np.zeros((1, FRAME), np.float32)
    tail = heard(mixer.mix(quiet), 0)
    assert np.abs(tail[0, :20]).min() > 0.01, "the far ear still hears what the near one has heard"
    assert not tail[:, 200:].any()
    assert mixer.mix(quiet).group_of.tolist() == [-1]


def test_the_waves_go_on_across_frames() -> None:
    there = scene(["ana"], ["bo"], azimuth=-1.1, elevation=0.3)
    wave = tone(300, 6)
    mixer = settled(there)
    out = np.concatenate([heard(mixer.mix(frame[None]), 0) for frame in wave], axis=1)
    assert roughness(out[:, 200:]) < 1.2 * 2 * roughness(wave.reshape(-1))


# Changes


def run(mixer: Mixer, wave: Samples, scenes: Sequence[Scene], most: Sequence[int] | None = None) -> Samples:
    """(2, n) what the first listener hears of one source while the scene changes; without the first frame."""
    out = []
    for k, frame in enumerate(wave):
        mixer.set_scene(scenes[k % len(scenes)])
        out.append(heard(mixer.mix(frame[None], binaural_sources=most[k % len(most)] if most else None), 0))
    return np.concatenate(out[1:], axis=1)


@pytest.mark.parametrize(
    "there",
    [
        [scene(["ana"], ["bo"], 1.0), scene(["ana"], ["bo"], 0.0)],
        [scene(["ana"], ["bo"], 0.2, azimuth=1.5), scene(["ana"], ["bo"], 0.9, azimuth=1.5)],
        [scene(["ana"], ["bo"], azimuth=-1.5), scene(["ana"], ["bo"], azimuth=1.5)],
        [scene(["ana"], ["bo"], azimuth=0.1), scene(["ana"], ["bo"], azimuth=3.1)],
        [scene(["ana"], ["bo"], elevation=-1.0), scene(["ana"], ["bo"], elevation=1.0)],
        [scene(["ana"], ["bo"], azimuth=1.2, flat=True), scene(["ana"], ["bo"], azimuth=1.2)],
    ],
    ids=["on and off", "louder", "other side", "behind", "above", "conference"],
)
def test_a_jump_in_the_scene_makes_no_step_in_the_wave(there: list[Scene]) -> None:
    wave = tone(200, 20)
    out = run(settled(there[0]), wave, there)
    # A straight ramp may bend the wave where it begins and ends, by its slope at most: 2 / 960 of the level.
    assert roughness(out) < 2.4 * roughness(wave.reshape(-1)) + 0.3 * 2 / FRAME
    step = np.abs(np.diff(out)).max() - 1.5 * np.abs(np.diff(wave.reshape(-1))).max()
    assert step < 10 ** (-60 / 20)


def test_taking_turns_between_binaural_and_panned_makes_no_step() -> None:
    wave = tone(200, 20)
    there = scene(["ana"], ["bo"], azimuth=1.3)
    out = run(settled(there), wave, [there], most=[8, 0])
    assert roughness(out) < 2.4 * roughness(wave.reshape(-1)) + 0.3 * 2 / FRAME


def test_a_change_is_a_straight_cross_fade_between_the_old_and_the_new_mix() -> None:
    old = scene(["ana"], ["bo", "cy", "dee"], [[1.0, 0.5, 0.3]], azimuth=[[0.5, -1.0, 2.0]])
    new = scene(["ana"], ["bo", "cy", "dee"], [[0.4, 0.5, 0.3]], azimuth=[[-1.5, -1.0, 2.0]])
    first, second = noise(3, seed=3), noise(3, seed=4)
    stay, come, turn = settled(old), settled(new), settled(old)
    for mixer in (stay, come, turn):
        mixer.mix(first)
    turn.set_scene(new)
    rise = np.arange(1, FRAME + 1) / FRAME
    expected = heard(stay.mix(second), 0) * (1 - rise) + heard(come.mix(second), 0) * rise
    assert np.allclose(heard(turn.mix(second), 0), expected, atol=1e-6)
    assert np.allclose(heard(turn.mix(first), 0), heard(come.mix(first), 0), atol=1e-7)


def test_a_new_source_comes_in_from_zero() -> None:
    mixer = settled(scene(["ana"], ["bo"], flat=True))
    mixer.set_scene(scene(["ana"], ["bo", "cy"], np.sqrt(2), flat=True))
    frames = np.stack([np.zeros(FRAME, np.float32), np.full(FRAME, 0.5, np.float32)])
    out = heard(mixer.mix(frames), 0)[0]
    assert abs(out[0]) < 0.001
    assert out[-1] == pytest.approx(0.5)
    assert np.all(np.diff(out) >= 0)


def test_a_new_listener_comes_in_from_zero_while_the_others_hear_on() -> None:
    frame = np.full((1, FRAME), 0.5, np.float32)
    mixer = settled(scene(["ana"], ["cy"], flat=True))
    before = heard(mixer.mix(frame), 0)
    mixer.set_scene(scene(["bo", "ana"], ["cy"], flat=True))
    out = mixer.mix(frame)
    assert np.array_equal(heard(out, 1), before)
    assert np.all(np.diff(heard(out, 0)[0]) >= 0)
    assert heard(out, 0)[0, 0] < 0.001
    after = mixer.mix(frame)
    assert after.group_of.tolist() == [0, 0], "from now on they hear the same"


def test_a_source_that_leaves_goes_out_without_a_step() -> None:
    there = scene(["ana"], ["bo"], azimuth=0.7)
    mixer = settled(there)
    wave = tone(200, 2)
    before = [heard(mixer.mix(frame[None]), 0) for frame in wave]
    mixer.set_scene(scene(["ana"], []))
    nothing = np.zeros((0, FRAME), np.float32)
    after = heard(mixer.mix(nothing), 0)
    whole = np.concatenate([*before, after], axis=1)
    assert np.abs(np.diff(whole)).max() <= 1.5 * np.abs(np.diff(wave.reshape(-1))).max() + 0.3 / FRAME
    assert np.abs(after[:, -1]).max() < 1e-6
    assert mixer.mix(nothing).group_of.tolist() == [-1]


def test_a_source_that_leaves_is_heard_by_nobody_who_did_not_hear_it() -> None:
    mixer = settled(scene(["ana", "bo"], ["cy"], [[1.0], [0.0]]))
    mixer.mix(tone(200, 1))
    mixer.set_scene(scene(["bo", "ana"], []))
    out = mixer.mix(np.zeros((0, FRAME), np.float32))
    assert out.group_of[0] == -1
    assert heard(out, 1).any()


def test_paths_follow_the_people_when_the_order_changes() -> None:
    gain = np.array([[0.1, 0.9], [0.9, 0.1]], np.float32)
    frames = np.stack([np.zeros(FRAME, np.float32), np.full(FRAME, 0.5, np.float32)])
    mixer = settled(scene(["ana", "bo"], ["cy", "dee"], gain, flat=True))
    mixer.mix(frames)
    mixer.set_scene(scene(["bo", "ana"], ["dee", "cy"], gain[::-1, ::-1], flat=True))
    out = mixer.mix(frames[::-1])
    assert np.allclose(heard(out, 0), 0.05 * np.sqrt(0.5), atol=1e-6)
    assert np.allclose(heard(out, 1), 0.45 * np.sqrt(0.5), atol=1e-6)


def test_a_voice_that_was_silent_starts_at_once_where_it_is() -> None:
    old, new = scene(["ana"], ["bo"], 0.0, azimuth=-1.0), scene(["ana"], ["bo"], 0.8, azimuth=1.0)
    frame = noise(1)
    mixer = settled(old)
    mixer.set_scene(new)
    assert np.array_equal(heard(mixer.mix(frame), 0), heard(settled(new).mix(frame), 0))


# Groups


def test_listeners_of_a_conference_share_one_mix_and_each_who_talks_has_their_own() -> None:
    people = "abcdef"
    gain = 1.0 - np.eye(6, dtype=np.float32)
    mixer = settled(scene(people, people, gain, flat=True))
    frames = np.zeros((6, FRAME), np.float32)
    frames[:2] = noise(2)
    out = mixer.mix(frames)
    assert len(out.outputs) == 3
    assert len(set(out.group_of[2:].tolist())) == 1
    assert len(set(out.group_of[:3].tolist())) == 3


def test_who_hears_alike_shares_and_who_is_moved_has_their_own_while_it_matters() -> None:
    alike = scene("abc", "x", [[0.4], [0.4], [0.4]], flat=True)
    moved = scene("abc", "x", [[0.4], [0.4], [0.9]], flat=True)
    mixer = settled(alike)
    assert mixer.mix(noise(1)).group_of.tolist() == [0, 0, 0]
    mixer.set_scene(moved)
    assert mixer.mix(noise(1)).group_of.tolist() == [0, 0, 1]
    mixer.set_scene(alike)
    assert mixer.mix(noise(1)).group_of.tolist() == [0, 0, 1]
    assert mixer.mix(noise(1)).group_of.tolist() == [0, 0, 0]


def test_who_hears_from_a_side_has_their_own() -> None:
    there = scene("abc", "x", azimuth=[[0.4], [0.4], [-0.4]])
    assert settled(there).mix(noise(1)).group_of.tolist() == [0, 1, 2]


def test_who_has_just_been_turned_down_shares_again_when_the_limiter_has_recovered() -> None:
    gain = np.array([[1.0, 10.0], [1.0, 0.0]], np.float32)
    mixer = settled(scene("ab", "xy", gain, flat=True))
    quiet = np.zeros(FRAME, np.float32)
    for _ in range(2):
        mixer.mix(np.stack([tone(500, 1, 0.1)[0], tone(300, 1, 0.9)[0]]))
    shared = []
    for _ in range(20):
        out = mixer.mix(np.stack([tone(500, 1, 0.1)[0], quiet]))
        shared.append(bool(out.group_of[0] == out.group_of[1]))
    assert shared.index(True) >= 2
    assert all(shared[shared.index(True) :])
    assert shared[-1]


def random_scene(seed: int, listeners: str, sources: str) -> Scene:
    random = np.random.default_rng(seed)
    shape = (len(listeners), len(sources))
    # Few values, so that some listeners hear the same.
    gain = random.choice([0.0, 0.3, 0.3, 1.0], shape)
    for i, listener in enumerate(listeners):
        for j, source in enumerate(sources):
            if listener == source:
                gain[i, j] = 0.0
    azimuth, elevation = random.choice([-2.5, 0.0, 0.7], shape), random.choice([0.0, 0.4], shape)
    return scene(listeners, sources, gain, azimuth=azimuth, elevation=elevation, flat=random.random(shape) < 0.5)


STEPS = st.lists(
    st.tuples(
        st.sets(st.sampled_from("abcd"), min_size=1),
        st.sets(st.sampled_from("abcdxy")),
        st.integers(0, 3),
        st.sampled_from([0, 1, 8]),
    ),
    max_size=8,
)


@settings(max_examples=40, deadline=None)
@given(steps=STEPS, loud=st.sampled_from([0.05, 1.0]))
def test_mixing_in_groups_is_mixing_for_each_listener_alone(
    steps: list[tuple[set[str], set[str], int, int]], loud: float
) -> None:
    together = Mixer()
    alone = {listener: Mixer() for listener in "abcd"}
    for listeners, sources, seed, most in steps:
        there = random_scene(seed, "".join(sorted(listeners)), "".join(sorted(sources)))
        frames = noise(len(sources), loud, seed)
        frames[np.random.default_rng(seed).random(len(sources)) < 0.3] = 0.0
        together.set_scene(there)
        out = together.mix(frames, binaural_sources=most)
        for listener, mixer in alone.items():
            rows = [row for row, name in enumerate(there.listeners) if name == listener]
            own = Scene(
                listeners=tuple(there.listeners[row] for row in rows),
                sources=there.sources,
                gain=there.gain[rows],
                azimuth=there.azimuth[rows],
                elevation=there.elevation[rows],
                flat=there.flat[rows],
            )
            mixer.set_scene(own)
            expected = mixer.mix(frames, binaural_sources=most)
            for row in rows:
                assert np.allclose(heard(out, row), heard(expected, 0), atol=2e-6)
                assert (out.group_of[row] == -1) == (expected.group_of[0] == -1)


# Comings and goings, and faults


@settings(max_examples=40, deadline=None)
@given(steps=STEPS)
def test_any_comings_and_goings_leave_no_step_and_no_self(
    steps: list[tuple[set[str], set[str], int, int]],
) -> None:
    mixer = Mixer()
    before: dict[str, Samples] = {}
    level = 0.02
    for listeners, sources, seed, most in steps:
        rows, columns = "".join(sorted(listeners)), "".join(sorted(sources))
        mixer.set_scene(random_scene(seed, rows, columns))
        out = mixer.mix(np.full((len(columns), FRAME), level, np.float32), binaural_sources=most)
        for i, row in enumerate(rows):
            wave = heard(out, i)
            start = before.get(row, np.zeros((2, 1), np.float32))
            # A steady level makes a step only where the mixer makes one, or a delayed ear hears it begin.
            joined = np.concatenate([start[:, -1:], wave], axis=1)
            assert np.abs(np.diff(joined)).max() < 6 * level * 4 / FRAME + 1e-5
            if sources <= {row}:
                assert np.abs(wave[:, -1]).max() < 1e-6
        before = {row: heard(out, i) for i, row in enumerate(rows)}


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_frame_that_is_not_finite_counts_as_silent_and_leaves_no_trace(value: float) -> None:
    mixer = settled(scene(["ana"], ["bo", "cy"], azimuth=1.0))
    frames = noise(2)
    mixer.mix(frames)
    broken = frames.copy()
    broken[0, 5] = value
    assert np.isfinite(heard(mixer.mix(broken), 0)).all()
    clean = settled(scene(["ana"], ["bo", "cy"], azimuth=1.0))
    for _ in range(2):
        assert np.isfinite(heard(mixer.mix(frames), 0)).all()
        clean.mix(frames)
    assert np.allclose(heard(mixer.mix(frames), 0), heard(clean.mix(frames), 0), atol=1e-6)


def test_an_empty_room_is_mixed_too() -> None:
    assert len(Mixer().mix(np.zeros((0, FRAME), np.float32)).group_of) == 0
    nobody = settled(scene([], ["bo"]))
    assert len(nobody.mix(noise(1)).outputs) == 0


def test_what_does_not_fit_is_refused() -> None:
    mixer = settled(scene(["ana"], ["bo"]))
    with pytest.raises(ShapeError, match="1 listeners and 1 sources"):
        mixer.mix(np.zeros((2, FRAME), np.float32))
    with pytest.raises(ShapeError, match="gains"):
        mixer.mix(np.zeros((1, FRAME), np.float32), np.zeros((2, 1), np.float32))
    with pytest.raises(SettingsError, match="knee"):
        Mixer(MixerSettings(knee=1.0))
    with pytest.raises(SettingsError, match="0 or more"):
        Mixer(MixerSettings(binaural_sources=-1))
