"""Sources and a scene -> one stereo frame for each kind of listener, without clicks and never too loud."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from media.audio import FRAME, Samples
from media.binaural import EVEN, REACH, Paths, binaural, panned
from media.errors import SettingsError, ShapeError
from media.limiter import limit
from media.scene import Grid, Mask, Scene
from media.wiring import Waves, Wiring

Groups = npt.NDArray[np.int64]
"""(listeners,) the row of `Mixes.outputs` that each one hears, -1 for exact silence."""
_Indices = npt.NDArray[np.intp]
_Mask1 = npt.NDArray[np.bool_]

STAY: Final = 10 ** (1 / 20)
"""How much louder a source must be to take the place of one that is heard binaurally."""

_FALL = (1 - np.arange(1, FRAME + 1) / FRAME).astype(np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class MixerSettings:
    """How the mixer treats loud sound, and how much it takes on."""

    knee: float = 0.8
    """Mixes up to this level pass untouched, louder ones are turned down to it; between 0 and 1."""
    binaural_sources: int = 8
    """How many sources each listener hears with two ears, the loudest; the others are panned. At least 0."""


@dataclass(frozen=True, slots=True)
class Mixes:
    """What is to be sent to whom."""

    outputs: Samples
    """(groups, 2, 960) float32 in [-1, 1]."""
    group_of: Groups


@dataclass(frozen=True, slots=True)
class _Groups:
    of: Groups
    firsts: _Indices
    """One listener of each group."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Moment:
    """The last frame, for the next one to go on from."""

    scene: Scene
    columns: _Indices
    """Of the scene's sources, those that sounded or rang out."""
    sounding: _Mask1
    """(columns,)."""
    sound: Samples
    """(columns, REACH + FRAME)."""
    gain: Grid
    """(listeners, columns)."""
    binaural_sources: int
    members: Mask
    """(listeners, columns) heard binaurally."""
    paths: Paths
    """(listeners, columns) at the end of the frame."""
    limiter: Samples
    """(listeners,)."""
    groups: _Groups
    wiring: Wiring
    settled: bool
    """Nothing moved in this frame: as long as nothing changes, groups and wiring serve again."""


class Mixer:
    """Mixes frame after frame; what changes between two frames is faded over the second one.

    A pair that is new comes in from 0. A source that left the scene goes out over one frame, with the mirror
    image of its last one, so that there is no step in the wave. A source that was silent starts where the scene
    has it now. A source whose frame is all zeros costs nothing once its echo in the filters has died away, nor
    does one whose frame is not finite: it counts as silent.
    """

    def __init__(self, settings: MixerSettings | None = None) -> None:
        """Make a mixer for an empty scene.

        Raises:
            SettingsError: the knee is not between 0 and 1, or the number of sources is below 0.
        """
        self._settings = settings or MixerSettings()
        if not 0.0 < self._settings.knee < 1.0:
            raise SettingsError(f"the mixer's knee must lie between 0 and 1, not at {self._settings.knee}")
        if self._settings.binaural_sources < 0:
            raise SettingsError(f"0 or more sources are heard binaurally, not {self._settings.binaural_sources}")
        self._scene = Scene.empty()
        self._last = _nothing(self._scene)

    @property
    def scene(self) -> Scene:
        """What the next frame is mixed for."""
        return self._scene

    def set_scene(self, scene: Scene) -> None:
        """Say who hears whom from where. May change at any tick; its arrays may not change afterwards."""
        self._scene = scene

    def mix(
        self, frames: Samples, effective_gain: Grid | None = None, binaural_sources: int | None = None
    ) -> Mixes:
        """Mix one frame for every listener.

        Args:
            frames: (sources, 960) float32 in the order of the scene.
            effective_gain: (listeners, sources) float32 in place of the scene's gain.
            binaural_sources: in place of the setting.

        Returns:
            The frame of each group, and the group of each listener of the scene.

        Raises:
            ShapeError: an argument does not fit the scene.
        """
        scene, last = self._scene, self._last
        gain = scene.gain if effective_gain is None else effective_gain
        if frames.shape != (len(scene.sources), FRAME) or gain.shape != scene.gain.shape:
            raise ShapeError(
                f"the scene has {len(scene.listeners)} listeners and {len(scene.sources)} sources, "
                f"got frames {frames.shape} and gains {gain.shape}"
            )
        most = self._settings.binaural_sources if binaural_sources is None else binaural_sources
        shift = _Shift(last, scene)
        energy = np.vecdot(frames, frames)
        heard = (energy > 0.0) & np.isfinite(energy)
        columns = np.flatnonzero(heard | shift.rings)
        sounding, gain = heard[columns], gain[:, columns]
        sound = shift.sound(columns)
        sound[np.flatnonzero(sounding), REACH:] = frames[heard]
        limiter = shift.limiter()
        still = scene is last.scene and most == last.binaural_sources
        still = still and np.array_equal(columns, last.columns) and np.array_equal(gain, last.gain)
        members, paths, moved = last.members, last.paths, None
        if not still:
            members = _members(gain, scene.flat[:, columns], shift.members(columns), most)
            paths = _paths(scene, columns, gain, members)
            moved = shift.move(columns, paths)
        settled = moved is None and bool((limiter == 1.0).all())
        if still and settled and last.settled:
            groups, wiring = last.groups, last.wiring
        else:
            groups = _grouped(paths, moved, limiter)
            known = still and np.array_equal(groups.of, last.groups.of)
            wiring = last.wiring if known else Wiring(paths.of(groups.firsts))
        waves = Waves(sound)
        outputs = wiring.sound(waves)
        if moved is not None:
            moved.fade(outputs, groups.firsts, waves)
        after = np.ones(len(scene.listeners), np.float32)
        hears = groups.of >= 0
        after[hears] = limit(outputs, limiter[groups.firsts], self._settings.knee)[groups.of[hears]]
        self._last = _Moment(
            scene=scene,
            columns=columns,
            sounding=sounding,
            sound=sound[: len(columns)],
            gain=gain,
            binaural_sources=most,
            members=members,
            paths=paths,
            limiter=after,
            groups=groups,
            wiring=wiring,
            settled=settled,
        )
        return Mixes(outputs, groups.of)


