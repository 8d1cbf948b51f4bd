"""Small movements of a body: loudness -> mouth, a voice in the room -> a glance. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan2, pi

import numpy as np

from media.audio import RATE, Samples, row_dbfs

MOUTH_HZ = 50
"""Openness values a second: one for each frame of 20 ms."""
CLOSED = frozenset({"p", "b", "m"})
"""Phonemes for which the lips meet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MouthSettings:
    """How a mouth follows its sound."""

    shut_dbfs: float = -48.0
    """At this level and below, the mouth is shut."""
    open_dbfs: float = -14.0
    """At this level and above, it is wide open."""
    opening: float = 0.65
    """Share of the way that it opens within 20 ms."""
    closing: float = 0.4
    """Share of the way that it closes within 20 ms."""


class Mouth:
    """Openness 0..1 that follows levels smoothly, one step for each 20 ms."""

    def __init__(self, settings: MouthSettings | None = None) -> None:
        self._settings = settings or MouthSettings()
        self.openness = 0.0

    def feed(self, level: float) -> float:
        """Take the next level in dBFS; return the openness 0..1."""
        settings = self._settings
        wanted = (level - settings.shut_dbfs) / (settings.open_dbfs - settings.shut_dbfs)
        wanted = min(1.0, max(0.0, wanted))
        share = settings.opening if wanted > self.openness else settings.closing
        self.openness += (wanted - self.openness) * share
        if self.openness < 0.01 and wanted == 0.0:
            self.openness = 0.0
        return self.openness


def mouth_envelope(
    samples: Samples, phonemes: Sequence[tuple[float, str]] = (), settings: MouthSettings | None = None
) -> Samples:
    """Openness of the mouth over a piece of speech.

    Args:
        samples: (n,) float32 at 48 kHz.
        phonemes: (seconds, name) where the voice knows them; lips meet at p, b and m.
        settings: how the mouth follows.

    Returns:
        (ceil(n / 960),) float32 in 0..1, one for each 20 ms.
    """
    step = RATE // MOUTH_HZ
    count = -(-len(samples) // step)
    padded = np.zeros((count, step), np.float32)
    padded.reshape(-1)[: len(samples)] = samples
    mouth = Mouth(settings)
    openness = np.array([mouth.feed(float(level)) for level in row_dbfs(padded)], np.float32)
    for seconds, name in phonemes:
        at = int(seconds * MOUTH_HZ)
        if name.strip("',_:") in CLOSED and 0 <= at < count:
            openness[at] = min(openness[at], np.float32(0.1))
    return openness


def yaw_towards(x: float, z: float, target_x: float, target_z: float) -> float:
    """The yaw that looks from one point to another; 0 is north (-z), counter-clockwise, in (-pi, pi]."""
    return atan2(-(target_x - x), -(target_z - z))


def turn(yaw: float, target: float, seconds: float, rate: float = 3.0) -> float:
    """Turn a body towards a yaw, the short way round.

    Args:
        yaw: now, radians.
        target: where to, radians.
        seconds: how long since the last step.
        rate: radians a second at most.

    Returns:
        The new yaw in (-pi, pi].
    """
    difference = _wrap(target - yaw)
    step = max(-rate * seconds, min(rate * seconds, difference))
    return _wrap(yaw + step)


def _wrap(angle: float) -> float:
    wrapped = (angle + pi) % (2 * pi) - pi
    return pi if wrapped == -pi else wrapped
