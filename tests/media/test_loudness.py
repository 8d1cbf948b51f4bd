from __future__ import annotations

from random import Random

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.audio import FRAME, SILENCE_DBFS, Samples, row_dbfs
from media.errors import SettingsError, ShapeError
from media.loudness import Levelling, LevellingSettings

SECOND = 50
"""Frames."""


def fed(levelling: Levelling, *levels: float, times: int = 1) -> float:
    """Feed one source these levels, the whole row so many times; its last gain."""
    gain = 0.0
    for level in levels * times:
        gain = float(levelling.feed(("ana",), np.array([level]))[0])
    return gain


def in_db(gain: float) -> float:
    return float(20.0 * np.log10(gain))


def syllables(seconds: float, mean: float) -> list[float]:
    """Levels of speech: loud vowels, soft consonants, a pause now and then; the vowels lie at the mean."""
    word = [mean, mean + 1, mean, mean - 1, mean - 6, mean - 14, mean, mean, mean - 3, mean - 20]
    pause = [-70.0] * 10
    both = (word * 4 + pause) * 100
    return both[: round(seconds * SECOND)]


@pytest.mark.parametrize("level", [-50.0, -40.0, -23.0, 0.0])
def test_a_gate_opens_in_the_very_frame_that_is_loud(level: float) -> None:
    assert fed(Levelling(), SILENCE_DBFS, level) > 0.0


@pytest.mark.parametrize("level", [SILENCE_DBFS, -60.0, -50.1])
def test_the_noise_of_a_microphone_opens_no_gate(level: float) -> None:
    assert fed(Levelling(), level, times=10 * SECOND) == 0.0


def test_a_gate_closes_after_its_hangover() -> None:
    levelling = Levelling(LevellingSettings(hangover_seconds=0.3))
    fed(levelling, -25.0)
    assert all(fed(levelling, -60.0) > 0.0 for _ in range(15))
    assert fed(levelling, -60.0) == 0.0


def test_a_gate_that_is_open_stays_so_between_the_two_levels_and_one_that_is_closed_too() -> None:
    opened, closed = Levelling(), Levelling()
    fed(opened, -25.0)
    assert fed(opened, -53.0, times=10 * SECOND) > 0.0
    assert fed(closed, -53.0, times=10 * SECOND) == 0.0


def test_pauses_between_words_do_not_close_the_gate() -> None:
    levelling = Levelling()
    fed(levelling, -25.0)
    assert all(fed(levelling, level) > 0.0 for level in syllables(20, -25.0))


@pytest.mark.parametrize("mean", [-33.0, -28.0, -23.0, -18.0, -12.0])
def test_speech_is_led_to_the_target(mean: float) -> None:
    levelling = Levelling()
    levels = syllables(40, mean)
    fed(levelling, *levels[: 20 * SECOND])
    after: list[float] = []
    for level in levels[20 * SECOND :]:
        gain = fed(levelling, level)
        if level > mean - 10.0:
            after.append(level + in_db(gain))
    energy = 10.0 * np.log10(np.mean(np.power(10.0, np.array(after) / 10.0)))
    assert energy == pytest.approx(-23.0, abs=0.7)


@pytest.mark.parametrize(("level", "gain_db"), [(-45.0, 12.0), (-35.0, 12.0), (-11.0, -12.0), (0.0, -12.0)])
def test_the_gain_has_limits(level: float, gain_db: float) -> None:
    assert in_db(fed(Levelling(), level, times=60 * SECOND)) == pytest.approx(gain_db, abs=0.05)


def test_a_gain_grows_slowly_and_shrinks_faster() -> None:
    soft, loud = Levelling(), Levelling()
    assert in_db(fed(soft, -33.0, times=3 * SECOND)) == pytest.approx(10.0 * (1 - np.exp(-1)), abs=0.2)
    assert in_db(fed(loud, -13.0, times=1 * SECOND)) == pytest.approx(-10.0 * (1 - np.exp(-1)), abs=0.2)


def test_a_settled_voice_does_not_pump() -> None:
    levelling = Levelling()
    levels = syllables(40, -30.0)
    fed(levelling, *levels[: 20 * SECOND])
    gains = [in_db(fed(levelling, level)) for level in levels[20 * SECOND :]]
    assert max(gains) - min(gains) < 0.5


def test_silence_freezes_the_gain_and_it_is_there_with_the_first_word_after() -> None:
    levelling = Levelling()
    before = fed(levelling, -33.0, times=20 * SECOND)
    assert fed(levelling, SILENCE_DBFS, times=60 * SECOND) == 0.0
    assert in_db(fed(levelling, -33.0)) == pytest.approx(in_db(before), abs=0.05)


def test_breath_between_words_does_not_raise_the_gain() -> None:
    words, breathing = Levelling(), Levelling()
    fed(words, -25.0, times=20 * SECOND)
    fed(breathing, -25.0, -25.0, -45.0, -45.0, times=20 * SECOND)
    assert in_db(fed(breathing, -25.0)) == pytest.approx(in_db(fed(words, -25.0)), abs=0.2)


def test_somebody_who_moves_away_from_the_microphone_is_followed() -> None:
    levelling = Levelling()
    fed(levelling, -14.0, times=60 * SECOND)
    assert in_db(fed(levelling, -32.0, times=40 * SECOND)) == pytest.approx(9.0, abs=0.5)


