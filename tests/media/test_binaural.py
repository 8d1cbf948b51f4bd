"""The head model against the exact solution for a rigid sphere, and against the data it follows."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from scipy.special import eval_legendre, spherical_jn, spherical_yn

from media.audio import FRAME, RATE, Samples
from media.binaural import BANDS, HEAD, LATEST, REACH, SPEED, Paths, binaural, panned
from media.wiring import Waves, Wiring

Response = npt.NDArray[np.complex128]
START = 100


def waves_of(sounds: Samples) -> Samples:
    """All waves, made in two steps as they come to be needed."""
    waves = Waves(np.ascontiguousarray(sounds))
    waves.split((0, 2))
    return waves.split(tuple(range(BANDS)))


def impulse(azimuth: float, elevation: float = 0.0) -> Samples:
    """(2, 960) what an impulse at START becomes in the two ears; degrees."""
    angles = (np.radians(np.array([[angle]], np.float32)) for angle in (azimuth, elevation))
    paths = binaural(*angles)
    sound = np.zeros((1, REACH + FRAME), np.float32)
    sound[0, REACH + START] = 1.0
    out: Samples = Wiring(paths).sound(Waves(sound))[0]
    return out


def at(frequency: float, azimuth: float, elevation: float = 0.0) -> Response:
    """(2,) the response of the two ears at one frequency in Hz."""
    turn = np.exp(-2j * np.pi * frequency / RATE * (np.arange(FRAME) - START))
    return np.asarray(impulse(azimuth, elevation).astype(np.float64) @ turn)


def sphere(frequency: float, incidence: float) -> complex:
    """The pressure on a rigid sphere for a plane wave, against that at its middle without the sphere.

    The series of Rabinowitz, Maxwell, Shao and Wei (1993) and Duda and Martens (1998) for a source far away; the
    sign of its phase is that of exp(+iwt). `incidence` is the angle from the ear, in degrees.
    """
    mu = 2 * np.pi * frequency * HEAD / SPEED
    m = np.arange(int(1.5 * mu) + 40)
    slope = spherical_jn(m, mu, derivative=True) - 1j * spherical_yn(m, mu, derivative=True)
    terms = 1j ** (m - 1) * (2 * m + 1) * eval_legendre(m, np.cos(np.radians(incidence))) / slope
    return complex(terms.sum() / mu**2)


def level(ratio: complex) -> float:
    return float(20 * np.log10(abs(ratio)))


def test_the_series_is_right_where_the_answer_is_known() -> None:
    # Long waves do not notice the head; short ones double their pressure at the ear they meet.
    assert level(sphere(20.0, 90.0)) == pytest.approx(0.0, abs=0.01)
    assert level(sphere(12_000.0, 0.0)) == pytest.approx(6.0, abs=0.3)


@pytest.mark.parametrize("azimuth", [0, 15, 30, 45, 60])
@pytest.mark.parametrize(
    ("frequency", "tolerance"),
    [(250, 0.5), (500, 1.0), (1000, 2.0), (1500, 2.0), (2000, 2.5), (3000, 4.5), (4000, 6.0)],
)
def test_the_ears_differ_in_level_as_on_a_rigid_sphere(azimuth: int, frequency: int, tolerance: float) -> None:
    left, right = at(frequency, azimuth)
    exact = sphere(frequency, 90 - azimuth) / sphere(frequency, 90 + azimuth)
    assert level(right / left) == pytest.approx(level(exact), abs=tolerance)


@pytest.mark.parametrize(("azimuth", "tolerance"), [(0, 1), (20, 25), (40, 25), (60, 25), (75, 60), (90, 100)])
@pytest.mark.parametrize("frequency", [250, 500])
def test_long_waves_reach_the_far_ear_as_late_as_on_a_rigid_sphere(
    azimuth: int, tolerance: int, frequency: int
) -> None:
    left, right = at(frequency, azimuth)
    exact = sphere(frequency, 90 + azimuth) / sphere(frequency, 90 - azimuth)
    late = -np.angle(left / right) / (2 * np.pi * frequency)
    assert late * 1e6 == pytest.approx(-np.angle(exact) / (2 * np.pi * frequency) * 1e6, abs=tolerance)


@pytest.mark.parametrize("azimuth", range(-180, 181, 15))
def test_the_first_sound_reaches_the_far_ear_as_late_as_woodworth_says(azimuth: int) -> None:
    left, right = (int(np.flatnonzero(np.abs(ear) > 1e-4)[0]) - START for ear in impulse(azimuth))
    lateral = np.arcsin(np.sin(np.radians(azimuth)))
    woodworth = HEAD / SPEED * (lateral + np.sin(lateral))
    half_a_sample = 0.5 / RATE * 1e6 + 0.01
    assert (left - right) / RATE * 1e6 == pytest.approx(woodworth * 1e6, abs=half_a_sample)
    assert min(left, right) == 0
    assert max(left, right) <= LATEST


def test_a_voice_is_mirrored_when_its_side_is() -> None:
    for azimuth in (20.0, 75.0, 140.0):
        assert np.allclose(impulse(azimuth, 15.0), impulse(-azimuth, 15.0)[::-1], atol=1e-6)


@pytest.mark.parametrize("frequency", [4000, 6000, 8000, 12_000])
@pytest.mark.parametrize("azimuth", [0, 30, 60])
def test_the_ear_of_that_side_hears_less_treble_of_a_voice_behind(frequency: int, azimuth: int) -> None:
    near = 1
    behind, ahead = at(frequency, 180 - azimuth)[near], at(frequency, azimuth)[near]
    bass_behind, bass_ahead = at(150, 180 - azimuth)[near], at(150, azimuth)[near]
    # A shelf of the first order, as deep as the voice is behind, over the 3 dB that all of it is softer.
    depth = 10 ** (-8 / 20 * np.cos(np.radians(azimuth)))
    wave = 1j * frequency / 2500
    shelf = level(complex((depth * wave + 1) / (wave + 1)))
    assert level(behind / ahead) - level(bass_behind / bass_ahead) == pytest.approx(shelf, abs=1.0)
    assert shelf < -1.5


def test_the_band_round_8_khz_rises_with_height_and_nothing_else_does() -> None:
    heights = [float(height) for height in range(-80, 81, 10)]
    band = [level(at(8000, 0, height)[1] / at(500, 0, height)[1]) for height in heights]
    assert np.all(np.diff(band) > 0.1)
    assert band[-1] - band[0] == pytest.approx(2 * 9, abs=2)
    bass = [level(at(300, 0, height)[1]) for height in heights]
    assert max(bass) - min(bass) < 0.1


def test_both_ears_hear_alike_what_is_straight_above_ahead_or_behind() -> None:
    for azimuth, elevation in ((0, 0), (180, 0), (0, 90), (90, 90), (0, -40)):
        left, right = impulse(azimuth, elevation)
        assert np.allclose(left, right, atol=1e-3)


def test_panning_keeps_the_power_in_front_and_has_no_side_straight_above() -> None:
    azimuth = np.linspace(-np.pi / 2, np.pi / 2, 37, dtype=np.float32)
    sides = panned(azimuth, np.zeros_like(azimuth))
    assert np.allclose((sides**2).sum(axis=-1), 1.0, atol=1e-6)
    assert np.all(np.diff(sides[:, 1]) > 0)
    above = panned(azimuth, np.full_like(azimuth, np.pi / 2))
    assert np.allclose(above, np.sqrt(0.5), atol=1e-5)


def test_the_waves_of_a_frame_go_on_where_those_of_the_last_one_ended() -> None:
    sound = np.random.default_rng(5).uniform(-1, 1, (3, REACH + 2 * FRAME)).astype(np.float32)
    first, second = waves_of(sound[:, : REACH + FRAME]), waves_of(sound[:, FRAME:])
    assert first.shape == (3, BANDS, LATEST + FRAME)
    assert np.allclose(second[:, :, :LATEST], first[:, :, FRAME:], atol=1e-5)
    assert np.array_equal(first[:, 0, LATEST:], sound[:, REACH : REACH + FRAME])


def test_what_the_filters_forget_lies_below_65_db() -> None:
    # A long steady sound must come out of the low-pass whole, of the other two waves not at all.
    waves = waves_of(np.ones((1, REACH + FRAME), np.float32))[0]
    assert np.allclose(waves[1], 1.0, atol=10 ** (-65 / 20))
    assert np.allclose(waves[2:], 0.0, atol=10 ** (-65 / 20))


def test_paths_tell_where_they_differ() -> None:
    azimuth = np.array([[0.3, 0.3, -0.2]], np.float32)
    paths = binaural(azimuth, np.zeros_like(azimuth))
    turned = binaural(azimuth * np.array([1, -1, 1], np.float32), np.zeros_like(azimuth))
    assert paths.differ(turned).tolist() == [[False, True, False]]
    kept = paths.where(np.array([[True, False, False]]))
    assert kept.differ(Paths.none((1, 3))).tolist() == [[True, False, False]]


def test_late_and_prompt_paths_add_up_however_many_there_are() -> None:
    random = np.random.default_rng(8)
    azimuth = random.uniform(-3, 3, (9, 13)).astype(np.float32)
    paths = binaural(azimuth, np.zeros_like(azimuth)).where(random.random((9, 13)) < 0.7)
    sound = random.uniform(-1, 1, (13, REACH + FRAME)).astype(np.float32)
    waves = waves_of(sound)
    expected = np.zeros((9, 2, FRAME))
    for listener, source, ear, band in np.ndindex(9, 13, 2, BANDS):
        begin = LATEST - paths.delay[listener, source, ear]
        wave = waves[source, band, begin : begin + FRAME]
        expected[listener, ear] += paths.weight[listener, source, ear, band] * wave
    assert np.allclose(Wiring(paths).sound(Waves(sound)), expected, atol=1e-4)
    less = Wiring(paths, away=paths).sound(Waves(sound))
    assert np.allclose(less, 0.0, atol=1e-4)