@dataclass(frozen=True, slots=True)
class _Move:
    """What changes in a frame, for the columns of now and those of the sources that are parting."""

    old: Paths
    new: Paths
    moved: Mask

    def fade(self, outputs: Samples, firsts: _Indices, waves: Waves) -> None:
        """Lead over from the old paths: add what was more or less, falling to nothing.

        Args:
            outputs: (groups, 2, 960) what the new paths sound like; changed.
            firsts: (groups,) a listener of each.
            waves: all of them.
        """
        moved = self.moved[firsts]
        many = moved.sum(axis=1) > moved.shape[1] / 2
        some = moved.any(axis=1) & ~many
        if some.any():
            rows, mask = firsts[some], moved[some]
            lead = Wiring(self.old.of(rows).where(mask), away=self.new.of(rows).where(mask)).sound(waves)
            _add_falling(outputs, some, lead)
        if many.any():
            # The new paths have been sounded already.
            lead = Wiring(self.old.of(firsts[many])).sound(waves)
            lead -= outputs[many]
            _add_falling(outputs, many, lead)


class _Shift:
    """How the last moment lies in a scene that may have other people in another order."""

    def __init__(self, last: _Moment, scene: Scene) -> None:
        self._last = last
        self._straight = last.scene.listeners == scene.listeners and last.scene.sources == scene.sources
        self._listeners = _places(last.scene.listeners, scene.listeners)
        sources = _places(last.scene.sources, scene.sources)
        self._known = sources >= 0
        spots = np.full(len(last.scene.sources) + 1, -1)  # the last one is for sources that are new
        spots[last.columns] = np.arange(len(last.columns))
        self._spots = spots[sources]
        """(sources,) where in the last columns, or -1."""
        sounded = np.append(last.sounding, False)
        self.rings = sounded[self._spots]
        """(sources,) sounded in the last frame."""
        stay = np.zeros(len(last.columns) + 1, np.bool_)
        stay[self._spots] = True
        self._parting = np.flatnonzero(last.sounding & ~stay[:-1])

    def sound(self, columns: _Indices) -> Samples:
        """(columns + parting sources, REACH + FRAME): what came before, and how those who are parting end."""
        spots, count = self._spots[columns], len(columns)
        sound = np.zeros((count + len(self._parting), REACH + FRAME), np.float32)
        sound[np.flatnonzero(spots >= 0), :REACH] = self._last.sound[spots[spots >= 0], -REACH:]
        sound[count:, :REACH] = self._last.sound[self._parting, -REACH:]
        sound[count:, REACH:] = self._last.sound[self._parting, : -FRAME - 1 : -1]
        return sound

    def limiter(self) -> Samples:
        """(listeners,) gain of the limiter."""
        return np.append(self._last.limiter, np.float32(1.0))[self._listeners]

    def members(self, columns: _Indices) -> Mask:
        """(listeners, columns) heard binaurally so far."""
        so_far = np.pad(self._last.members, ((0, 1), (0, 1)))[np.ix_(self._listeners, self._spots[columns])]
        return np.asarray(so_far)

    def move(self, columns: _Indices, paths: Paths) -> _Move | None:
        """What is different now; None for nothing."""
        if self._straight and np.array_equal(columns, self._last.columns):
            moved = self._last.paths.differ(paths)
            return _Move(self._last.paths, paths, moved) if moved.any() else None
        spots = np.append(self._spots[columns], self._parting)
        lead = np.ix_(self._listeners, spots)
        old = Paths(
            np.pad(self._last.paths.weight, ((0, 1), (0, 1), (0, 0), (0, 0)))[lead],
            np.pad(self._last.paths.delay, ((0, 1), (0, 1), (0, 0)))[lead],
        )
        # Who was silent has no old place, and starts where it is now.
        fresh = np.flatnonzero(self._known[columns] & (self._spots[columns] < 0))
        old.weight[:, fresh] = paths.weight[:, fresh]
        old.delay[:, fresh] = paths.delay[:, fresh]
        new = Paths.none(old.delay.shape[:2])
        new.weight[:, : len(columns)] = paths.weight
        new.delay[:, : len(columns)] = paths.delay
        moved = old.differ(new)
        return _Move(old, new, moved) if moved.any() else None


