"""Sources and gains -> one stereo frame for each listener, without clicks and never too loud."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from media.audio import FRAME, Samples
from media.errors import SettingsError, ShapeError

Gains = Samples
"""(listeners, sources) float32, linear."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MixerSettings:
    """How the mixer treats loud sound."""

    knee: float = 0.8
    """Samples up to here pass untouched, louder ones are bent towards 1.0; between 0 and 1."""


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


class Mixer:
    """Mixes frame after frame. Gains move in a straight line over each frame, from the last one's.

    A pair that is new starts at 0. A source that left the layout is faded out over one frame, with the
    mirror image of its last frame, so that there is no step in the wave.
    """

    def __init__(self, settings: MixerSettings | None = None) -> None:
        """Make a mixer without listeners and sources.

        Raises:
            SettingsError: the knee is not between 0 and 1.
        """
        self._settings = settings or MixerSettings()
        if not 0.0 < self._settings.knee < 1.0:
            raise SettingsError(f"the mixer's knee must lie between 0 and 1, not at {self._settings.knee}")
        self.listeners: tuple[str, ...] = ()
        self.sources: tuple[str, ...] = ()
        self._left: Gains = np.zeros((0, 0), np.float32)
        self._right: Gains = np.zeros((0, 0), np.float32)
        self._frames: Samples = np.zeros((0, FRAME), np.float32)
        self._parting: Samples | None = None
        self._rise = (np.arange(1, FRAME + 1, dtype=np.float32) / np.float32(FRAME)).astype(np.float32)
        self._fall = (np.float32(1.0) - self._rise).astype(np.float32)

    def set_layout(self, listeners: Sequence[str], sources: Sequence[str]) -> None:
        """Say who the rows and columns of the next calls of `mix` are. May change at any tick.

        Raises:
            ShapeError: an id stands twice in one of the two.
        """
        if tuple(listeners) == self.listeners and tuple(sources) == self.sources:
            return
        if len(set(listeners)) != len(listeners) or len(set(sources)) != len(sources):
            raise ShapeError("every listener and every source may stand only once in the layout")
        leaving = [j for j, source in enumerate(self.sources) if source not in set(sources)]
        parting = self._fade_out(leaving)
        rows = {listener: i for i, listener in enumerate(self.listeners)}
        columns = {source: j for j, source in enumerate(self.sources)}
        kept_rows = [(i, rows[name]) for i, name in enumerate(listeners) if name in rows]
        kept_columns = [(j, columns[name]) for j, name in enumerate(sources) if name in columns]
        self._left = _rearrange(self._left, (len(listeners), len(sources)), kept_rows, kept_columns)
        self._right = _rearrange(self._right, (len(listeners), len(sources)), kept_rows, kept_columns)
        frames = np.zeros((len(sources), FRAME), np.float32)
        for new, old in kept_columns:
            frames[new] = self._frames[old]
        self._frames = frames
        self._parting = None
        if parting is not None:
            self._parting = np.zeros((len(listeners), 2, FRAME), np.float32)
            for new, old in kept_rows:
                self._parting[new] = parting[old]
        self.listeners, self.sources = tuple(listeners), tuple(sources)

    def mix(self, frames: Samples, left: Gains, right: Gains) -> Samples:
        """Mix one frame for every listener.

        Args:
            frames: (sources, 960) float32, in the order of the layout.
            left: (listeners, sources) float32, the gains to reach at the end of this frame.
            right: the same for the right ear.

        Returns:
            (listeners, 2, 960) float32 within [-1, 1]; exact zeros where nothing is heard.

        Raises:
            ShapeError: an argument does not fit the layout.
        """
        shape = (len(self.listeners), len(self.sources))
        if frames.shape != (shape[1], FRAME) or left.shape != shape or right.shape != shape:
            raise ShapeError(
                f"the layout has {shape[0]} listeners and {shape[1]} sources, "
                f"got frames {frames.shape}, left {left.shape}, right {right.shape}"
            )
        out = np.zeros((shape[0], 2, FRAME), np.float32)
        sounding = np.flatnonzero(frames.any(axis=1))
        if len(sounding) and shape[0]:
            heard = frames[sounding]
            for ear, new, old in ((0, left, self._left), (1, right, self._right)):
                if np.array_equal(new, old):
                    out[:, ear] = new[:, sounding] @ heard
                else:
                    rising, falling = heard * self._rise, heard * self._fall
                    out[:, ear] = new[:, sounding] @ rising + old[:, sounding] @ falling
        if self._parting is not None:
            out += self._parting
            self._parting = None
        self._left, self._right = left.copy(), right.copy()
        self._frames = frames.copy()
        return soften(out, self._settings.knee)

    def _fade_out(self, leaving: list[int]) -> Samples | None:
        """(old listeners, 2, 960) of the mirrored last frames of the leaving sources; None if silent."""
        if not leaving or not len(self.listeners):
            return None
        mirrored = self._frames[leaving, ::-1] * self._fall
        if not mirrored.any():
            return None
        return np.stack([self._left[:, leaving] @ mirrored, self._right[:, leaving] @ mirrored], axis=1)


def _rearrange(
    gains: Gains, shape: tuple[int, int], rows: list[tuple[int, int]], columns: list[tuple[int, int]]
) -> Gains:
    """Gains in the order of a new layout; pairs that were not there start at 0."""
    out = np.zeros(shape, np.float32)
    if rows and columns:
        new_rows, old_rows = zip(*rows, strict=True)
        new_columns, old_columns = zip(*columns, strict=True)
        out[np.ix_(new_rows, new_columns)] = gains[np.ix_(old_rows, old_columns)]
    return out
