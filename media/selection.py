"""Who of all that speak each listener hears: the loudest few, and nobody below what can be heard.

A pair that falls away costs no mixing, and a listener who hears nobody costs no encode. Both choices have
hysteresis in level and in time, for a voice that comes and goes with every syllable is worse than one that
stays away. How loud a source is follows it up at once and down slowly, so that a pause between two words is
not taken for a softer voice. Choosing the loudest by volume times gain, before any mixing, is how Overte's
audio mixer sheds load.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from media.audio import FRAME_SECONDS, Samples
from media.errors import SettingsError, ShapeError
from media.scene import Grid, Mask, Scene

_Places = npt.NDArray[np.int16]
"""(listeners, sources) for how many frames each has been heard, 0 if not; counted only as far as it matters."""

HELD = 1e6
"""Puts a source that must not leave yet before all others; 120 dB, more than lie between any two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectionSettings:
    """When a source comes and goes. Levels are what arrives at the listener, in dBFS."""

    audible_dbfs: float = -50.0
    """From here on a source is heard."""
    margin_db: float = 6.0
    """It is heard until it falls so far below."""
    lead_db: float = 3.0
    """So much louder must a source be to take the place of one that is heard."""
    stay_seconds: float = 0.2
    """Nobody loses their place to another sooner than this."""
    release_db: float = 15.0
    """How far a level may fall in a second."""
    review_seconds: float = 0.1
    """How often places are given anew while the same sources sound, more than there are places: each change is a
    cross-fade for the mixer."""

    def __post_init__(self) -> None:
        """Refuse values that could never work."""
        if not -120.0 <= self.audible_dbfs < 0.0:
            raise SettingsError("audible_dbfs must lie between -120 and 0")
        if min(self.margin_db, self.lead_db, self.stay_seconds) < 0.0 or self.release_db <= 0.0:
            raise SettingsError("margin_db, lead_db and stay_seconds must be at least 0, release_db above 0")
        if not FRAME_SECONDS <= self.review_seconds <= 1.0:
            raise SettingsError("review_seconds must lie between one frame of 20 ms and a second")


class LoudestN:
    """Chooses frame after frame, for every listener at once."""

    def __init__(self, settings: SelectionSettings | None = None) -> None:
        settings = settings or SelectionSettings()
        self._come = np.float32(10.0 ** (settings.audible_dbfs / 20.0))
        self._go = np.float32(10.0 ** ((settings.audible_dbfs - settings.margin_db) / 20.0))
        stay = max(1, round(settings.stay_seconds / FRAME_SECONDS))
        self._longest = np.int16(stay)
        self._weight = np.array([1.0, *[HELD] * (stay - 1), 10.0 ** (settings.lead_db / 20.0)], np.float32)
        """By how long a place has been held."""
        self._release = np.float32(10.0 ** (-settings.release_db * FRAME_SECONDS / 20.0))
        self._listeners: tuple[str, ...] = ()
        self._sources: tuple[str, ...] = ()
        self._levels: Samples = np.zeros(0, np.float32)
        self._places: _Places = np.zeros((0, 0), np.int16)
        self._every = round(settings.review_seconds / FRAME_SECONDS)
        self._since = 0
        """Frames since places were given."""
        self._most = 0
        self._sounding: npt.NDArray[np.intp] = np.zeros(0, np.intp)
        self._scene: Scene | None = None
        """Of the last answer."""
        self._out: Grid = np.zeros((0, 0), np.float32)

    def choose(self, scene: Scene, levels: Samples, n: int) -> Grid:
        """Choose for one frame.

        Args:
            scene: who is there and how loud each would be heard. Whoever is gone is forgotten.
            levels: (sources,) linear RMS of each one's frame after its own gain; exactly 0 where it is silent.
            n: the most sources that one listener may hear, at least 1.

        Returns:
            (listeners, sources) float32: the scene's gain where a source is chosen, 0 elsewhere. Of a source
            that is silent nothing is chosen. Where no more than `n` can be heard, all of those are.

        Raises:
            ShapeError: not one level for each source, or `n` is below 1.
        """
        self._arrange(scene.listeners, scene.sources)
        if levels.shape != (len(scene.sources),):
            raise ShapeError(f"{len(scene.sources)} sources need as many levels, got the shape {levels.shape}")
        if n < 1:
            raise ShapeError(f"a listener hears 1 source at least, not {n}")
        self._levels = np.maximum(levels, self._levels * self._release) * (levels > 0.0)
        sounding = np.flatnonzero(self._levels)
        self._since += 1
        same = n == self._most and np.array_equal(sounding, self._sounding)
        if not same or len(sounding) <= n or self._since >= self._every:
            self._give_places(scene, sounding, n)
            self._out = scene.gain * (self._places > 0)
        elif scene is not self._scene:
            self._out = scene.gain * (self._places > 0)
        self._scene = scene
        return self._out

    def _give_places(self, scene: Scene, sounding: npt.NDArray[np.intp], n: int) -> None:
        """See who is heard from now on."""
        places = np.zeros_like(self._places)
        gain, before = scene.gain[:, sounding], self._places[:, sounding]
        arriving = gain * self._levels[sounding]
        chosen = (arriving >= self._come) | ((before > 0) & (arriving >= self._go))
        if len(sounding) > n:
            self._cut(chosen, arriving, before, n)
        places[:, sounding] = np.minimum(np.where(before > 0, before + self._since, 1), self._longest) * chosen
        self._places, self._sounding, self._most, self._since = places, sounding, n, 0

    def _cut(self, chosen: Mask, arriving: Grid, before: _Places, n: int) -> None:
        """Leave the n best of each row that has more, in place."""
        full = np.flatnonzero(np.count_nonzero(chosen, axis=1) > n)
        if not len(full):
            return
        score = arriving[full] * chosen[full] * self._weight.take(before[full])
        worse = np.argpartition(score, score.shape[1] - n, axis=1)[:, : score.shape[1] - n]
        chosen[full[:, None], worse] = False

    def _arrange(self, listeners: tuple[str, ...], sources: tuple[str, ...]) -> None:
        """Bring what is known into the order of the scene."""
        if listeners == self._listeners and sources == self._sources:
            return
        rows, old_rows = _kept(listeners, self._listeners)
        columns, old_columns = _kept(sources, self._sources)
        places = np.zeros((len(listeners), len(sources)), np.int16)
        places[np.ix_(rows, columns)] = self._places[np.ix_(old_rows, old_columns)]
        levels = np.zeros(len(sources), np.float32)
        levels[columns] = self._levels[old_columns]
        self._places, self._levels = places, levels
        self._sounding, self._scene = np.full(1, -1), None  # whatever sounds, places are given anew
        self._listeners, self._sources = listeners, sources


def _kept(new: tuple[str, ...], old: tuple[str, ...]) -> tuple[list[int], list[int]]:
    """Where the ids that stand in both stand, in the one and in the other."""
    known = {name: place for place, name in enumerate(old)}
    both = [(place, known[name]) for place, name in enumerate(new) if name in known]
    return [place for place, _ in both], [place for _, place in both]
