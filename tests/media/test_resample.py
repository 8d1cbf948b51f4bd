from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.audio import Samples
from media.errors import SettingsError, ShapeError
from media.resample import Resampler, resample

PAIRS = [(48_000, 16_000), (24_000, 48_000), (22_050, 48_000), (16_000, 48_000), (44_100, 48_000)]


def tone(frequency: float, rate: int, seconds: float = 0.5) -> Samples:
    return np.sin(2 * np.pi * frequency * np.arange(int(rate * seconds)) / rate).astype(np.float32)


def level_db(samples: Samples) -> float:
    middle = samples[len(samples) // 4 : -len(samples) // 4].astype(np.float64)
    return float(10 * np.log10(np.mean(middle**2) + 1e-20))


@pytest.mark.parametrize(("source", "target"), PAIRS)
@pytest.mark.parametrize("frequency", [60.0, 440.0, 3000.0, 6000.0])
def test_a_tone_keeps_its_level_and_its_pitch(source: int, target: int, frequency: float) -> None:
    out = resample(tone(frequency, source), source, target)
    assert level_db(out) == pytest.approx(level_db(tone(frequency, target)), abs=0.1)
    expected = tone(frequency, target)
    middle = slice(len(out) // 4, -len(out) // 4)
    error = out[middle] - expected[middle]
    assert 10 * np.log10(np.mean(error**2)) < -50  # in phase: no delay is left


@pytest.mark.parametrize("frequency", [9_000.0, 10_000.0, 12_000.0, 20_000.0])
def test_what_16_khz_cannot_hold_does_not_come_back_as_another_tone(frequency: float) -> None:
    assert level_db(resample(tone(frequency, 48_000), 48_000, 16_000)) < -53.0  # the tone itself: -3


@pytest.mark.parametrize(("source", "target"), PAIRS[1:])
def test_raising_the_rate_makes_no_mirror_images(source: int, target: int) -> None:
    out = resample(tone(5_000.0, source), source, target)
    middle = out[len(out) // 4 : -len(out) // 4]
    spectrum = np.abs(np.fft.rfft(middle * np.blackman(len(middle)))) ** 2
    frequencies = np.fft.rfftfreq(len(middle), 1 / target)
    images = spectrum[np.abs(frequencies - 5_000.0) > 500.0].sum()
    assert 10 * np.log10(images / spectrum.sum()) < -50


@settings(max_examples=40, deadline=None)
@given(
    pair=st.sampled_from(PAIRS),
    cuts=st.lists(st.integers(0, 3000), max_size=12),
    seed=st.integers(0, 1000),
)
def test_the_pieces_make_no_difference(pair: tuple[int, int], cuts: list[int], seed: int) -> None:
    samples = np.random.default_rng(seed).uniform(-1, 1, 3000).astype(np.float32)
    whole = Resampler(*pair).feed(samples)
    stream = Resampler(*pair)
    edges = sorted({0, *cuts, len(samples)})
    parts = [stream.feed(samples[a:b]) for a, b in pairwise(edges)]
    joined = np.concatenate(parts)
    assert joined.shape == whole.shape
    assert np.allclose(joined, whole, atol=2e-6)


def test_frames_of_20_ms_give_frames_of_20_ms() -> None:
    stream = Resampler(48_000, 16_000)
    assert [len(stream.feed(np.zeros(960, np.float32))) for _ in range(5)] == [320] * 5
    assert len(stream.feed(np.zeros(0, np.float32))) == 0
    assert stream.latency_seconds < 0.002


def test_silence_stays_silence_and_a_constant_a_constant() -> None:
    assert not Resampler(22_050, 48_000).feed(np.zeros(5000, np.float32)).any()
    out = Resampler(22_050, 48_000).feed(np.ones(5000, np.float32))
    assert np.allclose(out[2000:], 1.0, atol=1e-5)


def test_the_same_rate_passes_through() -> None:
    samples = tone(440, 48_000)
    assert np.array_equal(resample(samples, 48_000, 48_000), samples)
    assert np.array_equal(Resampler(48_000, 48_000).feed(samples), samples)


def test_rates_that_make_no_sense_are_refused() -> None:
    with pytest.raises(SettingsError, match="positive"):
        Resampler(0, 48_000)
    with pytest.raises(SettingsError, match="usual rate"):
        Resampler(47_999, 48_000)
    with pytest.raises(ShapeError):
        Resampler(48_000, 16_000).feed(np.zeros((2, 10), np.float32))
