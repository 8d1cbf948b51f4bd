"""Never too loud: a limiter that turns the sound down before a peak comes, and up again slowly."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from media.audio import FRAME, Samples

Factors = npt.NDArray[np.float32]
"""(rows,) float32, the limiter's gain in (0, 1]."""

PIECES: Final = 10
"""The gain is a line over each piece of 2 ms."""
RELEASE: Final = 10 ** (0.25 / 20)
"""How far the gain may rise in 2 ms: 12 dB take about 0.1 s."""

_LINE = (np.arange(1, FRAME // PIECES + 1) / (FRAME // PIECES)).astype(np.float32)


def limit(sound: Samples, start: Factors, knee: float) -> Factors:
    """Turn down, in place, what would be louder than the knee; both ears alike, so that no voice moves.

    The whole frame is known, so the gain is down before a peak: it is a broken line that lies at or below
    knee / peak all along each piece. Only the first piece starts from where the last frame ended; what it lets
    through is bent by `soften`. A row that stays below the knee, and was not turned down, stays bit for bit.

    Args:
        sound: (rows, 2, 960) float32; changed.
        start: where each row's gain is.
        knee: the level that is kept, between 0 and 1.

    Returns:
        Where each row's gain is now; exactly 1 when it has recovered.
    """
    if not len(sound):
        return start
    flat = sound.reshape(len(sound), -1)
    loudest = np.maximum(flat.max(axis=1), -flat.min(axis=1))
    busy = np.flatnonzero((loudest > knee) | (start < 1.0))
    end = start.copy()
    if len(busy):
        rows = sound[busy]
        line, end[busy] = _line(rows, start[busy], knee)
        rows *= line[:, None, :]
        sound[busy] = soften(rows, knee)
    return end


def _line(rows: Samples, start: Factors, knee: float) -> tuple[Samples, Factors]:
    """The gain over the frame, (rows, 960), and where it ends."""
    peaks = np.abs(rows).reshape(len(rows), 2, PIECES, -1).max(axis=(1, 3))
    allowed = np.minimum(np.float32(knee) / np.maximum(peaks, np.float32(knee)), np.float32(1.0))
    line = np.empty((len(rows), PIECES, len(_LINE)), np.float32)
    here = start
    for piece in range(PIECES):
        following = allowed[:, min(piece + 1, PIECES - 1)]
        there = np.minimum(np.minimum(allowed[:, piece], following), here * np.float32(RELEASE))
        line[:, piece] = here[:, None] + (there - here)[:, None] * _LINE
        here = there
    return line.reshape(len(rows), -1), here


def soften(samples: Samples, knee: float) -> Samples:
    """Bend what is beyond the knee smoothly towards 1.0; what is below stays as it is, bit for bit.

    Args:
        samples: any shape, float32.
        knee: where bending starts, between 0 and 1; the slope is continuous there.

    Returns:
        The same shape, within [-1, 1]. The same array if nothing was beyond the knee.
    """
    size = np.abs(samples)
    loud = size > knee
    if not loud.any():
        return samples
    room = 1.0 - knee
    bent = knee + room * np.tanh((size[loud] - knee) / room)
    out = samples.copy()
    out[loud] = np.copysign(np.minimum(bent, 1.0), samples[loud])
    return out
