"""Playing sound in less time: a piece is taken out where the sound before and after it is most alike.

This is the step of WSOLA (waveform similarity overlap-add, Verhelst and Roelands 1993): of all places to which
one may jump, the best is where the coming sound correlates most with what would have followed, one or more whole
periods of a voice on. There the two are cross-faded.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from media.audio import Samples

OVERLAP = 480
"""Samples of the cross-fade: 10 ms."""
_STEP = 4
"""The search first looks at every fourth lag, on sound averaged by fours."""
_AS_GOOD = 0.03
"""Correlation by which a place may be worse than the best and still count as that."""
_QUIET = 1e-5 * OVERLAP
"""Energy of an overlap below which any place will do: -50 dBFS."""

_UP: Samples = (0.5 - 0.5 * np.cos(np.pi * (np.arange(OVERLAP) + 0.5) / OVERLAP)).astype(np.float32)
_DOWN: Samples = (1.0 - _UP).astype(np.float32)


def shorten(sound: Samples, most: int) -> int:
    """Take up to `most` samples out of the beginning of a piece, in place, without a step.

    Args:
        sound: (n,) float32, n >= most + OVERLAP; what is left of it stands at its beginning afterwards.
        most: at least half as many samples go, or as many as leave the sound most like itself.

    Returns:
        How many went, `most // 2` .. `most`.
    """
    head = sound[:OVERLAP]
    lag, likeness = _best_lag(sound, most // 2, most)
    rest = sound[lag : lag + OVERLAP]
    mixed = head * _DOWN + rest * _UP
    # Unlike sounds add in power, like ones in amplitude: without this, noise would dip in the middle.
    mixed /= np.sqrt(_DOWN * _DOWN + _UP * _UP + np.float32(2.0 * likeness) * _DOWN * _UP)
    sound[:OVERLAP] = mixed
    sound[OVERLAP : len(sound) - lag] = sound[lag + OVERLAP :].copy()
    return lag


def _best_lag(sound: Samples, least: int, most: int) -> tuple[int, float]:
    """The lag in [least, most] at which the sound is most like its beginning, and how much, 0..1."""
    head = sound[:OVERLAP]
    reach = sound[least : most + OVERLAP]
    if max(float(head @ head), float(reach @ reach)) < _QUIET:
        return most, 0.0
    coarse = reach[: len(reach) // _STEP * _STEP].reshape(-1, _STEP).mean(axis=1)
    likeness = _likeness(coarse, head.reshape(-1, _STEP).mean(axis=1))
    # Of several periods of a voice the most: fewer places are cut then.
    near = least + _STEP * int(np.flatnonzero(likeness >= likeness.max() - _AS_GOOD)[-1])
    low, high = max(least, near - _STEP), min(most, near + _STEP)
    likeness = _likeness(sound[low : high + OVERLAP], head)
    best = int(np.argmax(likeness))
    return low + best, min(1.0, max(0.0, float(likeness[best])))


def _likeness(sound: Samples, pattern: Samples) -> npt.NDArray[np.float64]:
    """The correlation, -1..1, of `pattern` with each of the places in `sound` where it fits in."""
    size = len(pattern)
    products = np.correlate(sound, pattern, "valid")
    energy = np.cumsum(np.concatenate([[0.0], np.square(sound, dtype=np.float64)]))
    scale = np.sqrt((energy[size:] - energy[:-size]) * float(pattern @ pattern)) + 1e-9
    likeness: npt.NDArray[np.float64] = products / scale
    return likeness
