"""The detector by energy: silence, steady noise and speech above it."""

from __future__ import annotations

import numpy as np
import pytest

from media.errors import ShapeError
from media.vad import WINDOW, EnergyDetector


def noise(level: float, windows: int, seed: int = 1) -> list[np.ndarray[tuple[int], np.dtype[np.float32]]]:
    generator = np.random.default_rng(seed)
    return [(generator.standard_normal(WINDOW) * level).astype(np.float32) for _ in range(windows)]


def test_silence_is_not_speech() -> None:
    detector = EnergyDetector()
    assert all(detector.probability(np.zeros(WINDOW, np.float32)) == 0.0 for _ in range(20))


def test_louder_than_the_background_is_speech() -> None:
    detector = EnergyDetector()
    background = [detector.probability(window) for window in noise(0.005, 200)]
    loud = [detector.probability(window) for window in noise(0.1, 20)]
    assert max(background[150:]) < 0.35
    assert min(loud) > 0.9


def test_a_reset_forgets_the_background() -> None:
    detector, fresh = EnergyDetector(), EnergyDetector()
    for window in noise(0.05, 200):
        detector.probability(window)
    detector.reset()
    (window,) = noise(0.05, 1, seed=2)
    assert detector.probability(window) == fresh.probability(window)


def test_a_window_of_another_size_is_refused() -> None:
    with pytest.raises(ShapeError, match="512"):
        EnergyDetector().probability(np.zeros(480, np.float32))