def test_who_is_gone_is_forgotten_and_who_stays_is_not() -> None:
    levelling = Levelling()
    for _ in range(20 * SECOND):
        levelling.feed(("ana", "bo"), np.array([-33.0, -13.0]))
    levelling.feed(("cy", "ana"), np.array([-23.0, -33.0]))
    gains = levelling.feed(("bo", "ana", "cy"), np.array([-13.0, -33.0, -23.0]))
    assert in_db(gains[0]) == pytest.approx(-0.2, abs=0.1)
    assert in_db(gains[1]) == pytest.approx(10.0, abs=0.1)
    assert in_db(gains[2]) == pytest.approx(0.0, abs=0.1)


def ones(rows: int) -> Samples:
    return np.ones((rows, FRAME), np.float32)


def passed(levelling: Levelling, *levels: float) -> Samples:
    """What becomes of one source's frames of ones when it has these levels; (frames, 960)."""
    out = []
    for level in levels:
        levelling.feed(("ana",), np.array([level]))
        frame = ones(1)
        levelling.apply(frame)
        out.append(frame[0])
    return np.stack(out)


def test_a_closed_gate_leaves_exact_zeros() -> None:
    out = passed(Levelling(), -60.0, -25.0, *[-60.0] * 17)
    assert not out[0].any()
    assert not out[-1].any()


def test_an_opening_gate_keeps_the_onset() -> None:
    _, opening, following = passed(Levelling(), -60.0, -23.0, -23.0)
    assert np.all(np.diff(opening) >= 0.0)
    assert opening[0] < 0.01
    assert np.all(opening[120:] == 1.0)
    assert np.all(following == 1.0)


def test_a_closing_gate_fades_over_a_frame() -> None:
    *_, last, closing = passed(Levelling(), -23.0, *[-60.0] * 16)
    assert last[-1] == 1.0
    assert closing[-1] == 0.0
    assert np.allclose(np.diff(closing), -1.0 / FRAME, atol=1e-6)


@given(st.lists(st.floats(-100.0, 0.0), max_size=60))
def test_no_step_in_the_gain_is_steeper_than_the_attack(levels: list[float]) -> None:
    out = passed(Levelling(), SILENCE_DBFS, *levels).reshape(-1)
    assert np.abs(np.diff(out)).max() <= 10 ** (12 / 20) / 120 + 1e-6


@given(st.lists(st.floats(-100.0, 0.0), max_size=300))
def test_a_gain_is_nothing_or_within_its_limits_and_never_jumps(levels: list[float]) -> None:
    levelling, last = Levelling(), 0.0
    for level in levels:
        gain = fed(levelling, level)
        assert gain == 0.0 or abs(in_db(gain)) <= 12.0 + 1e-4
        if gain and last:
            assert -24.0 / SECOND - 1e-4 <= in_db(gain) - in_db(last) <= 24.0 / 3 / SECOND + 1e-4
        last = gain


rows = st.integers(1, 5).flatmap(
    lambda count: st.lists(st.lists(st.floats(-100.0, 0.0), min_size=count, max_size=count), max_size=40)
)


@given(rows, st.randoms())
def test_sources_do_not_touch_each_other_and_rows_may_move(levels: list[list[float]], random: Random) -> None:
    count = len(levels[0]) if levels else 1
    names = [f"source {k}" for k in range(count)]
    together, alone = Levelling(), [Levelling() for _ in names]
    for frame in levels:
        order = list(range(count))
        random.shuffle(order)
        gains = together.feed(tuple(names[k] for k in order), np.array([frame[k] for k in order]))
        frames = np.outer(np.arange(1, count + 1), np.linspace(-0.1, 0.1, FRAME)).astype(np.float32)[order]
        expected = frames.copy()
        together.apply(frames)
        for row, k in enumerate(order):
            (gain,) = alone[k].feed(("me",), np.array([frame[k]]))
            alone[k].apply(expected[row : row + 1])
            assert gains[row] == pytest.approx(gain, rel=1e-6)
        assert np.allclose(frames, expected, atol=1e-7)


def test_real_sound_comes_out_at_the_target_level() -> None:
    levelling = Levelling()
    rng = np.random.default_rng(3)
    loud = 0.0
    for _ in range(15 * SECOND):
        frame: npt.NDArray[np.float32] = rng.normal(0.0, 0.02, (1, FRAME)).astype(np.float32)
        levelling.feed(("ana",), row_dbfs(frame))
        levelling.apply(frame)
        loud = float(row_dbfs(frame)[0])
    assert loud == pytest.approx(-23.0, abs=0.5)


def test_wrong_shapes_are_named() -> None:
    levelling = Levelling()
    with pytest.raises(ShapeError, match="2 sources need as many levels"):
        levelling.feed(("ana", "bo"), np.array([-20.0]))
    with pytest.raises(ShapeError, match="only once"):
        levelling.feed(("ana", "ana"), np.array([-20.0, -20.0]))
    with pytest.raises(ShapeError, match="frames of the shape"):
        levelling.apply(np.zeros((1, FRAME), np.float32))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"close_dbfs": -40.0}, "close_dbfs <= open_dbfs"),
        ({"target_dbfs": 3.0}, "target_dbfs <= 0"),
        ({"limit_db": -1.0}, "at least 0"),
        ({"relative_gate_db": 0.0}, "below 0"),
        ({"rise_seconds": 0.0}, "at least one frame"),
        ({"attack_seconds": 0.1}, "at most one frame"),
    ],
)
def test_settings_that_cannot_work_are_refused(wrong: dict[str, float], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        LevellingSettings(**wrong)
