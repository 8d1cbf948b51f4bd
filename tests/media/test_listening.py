"""Listening tests by machine: what the ears of somebody in the room get, through the whole mixer."""

from __future__ import annotations

import numpy as np
import pytest

from media.audio import FRAME, RATE, Samples
from media.mixer import Mixer, MixerSettings
from media.scene import Scene

FRAMES = 6


def room(
    azimuth: float = 0.0, elevation: float = 0.0, gain: float = 1.0, *, flat: bool = False, people: int = 1
) -> Scene:
    """One listener and some voices on one spot; degrees."""
    row = np.ones((1, people), np.float32)
    return Scene(
        listeners=("ana",),
        sources=tuple(f"s{k}" for k in range(people)),
        gain=row * np.float32(gain),
        azimuth=row * np.float32(np.radians(azimuth)),
        elevation=row * np.float32(np.radians(elevation)),
        flat=np.full((1, people), flat),
    )


def speechlike(seconds: float, seed: int = 2) -> Samples:
    """(frames, 960) noise with the long-term spectrum of speech: level to 500 Hz, then -9 dB an octave."""
    count = round(seconds * RATE / FRAME) * FRAME
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(count))
    frequency = np.fft.rfftfreq(count, 1 / RATE)
    shape = np.minimum(1.0, (500 / np.maximum(frequency, 1.0)) ** 1.5) * (frequency > 100)
    wave = np.fft.irfft(spectrum * shape, count)
    return np.asarray(0.1 * wave / np.sqrt((wave**2).mean()), np.float32).reshape(-1, FRAME)


VOICE = speechlike(0.02 * FRAMES)
HISS = np.random.default_rng(3).uniform(-0.2, 0.2, (FRAMES, FRAME)).astype(np.float32)


def ears(scene: Scene, voice: Samples = VOICE, *, binaural: int = 8) -> Samples:
    """(2, n) float32 of one voice in a scene that does not change."""
    mixer = Mixer(MixerSettings(binaural_sources=binaural))
    mixer.set_scene(scene)
    mixer.mix(np.zeros((1, FRAME), np.float32))
    return np.concatenate([mixer.mix(frame[None]).outputs[0] for frame in voice], axis=1)


def decibels(power: float) -> float:
    return float(10 * np.log10(power))


def level_difference(sound: Samples) -> float:
    """dB by which the right ear is louder."""
    left, right = (sound.astype(np.float64) ** 2).sum(axis=1)
    return decibels(right / left)


def lag(sound: Samples) -> int:
    """Samples by which the left ear is later, where the two waves fit best."""
    left, right = sound[:, 60:-60], sound
    best = [float(left[0] @ right[1, 60 - k : right.shape[1] - 60 - k]) for k in range(-50, 51)]
    return int(np.argmax(best)) - 50


def band(sound: Samples, low: float, high: float) -> float:
    """Power of both ears between two frequencies."""
    power = (np.abs(np.fft.rfft(sound.astype(np.float64), axis=1)) ** 2).sum(axis=0)
    frequency = np.fft.rfftfreq(sound.shape[1], 1 / RATE)
    return float(power[(frequency >= low) & (frequency < high)].sum())


def test_a_voice_that_walks_round_a_listener_is_on_the_right_side_all_the_way() -> None:
    for azimuth in range(10, 171, 10):
        for side in (1, -1):
            sound = ears(room(side * azimuth), HISS)
            assert side * level_difference(sound) > 1.0, f"louder at {side * azimuth} degrees"
            assert side * lag(sound) >= 3, f"earlier at {side * azimuth} degrees"
    for azimuth in (0, 180, -180):
        sound = ears(room(azimuth), HISS)
        assert abs(level_difference(sound)) < 0.01
        assert lag(sound) == 0


@pytest.mark.parametrize("binaural", [0, 8])
@pytest.mark.parametrize("voice", [VOICE, HISS], ids=["speech", "hiss"])
def test_the_difference_between_the_ears_grows_all_the_way_to_the_side(voice: Samples, binaural: int) -> None:
    course = [level_difference(ears(room(azimuth), voice, binaural=binaural)) for azimuth in range(-90, 91, 10)]
    assert np.all(np.diff(course) > 0)
    assert course[-1] > 2.5
    if binaural:
        lags = [lag(ears(room(azimuth), voice)) for azimuth in range(0, 91, 10)]
        assert np.all(np.diff(lags) > 0)


