"""The mixing desk: one tick's frames become everybody's mix, with no more effort than the machine has."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from media.audio import FRAME_SECONDS, SILENCE_DBFS, MeterSettings, Samples, row_dbfs
from media.load import Effort, LoadController, LoadSettings
from media.loudness import Levelling, LevellingSettings
from media.mixer import Mixer, MixerSettings, Mixes
from media.scene import Scene
from media.selection import LoudestN, SelectionSettings

_SMOOTH = 0.02
"""Weight of the newest tick in the share of the time that is spent: about a second is seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskSettings:
    """How voices are treated on their way."""

    mixer: MixerSettings = field(default_factory=MixerSettings)
    levelling: LevellingSettings = field(default_factory=LevellingSettings)
    selection: SelectionSettings = field(default_factory=SelectionSettings)
    load: LoadSettings = field(default_factory=LoadSettings)
    meter: MeterSettings = field(default_factory=MeterSettings)


class Desk:
    """Gate and level each voice, choose who is heard, mix, and watch the effort. Pure."""

    def __init__(self, settings: DeskSettings | None = None) -> None:
        """A desk in an empty room."""
        self._settings = settings or DeskSettings()
        self._levelling = Levelling(self._settings.levelling)
        self._selection = LoudestN(self._settings.selection)
        self._mixer = Mixer(self._settings.mixer)
        self._load = LoadController(self._settings.load)
        self._scene = Scene.empty()
        self._shown: npt.NDArray[np.float64] = np.zeros(0)
        self.busy = 0.0
        """Share of the time that is spent on the sound, smoothed over about a second."""

    @property
    def effort(self) -> Effort:
        """What a tick may spend now."""
        return self._load.effort

    def set_scene(self, scene: Scene) -> None:
        """Say who hears whom. The next frames are in the order of its sources."""
        known = dict(zip(self._scene.sources, self._shown, strict=True))
        self._shown = np.array([known.get(name, SILENCE_DBFS) for name in scene.sources])
        self._scene = scene
        self._mixer.set_scene(scene)

    def mix(self, frames: Samples) -> Mixes:
        """Mix one tick.

        Args:
            frames: (sources, 960) float32 as they came; they are brought to their level in place.

        Raises:
            ShapeError: the frames do not fit the scene.
        """
        levels = row_dbfs(frames)
        self._show(levels)
        gains = self._levelling.feed(self._scene.sources, levels)
        self._levelling.apply(frames)
        effort = self.effort
        heard = self._selection.choose(self._scene, _linear(levels) * gains, effort.loudest)
        return self._mixer.mix(frames, heard, effort.binaural_sources)

    def adapt(self, busy_seconds: float, now: float, *, late: bool) -> None:
        """Say how long the last tick took, and whether it came late."""
        self.busy += (busy_seconds / FRAME_SECONDS - self.busy) * _SMOOTH
        self._load.feed(busy_seconds, now, late=late)

    def rest(self) -> None:
        """Nobody is there any more: the meters go down."""
        self._shown[:] = SILENCE_DBFS
        self.busy = 0.0

    def levels(self) -> dict[str, float]:
        """Level in dBFS of each source as it came, as it should be shown: up at once, down slowly."""
        return dict(zip(self._scene.sources, self._shown.tolist(), strict=True))

    def _show(self, levels: npt.NDArray[np.float64]) -> None:
        meter = self._settings.meter
        rising = self._shown + (levels - self._shown) * meter.attack
        self._shown = np.where(levels > self._shown, rising, np.maximum(levels, self._shown - meter.release_db))


def _linear(levels: npt.NDArray[np.float64]) -> Samples:
    linear: Samples = np.power(10.0, levels / 20.0).astype(np.float32)
    return linear
