"""The sound by which delay is heard: bursts are found again, and gaps and clicks are noticed."""

from __future__ import annotations

import math

import numpy as np
import pytest

from benchmarks import markers
from benchmarks.markers import Burst
from media.audio import FRAME, RATE

FRAMES = 160
TIMES = np.arange(FRAMES, dtype=np.float64) * 0.02


def test_every_burst_is_found_where_it_is() -> None:
    found = markers.find_bursts(markers.marked(FRAMES), TIMES)
    assert [burst.pitch for burst in found] == [*range(8), *range(8)]
    assert [burst.time for burst in found] == pytest.approx([0.1 + 0.2 * k for k in range(16)], abs=0.002)


@pytest.mark.parametrize("delay", [0, 7, 480, 2000])
def test_a_delay_is_measured_to_the_millisecond(delay: int) -> None:
    sound = markers.marked(FRAMES)
    late = np.concatenate([np.zeros(delay, np.float32), sound])[: len(sound)]
    pairs = markers.delays(markers.find_bursts(sound, TIMES), markers.find_bursts(late, TIMES))
    assert len(pairs) >= 15
    assert [one for _, one in pairs] == pytest.approx([delay / RATE] * len(pairs), abs=0.0015)


def test_bursts_are_matched_by_pitch_even_when_they_are_very_late() -> None:
    sent = [Burst(pitch=k % 8, time=0.2 * k) for k in range(24)]
    heard = [Burst(pitch=k % 8, time=0.2 * k + 0.9) for k in range(3, 16)]
    found = markers.delays(sent, heard)
    assert [at for at, _ in found] == pytest.approx([0.2 * k for k in range(3, 16)])
    assert [delay for _, delay in found] == pytest.approx([0.9] * 13)


def test_silence_has_no_bursts() -> None:
    assert markers.find_bursts(np.zeros(FRAMES * FRAME, np.float32), TIMES) == []
    assert markers.find_bursts(np.zeros(0, np.float32), TIMES[:0]) == []


def steps(*pieces: tuple[float, float, float]) -> list[tuple[float, float]]:
    """(from, to, delay) -> a point every 0.2 s."""
    return [(float(at), delay) for start, end, delay in pieces for at in np.arange(start, end, 0.2)]


@pytest.mark.parametrize(
    ("found", "seconds"),
    [
        (steps((0, 10, 0.03), (10, 20, 0.06), (20, 30, 0.03)), 0.0),
        (steps((0, 10, 0.03), (10, 22, 0.06), (22, 30, 0.031)), 1.6),
        (steps((0, 10, 0.03), (10, 30, 0.28)), math.inf),
    ],
    ids=["at once", "after a while", "never"],
)
def test_recovery_is_counted_from_the_end_of_the_loss(found: list[tuple[float, float]], seconds: float) -> None:
    assert markers.recovery(found, start=10, end=20) == pytest.approx(seconds, abs=0.41)


def test_recovery_is_unknown_without_a_before() -> None:
    assert math.isnan(markers.recovery(steps((20, 30, 0.03)), start=10, end=20))


def test_an_undisturbed_sound_has_no_blemishes() -> None:
    sound = markers.marked(FRAMES)
    found = markers.find_blemishes(sound, undisturbed=sound)
    assert (found.gaps, found.clicks, found.longest_gap) == (0, 0, 0.0)


def test_gaps_and_clicks_are_noticed() -> None:
    sound = markers.marked(FRAMES)
    holed = sound.copy()
    holed[50_000 : 50_000 + RATE * 40 // 1000] = 0
    found = markers.find_blemishes(holed, undisturbed=sound)
    assert found.gaps == 1
    assert found.longest_gap == pytest.approx(0.04, abs=0.006)
    clicked = sound.copy()
    clicked[60_000:60_200] += 0.4
    assert markers.find_blemishes(clicked, undisturbed=sound).clicks == 1


def test_the_tone_at_the_end_lies_in_the_last_packet() -> None:
    sound = markers.ending(50)[: 50 * FRAME]
    behind = np.concatenate([np.zeros(markers.LOOKAHEAD, np.float32), sound])[: 50 * FRAME]
    assert markers.first_of_pitch(sound, TIMES[:50], markers.PITCHES[-1]) == pytest.approx(0.976, abs=0.004)
    heard = markers.first_of_pitch(behind, TIMES[:50], markers.PITCHES[-1])
    assert heard is not None
    assert heard >= 49 * 0.02
    assert markers.first_of_pitch(np.zeros(FRAME * 5, np.float32), TIMES[:5], 1900.0) is None


def test_the_first_sound_is_found_in_its_packet() -> None:
    sound = np.zeros(3 * FRAME, np.float32)
    assert markers.first_sound(sound, TIMES[:3]) is None
    sound[FRAME + 480] = 0.5
    assert markers.first_sound(sound, np.array([5.0, 7.0, 9.0], np.float64)) == pytest.approx(7.01)