def test_ahead_and_behind_sound_different_and_not_only_in_loudness() -> None:
    ahead, behind = ears(room(0), HISS), ears(room(180), HISS)
    treble = decibels(band(behind, 5000, 12_000) / band(ahead, 5000, 12_000))
    bass = decibels(band(behind, 200, 1000) / band(ahead, 200, 1000))
    assert bass == pytest.approx(-3.0, abs=0.5)
    assert treble < bass - 5.0


def test_the_higher_a_voice_the_brighter_it_is_round_8_khz() -> None:
    for azimuth in (0, 60, 150):
        course = []
        for elevation in range(-60, 61, 20):
            sound = ears(room(azimuth, elevation), HISS)
            course.append(decibels(band(sound, 7000, 9000) / band(sound, 300, 1500)))
        assert np.all(np.diff(course) > 0.3), f"at {azimuth} degrees"


def test_more_gain_is_louder_by_just_so_much() -> None:
    for binaural, flat in ((8, False), (0, False), (8, True)):
        power = [
            float((ears(room(40, gain=gain, flat=flat), binaural=binaural) ** 2).sum())
            for gain in (0.05, 0.1, 0.2, 0.4, 0.8)
        ]
        assert np.allclose([decibels(p / power[0]) for p in power], np.arange(5) * 6.02, atol=0.05)


def test_straight_ahead_is_as_loud_with_two_ears_panned_or_in_a_conference() -> None:
    sounds = [ears(room()), ears(room(), binaural=0), ears(room(flat=True))]
    first = float((sounds[0] ** 2).sum())
    for sound in sounds[1:]:
        assert decibels(float((sound**2).sum()) / first) == pytest.approx(0.0, abs=1.0)


def test_every_direction_is_about_as_loud_panned_as_with_two_ears() -> None:
    for azimuth in range(0, 181, 15):
        two, pan = ears(room(azimuth)), ears(room(azimuth), binaural=0)
        assert decibels(float((two**2).sum() / (pan**2).sum())) == pytest.approx(0.0, abs=1.0)


def test_a_voice_that_runs_round_a_listener_has_no_clicks() -> None:
    """A slow tone and everything above it: a click would stand out of the filters' own quiet."""
    frames = 100
    at = np.arange(frames * FRAME)
    tone = (0.3 * np.sin(2 * np.pi * 200 * at / RATE)).astype(np.float32).reshape(frames, FRAME)
    mixer = Mixer()
    out = []
    for k, frame in enumerate(tone):
        angle = (k * 11 + 180) % 360 - 180
        mixer.set_scene(room(angle, 30 * np.sin(k / 5), gain=1.0 if k % 17 else 0.3))
        out.append(mixer.mix(frame[None], binaural_sources=k % 7 and 8).outputs[0])
    sound = np.concatenate(out[1:], axis=1).astype(np.float64)
    # Second differences are nothing for a slow wave and all of a step.
    bends = np.abs(np.diff(sound, 2)).max()
    tone_alone = 0.3 * (2 * np.pi * 200 / RATE) ** 2
    assert bends < 10 ** (-60 / 20)
    assert bends < 2 * tone_alone + 0.3 * 2 / FRAME


def test_fifty_people_who_shout_at_once_stay_below_full_scale_and_are_not_torn() -> None:
    people = 50
    random = np.random.default_rng(7)
    mixer = Mixer()
    row = np.ones((1, people), np.float32)
    mixer.set_scene(
        Scene(
            listeners=("ana",),
            sources=tuple(f"s{k}" for k in range(people)),
            gain=row,
            azimuth=random.uniform(-3, 3, (1, people)).astype(np.float32),
            elevation=0 * row,
            flat=row < 0,
        )
    )
    bent = 0
    for _ in range(20):
        out = mixer.mix(random.uniform(-1, 1, (people, FRAME)).astype(np.float32)).outputs[0]
        assert np.abs(out).max() <= 1.0
        bent += int((np.abs(out) > MixerSettings().knee + 1e-6).sum())
    assert bent < 0.01 * 20 * 2 * FRAME, "the limiter has turned them down before the bend had to"