def _add_falling(outputs: Samples, rows: _Mask1, lead: Samples) -> None:
    """Row after row, which stays in the cache."""
    for row, one in zip(np.flatnonzero(rows).tolist(), lead, strict=True):
        one *= _FALL
        outputs[row] += one


def _places(then: tuple[str, ...], now: tuple[str, ...]) -> _Indices:
    """(now,) where each name was then, -1 for nowhere."""
    if then == now:
        return np.arange(len(now))
    index = {name: i for i, name in enumerate(then)}
    return np.array([index.get(name, -1) for name in now], np.intp)


def _members(gain: Grid, flat: Mask, so_far: Mask, most: int) -> Mask:
    """The `most` loudest of each row that have a direction; who is one already stays one if it is close."""
    loud = np.where(flat, np.float32(0.0), gain * np.where(so_far, np.float32(STAY), np.float32(1.0)))
    members: Mask = loud > 0.0
    if 0 < most < loud.shape[1]:
        best = np.argpartition(-loud, most - 1, axis=1)[:, :most]
        chosen = np.zeros_like(members)
        np.put_along_axis(chosen, best, True, axis=1)
        members &= chosen
    elif most <= 0:
        members[:] = False
    return members


def _paths(scene: Scene, columns: _Indices, gain: Grid, members: Mask) -> Paths:
    """Every pair's way from source to ears."""
    azimuth, elevation = scene.azimuth[:, columns], scene.elevation[:, columns]
    paths = Paths.none(gain.shape)
    sides = panned(azimuth, elevation)
    sides[scene.flat[:, columns]] = EVEN
    paths.weight[..., 0] = sides * gain[..., None]
    near = binaural(azimuth[members], elevation[members])
    paths.weight[members] = near.weight * gain[members][:, None, None]
    paths.delay[members] = near.delay
    return paths


def _grouped(paths: Paths, move: _Move | None, limiter: Samples) -> _Groups:
    """Put together the listeners for whom everything is the same; leave out those who hear nothing.

    Only those can be put together who hear everybody alike in both ears: no two heads are in the same place.
    """
    parts = [paths] if move is None else [move.old, move.new]
    left, right = ([part.weight[:, :, ear, 0] for part in parts] for ear in (0, 1))
    colours = [part.weight[..., 1:].any(axis=(1, 2, 3)) for part in parts]
    of = np.full(len(limiter), -1, np.int64)
    hears = np.flatnonzero(np.any([ear.any(axis=1) for ear in (*left, *right)] + colours, axis=0))
    if not len(hears):
        return _Groups(of, hears)
    turned = [(one != other).any(axis=1) for one, other in zip(left, right, strict=True)]
    alone = np.any(turned + colours, axis=0)[hears].tolist()
    keys = np.concatenate([limiter[hears, None], *(ear[hears] for ear in left)], axis=1)
    seen: dict[bytes, int] = {}
    firsts: list[int] = []
    for listener, row, single in zip(hears.tolist(), keys, alone, strict=True):
        group = len(firsts) if single else seen.setdefault(row.tobytes(), len(firsts))
        if group == len(firsts):
            firsts.append(listener)
        of[listener] = group
    return _Groups(of, np.array(firsts, np.intp))


def _nothing(scene: Scene) -> _Moment:
    """What comes before the first frame."""
    none = np.zeros(0, np.intp)
    paths = Paths.none((0, 0))
    return _Moment(
        scene=scene,
        columns=none,
        sounding=none.astype(np.bool_),
        sound=np.zeros((0, REACH + FRAME), np.float32),
        gain=scene.gain,
        binaural_sources=0,
        members=scene.flat,
        paths=paths,
        limiter=np.zeros(0, np.float32),
        groups=_Groups(np.zeros(0, np.int64), none),
        wiring=Wiring(paths),
        settled=True,
    )
