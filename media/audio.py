"""Sound as the house knows it: 48 kHz mono float32 in [-1, 1], frames of 20 ms, levels in dBFS."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from media.errors import ShapeError

RATE = 48_000
"""Samples per second."""
FRAME = 960
"""Samples per frame: 20 ms."""
FRAME_SECONDS = FRAME / RATE
SILENCE_DBFS = -100.0
"""What `dbfs` answers for digital silence."""

Samples = npt.NDArray[np.float32]
"""Sound: (n,) mono, or (2, n) left and right; float32 in [-1, 1]."""
Pcm = npt.NDArray[np.int16]


def to_int16(samples: Samples) -> Pcm:
    """Turn float sound into 16-bit sound of the same shape; what is beyond [-1, 1] is clipped."""
    pcm: Pcm = np.clip(np.rint(samples * np.float32(32767.0)), -32768, 32767).astype(np.int16)
    return pcm


def from_int16(pcm: Pcm) -> Samples:
    """Turn 16-bit sound into float sound of the same shape, in [-1, 1)."""
    return pcm.astype(np.float32) / np.float32(32768.0)


def rms(samples: Samples) -> float:
    """Root mean square of all samples, 0..1; 0 for no samples."""
    if samples.size == 0:
        return 0.0
    flat = samples.reshape(-1).astype(np.float64)
    return float(np.sqrt(np.dot(flat, flat) / flat.size))


def dbfs(samples: Samples) -> float:
    """Level in dB below full scale (a full-scale square wave is 0); at least `SILENCE_DBFS`."""
    level = rms(samples)
    if level <= 1e-5:
        return SILENCE_DBFS
    return float(20.0 * np.log10(level))


def row_dbfs(frames: Samples) -> npt.NDArray[np.float64]:
    """Level of each row.

    Args:
        frames: (rows, n) float32.

    Returns:
        (rows,) dBFS, at least `SILENCE_DBFS`.
    """
    power = np.vecdot(frames, frames).astype(np.float64) / max(1, frames.shape[1])
    levels: npt.NDArray[np.float64] = 10.0 * np.log10(np.maximum(power, 1e-10))
    return np.maximum(levels, SILENCE_DBFS)


def frames_of(samples: Samples) -> Iterator[Samples]:
    """Cut sound into (960,) frames; the last one is filled up with silence."""
    for start in range(0, len(samples), FRAME):
        part = samples[start : start + FRAME]
        if len(part) < FRAME:
            part = np.concatenate([part, np.zeros(FRAME - len(part), np.float32)])
        yield part


class Reframer:
    """Turns pieces of any length into frames of one length; keeps what is left over."""

    def __init__(self, size: int = FRAME) -> None:
        if size < 1:
            raise ShapeError(f"a frame needs at least 1 sample, not {size}")
        self._size = size
        self._rest: Samples = np.zeros(0, np.float32)

    def feed(self, samples: Samples) -> list[Samples]:
        """Take (n,) samples and return the whole (size,) frames that are ready."""
        if samples.ndim != 1:
            raise ShapeError(f"expected mono samples of shape (n,), got {samples.shape}")
        if len(self._rest) == 0 and len(samples) == self._size:
            return [samples]
        joined = np.concatenate([self._rest, samples])
        whole = len(joined) // self._size
        self._rest = joined[whole * self._size :]
        return [joined[i * self._size : (i + 1) * self._size] for i in range(whole)]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterSettings:
    """How a level meter moves."""

    attack: float = 0.7
    """Share of a rise that shows after one frame of 20 ms."""
    release_db: float = 1.2
    """How far the level may fall per frame of 20 ms (60 dB a second)."""


class LevelMeter:
    """The level people see: up at once, down slowly. One value in dBFS."""

    def __init__(self, settings: MeterSettings | None = None) -> None:
        self._settings = settings or MeterSettings()
        self.level = SILENCE_DBFS

    def feed(self, level: float) -> float:
        """Take the level of the next frame in dBFS; return the level to show in dBFS."""
        if level > self.level:
            self.level += (level - self.level) * self._settings.attack
        else:
            self.level = max(level, self.level - self._settings.release_db)
        return self.level
