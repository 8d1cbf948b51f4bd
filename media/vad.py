"""Is this speech? The detector protocol, and a detector by energy that needs no model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from media.errors import ShapeError
from media.transcriber import Samples

WINDOW = 512
"""Samples per decision at 16 kHz: 32 ms."""


class SpeechDetector(Protocol):
    """Says for each window of one speaker's sound how likely it is speech. Keeps state."""

    def probability(self, window: Samples) -> float:
        """Return p(speech) in [0, 1] of the next window, shape (512,) at 16 kHz."""

    def reset(self) -> None:
        """Forget what was heard: the next window starts a new stream."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergySettings:
    """How loud speech is against the background."""

    rise_db: float = 9.0
    """Level above the noise floor that counts as an even chance of speech."""
    softness_db: float = 2.0
    """How fast the probability rises around that level."""
    least_dbfs: float = -55.0
    """Quieter than this is never speech."""
    floor_rise_db: float = 0.06
    """How fast the noise floor may rise per window (about 2 dB a second)."""


class EnergyDetector:
    """Speech by loudness above a noise floor that follows the quietest windows."""

    def __init__(self, settings: EnergySettings | None = None) -> None:
        """Start with no idea of the background."""
        self._settings = settings or EnergySettings()
        self._floor: float | None = None

    def probability(self, window: Samples) -> float:
        """Return p(speech) of the next window, shape (512,).

        Raises:
            ShapeError: the window has another shape.
        """
        if window.shape != (WINDOW,):
            raise ShapeError(f"a window holds {WINDOW} samples, this one has shape {window.shape}")
        settings = self._settings
        power = float(np.mean(np.square(window, dtype=np.float64)))
        level = 10.0 * float(np.log10(power + 1e-10))
        before = self._floor if self._floor is not None else settings.least_dbfs
        self._floor = min(level, before + settings.floor_rise_db)
        if level < settings.least_dbfs:
            return 0.0
        above = level - max(before, settings.least_dbfs - settings.rise_db)
        return float(1.0 / (1.0 + np.exp(-(above - settings.rise_db) / settings.softness_db)))

    def reset(self) -> None:
        """Forget the background."""
        self._floor = None
