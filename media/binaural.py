"""Where a voice comes from, for two ears: a spherical head, its shadow and the folds of the outer ear.

The structural model of Brown and Duda, "A structural model for binaural sound synthesis", IEEE Transactions on
Speech and Audio Processing 6 (1998): a shadow for each ear, (a s + b) / (s + b), and a delay for the far one
(Woodworth). The shadow is a mix of a sound and its low-pass, and that low-pass is the same whoever listens. So
each sound is split into `BANDS` waves once, and all that is left for a pair of listener and source are one weight
for each wave and ear, and one delay:

    ear = w0 * sound + w1 * low-pass + w2 * treble + w3 * the band round 8 kHz, late by 0..`LATEST` samples

The treble falls for a voice behind, as Shaw measured it (Journal of the Acoustical Society of America 56, 1974);
the band round 8 kHz rises with the height of a voice, and sinks below (Hebrank and Wright, same volume).
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from media.audio import FRAME, RATE, Samples

Weights = npt.NDArray[np.float32]
"""(..., 2 ears, BANDS) float32; left is 0, right is 1."""
Delays = npt.NDArray[np.int16]
"""(..., 2 ears) samples."""
Angles = npt.NDArray[np.float32]
"""Radians, as in `media.scene.Scene`."""

BANDS: Final = 4
"""Waves that each sound is split into: itself, its low-pass, its treble, its band round 8 kHz."""
LATEST: Final = 32
"""Samples by which an ear may lag at most; the model needs 31."""
TAPS: Final = 48
"""Samples of the past in the filters; what is cut off lies below -65 dB."""
REACH: Final = TAPS + LATEST
"""Samples of the past in a frame of waves; a sound has died away so long after its end."""

HEAD: Final = 0.0875
"""Radius of the head in metres."""
SPEED: Final = 343.0
"""Of sound, in metres a second."""
DIMMEST: Final = 0.1
"""Treble that is left in the deepest shadow ..."""
DEEPEST: Final = math.radians(150)
"""... which lies this far from the ear's own side. The bright spot of a perfect sphere beyond it is left out: real
heads hardly have it, and a voice that goes on to the side should not come back."""
REAR_HZ: Final = 2500.0
"""From here on the treble of a voice behind falls ..."""
REAR_DB: Final = -8.0
"""... by as much as this, for one straight behind."""
PEAK_HZ: Final = 8000.0
PEAK_WIDTH: Final = 1.5
"""Q of the band."""
PEAK_DB: Final = 9.0
"""The band straight above; as far below zero straight below, 0 at the height of the ears."""
BEHIND: Final = 10 ** (-3 / 20)
"""Factor for all of a voice straight behind."""
WIDTH: Final = 0.9
"""How far to one side a panned voice may go, of 1; a little always reaches the other ear."""
EVEN: Final = math.sqrt(0.5)
"""Factor of each ear for a voice heard alike in both: the power of one straight ahead."""


@dataclass(frozen=True, slots=True)
class Paths:
    """From sources to ears, for pairs of any shape; what has no weight has no delay."""

    weight: Weights
    delay: Delays

    @classmethod
    def none(cls, shape: tuple[int, ...]) -> Paths:
        """Nobody hears anything."""
        return cls(np.zeros((*shape, 2, BANDS), np.float32), np.zeros((*shape, 2), np.int16))

    def of(self, chosen: npt.NDArray[np.intp] | slice) -> Paths:
        """Those of some rows."""
        return Paths(self.weight[chosen], self.delay[chosen])

    def where(self, mask: npt.NDArray[np.bool_]) -> Paths:
        """Those of the pairs in the mask, and none for the others."""
        return Paths(
            np.where(mask[..., None, None], self.weight, np.float32(0.0)),
            np.where(mask[..., None], self.delay, np.int16(0)),
        )

    def differ(self, other: Paths) -> npt.NDArray[np.bool_]:
        """Which pairs have another path."""
        other_weight = (self.weight != other.weight).any(axis=(-2, -1))
        return np.asarray(other_weight | (self.delay != other.delay).any(axis=-1))


def binaural(azimuth: Angles, elevation: Angles) -> Paths:
    """Direction for the ears, with the delay, the shadow and the colour of it.

    Args:
        azimuth: any shape.
        elevation: the same shape.

    Returns:
        Paths for a gain of 1; the near ear has no delay.
    """
    level = np.cos(elevation)
    side, ahead = level * np.sin(azimuth), level * np.cos(azimuth)
    lateral = np.arcsin(np.clip(side, -1.0, 1.0))
    from_ear = np.minimum(math.pi / 2 + np.stack([lateral, -lateral], axis=-1), DEEPEST)
    treble = 1 + DIMMEST / 2 + (1 - DIMMEST / 2) * np.cos(from_ear * (math.pi / DEEPEST))
    rear = 10 ** (REAR_DB / 20 * np.clip(-ahead[..., None], 0.0, 1.0))
    peak = 10 ** (PEAK_DB / 20 * np.sin(elevation[..., None]))
    weight = np.stack([treble, 1 - treble, treble * (rear - 1), treble * rear * (peak - 1)], axis=-1)
    weight *= EVEN * _behind(ahead)[..., None, None]
    late = np.rint(RATE * HEAD / SPEED * (np.abs(lateral) + np.abs(side)))
    delay = np.stack([np.where(side > 0, late, 0), np.where(side < 0, late, 0)], axis=-1)
    return Paths(weight.astype(np.float32), delay.astype(np.int16))


def panned(azimuth: Angles, elevation: Angles) -> npt.NDArray[np.float32]:
    """Direction by loudness alone: equal power between the ears, a little less from behind.

    Args:
        azimuth: any shape.
        elevation: the same shape.

    Returns:
        (..., 2) float32, the weights of the sound itself for a gain of 1; the other waves have none.
    """
    level = np.cos(elevation)
    angle = (level * np.sin(azimuth) * WIDTH + 1) * (math.pi / 4)
    both = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    return np.asarray(both * _behind(level * np.cos(azimuth))[..., None], dtype=np.float32)


def split(sounds: Samples, waves: Samples, bands: tuple[int, ...]) -> None:
    """Split sounds into waves that all listeners share.

    Args:
        sounds: (sources, REACH + FRAME) float32, contiguous: the past, and the frame.
        waves: (sources, BANDS, LATEST + FRAME) float32, a little of the past, and the frame; the bands that are
            asked for are written.
        bands: which of them, rising.
    """
    count = len(sounds)
    if bands[:1] == (0,):
        waves[:, 0] = sounds[:, TAPS:]
        bands = bands[1:]
    if not bands:
        return
    shape, strides = (count, _PIECES, _PIECE + TAPS), (sounds.strides[0], 4 * _PIECE, 4)
    pieces = np.ndarray(shape, np.float32, sounds, 0, strides)
    made = np.ascontiguousarray(pieces).reshape(-1, _PIECE + TAPS) @ _filters(bands)
    made = made.reshape(count, _PIECES, len(bands), _PIECE)
    for place, band in enumerate(bands):
        waves[:, band].reshape(count, _PIECES, _PIECE)[...] = made[:, :, place]


def _behind(ahead: Angles) -> Angles:
    return np.asarray(1 - (1 - BEHIND) * np.clip(-ahead, 0.0, 1.0))


_PIECE = 32
"""Samples that one row of the filter matrix makes; divides LATEST + FRAME."""
_PIECES = (LATEST + FRAME) // _PIECE


def _response(b: tuple[float, float, float], a: tuple[float, float, float]) -> list[float]:
    """TAPS + 1 samples of the impulse response of (b0 s^2 + b1 s + b2) / (a0 s^2 + a1 s + a2), bilinear."""

    def digital(p: tuple[float, float, float]) -> tuple[float, float, float]:
        k = 2.0 * RATE
        return p[0] * k * k + p[1] * k + p[2], 2 * (p[2] - p[0] * k * k), p[0] * k * k - p[1] * k + p[2]

    top, bottom = digital(b), digital(a)
    out: list[float] = []
    for n in range(TAPS + 1):
        now = top[n] if n < 3 else 0.0
        now -= sum(bottom[m] * out[n - m] for m in (1, 2) if n >= m)
        out.append(now / bottom[0])
    return out


@functools.cache
def _filters(bands: tuple[int, ...]) -> Samples:
    """(_PIECE + TAPS, bands * _PIECE): a stretch of sound times this is a piece of each of these made waves."""
    shadow, rear, peak = 2 * SPEED / HEAD, 2 * math.pi * REAR_HZ, 2 * math.pi * PEAK_HZ
    # What the bilinear transform bends is put where it belongs.
    rear, peak = (2 * RATE * math.tan(w / (2 * RATE)) for w in (rear, peak))
    width = peak / PEAK_WIDTH
    responses = [
        _response((0.0, 0.0, shadow), (0.0, 1.0, shadow)),
        _response((0.0, 1.0, 0.0), (0.0, 1.0, rear)),
        _response((0.0, width, 0.0), (1.0, width, peak * peak)),
    ]
    matrix = np.zeros((_PIECE + TAPS, len(bands), _PIECE), np.float32)
    for place, band in enumerate(bands):
        for n in range(_PIECE):
            matrix[n : n + TAPS + 1, place, n] = responses[band - 1][::-1]
    return matrix.reshape(_PIECE + TAPS, -1)
