"""Paths from sources to ears, laid out so that the sum over all listeners is quick."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from media.audio import FRAME, Samples
from media.binaural import BANDS, LATEST, REACH, Delays, Paths, Weights, split

_Indices = npt.NDArray[np.intp]
_BATCH: Final = 128
"""Late waves that are added up at once: as many as stay in the cache."""


class Waves:
    """The sounds of a frame, split into each wave as soon as somebody needs it."""

    def __init__(self, sounds: Samples) -> None:
        """Take (sources, REACH + FRAME) float32, the past and the frame."""
        self.sounds = sounds
        self._waves: Samples | None = None
        self._made: set[int] = set()

    def split(self, bands: tuple[int, ...]) -> Samples:
        """(sources, BANDS, LATEST + FRAME) with at least these bands in it."""
        if self._waves is None:
            self._waves = np.empty((len(self.sounds), BANDS, LATEST + FRAME), np.float32)
        missing = tuple(band for band in bands if band not in self._made)
        if missing:
            split(self.sounds, self._waves, missing)
            self._made.update(missing)
        return self._waves


class Wiring:
    """Paths made ready to be sounded again and again, for the rows of some listeners.

    All that reaches an ear without delay is one matrix product. What is late is gathered for a few listeners at
    a time.
    """

    def __init__(self, paths: Paths, *, away: Paths | None = None) -> None:
        """Lay out the sums.

        Args:
            paths: (listeners, sources) pairs.
            away: paths of the same shape to be subtracted.
        """
        prompt, weight, delay = _prompt(paths), paths.weight, paths.delay
        if away is not None:
            prompt -= _prompt(away)
            weight = np.concatenate([weight, -away.weight], axis=1)
            delay = np.concatenate([delay, away.delay], axis=1)
        self._used = np.flatnonzero(prompt.any(axis=0))
        self._late, late = _late(weight, delay, paths.delay.shape[1])
        self._bands = tuple(sorted({*(self._used % BANDS).tolist(), *late}))
        self._plain = self._bands in ((), (0,)) and not self._late
        """No source has a colour or comes late: the sounds themselves are enough."""
        self._prompt = prompt[:, self._used]

    def sound(self, waves: Waves) -> Samples:
        """Add up what each listener hears.

        Args:
            waves: of the sources of the paths, and of others after them.

        Returns:
            (listeners, 2, FRAME) float32.
        """
        if self._plain:
            now = waves.sounds[self._used // BANDS, REACH:]
        else:
            now = waves.split(self._bands).reshape(-1, LATEST + FRAME)[self._used, LATEST:]
        out: Samples = (self._prompt @ now).reshape(-1, 2, FRAME)
        if self._late:
            flat = waves.split(self._bands).reshape(-1)
            # Every stretch of FRAME samples, wherever it begins.
            windows = np.ndarray((len(flat) - FRAME + 1, FRAME), np.float32, flat, 0, (4, 4))
            for rows, starts, weights in self._late:
                out[rows] += weights @ windows[starts]
        return out


def _prompt(paths: Paths) -> Samples:
    """(listeners * 2, sources * BANDS): the weights of what is not late."""
    weight = np.where(paths.delay[..., None] == 0, paths.weight, np.float32(0.0)).transpose(0, 2, 1, 3)
    return weight.reshape(2 * weight.shape[0], weight.shape[2] * BANDS)


_Batches = list[tuple[_Indices, _Indices, Samples]]


def _late(weight: Weights, delay: Delays, sources: int) -> tuple[_Batches, list[int]]:
    """Batches of rows with equally many late paths: rows (r,), where waves start (r, n), weights (r, 2, n).

    And the bands that they need.
    """
    row, source, ear = np.nonzero(delay)
    weights = weight[row, source, ear]
    bands = np.flatnonzero(weights.any(axis=0))
    starts = ((source % sources)[:, None] * BANDS + bands) * (LATEST + FRAME) + LATEST
    starts -= delay[row, source, ear][:, None]
    by_ear = np.zeros((2, *starts.shape), np.float32)
    by_ear[ear, np.arange(len(row))] = weights[:, bands]
    counts = np.bincount(row, minlength=len(delay))
    first = np.cumsum(counts) - counts
    batches = []
    for count in np.unique(counts[counts > 0]).tolist():
        rows = np.flatnonzero(counts == count)
        entries = first[rows][:, None] + np.arange(count)
        begin = starts[entries].reshape(len(rows), -1)
        laid = np.ascontiguousarray(by_ear[:, entries].swapaxes(0, 1)).reshape(len(rows), 2, -1)
        step = max(1, _BATCH // begin.shape[1])
        for k in range(0, len(rows), step):
            batches.append((rows[k : k + step], begin[k : k + step], laid[k : k + step]))
    return batches, bands.tolist()
