"""What reaches whose ears: poses, walls, doors and zones -> how loud, and from which side."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spatial.geometry import Points, crossings, points
from spatial.plan import Door, Material, Plan

Grid = NDArray[np.float64]
Gain = NDArray[np.float32]

NEAR: Final = 1.5
"""Metres within which a voice has its full loudness."""
FADE: Final = 9.0
"""Metres from which it falls faster than 1/distance ..."""
SILENT: Final = 14.0
"""... to be gone here."""
BEHIND: Final = 10 ** (-3 / 20)
"""Factor for a voice straight behind."""
LOW_WALL: Final = 10 ** (-6 / 20)
"""Factor for each low wall between."""
FULL_WALL: Final = 10 ** (-18 / 20)
"""Factor for each high wall on a way round which there is another, open one."""
DOORWAY: Final = 10 ** (-9 / 20)
"""Factor for the way through an open door."""
WIDTH: Final = 0.9
"""How far to one side a voice may go, of 1; a little always reaches the other ear."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gains:
    """What each listener hears of each source, all (listeners, sources) float32."""

    left: Gain
    right: Gain
    loudness: Gain
    """sqrt(left^2 + right^2), in [0, 1]."""


@dataclass(frozen=True, slots=True)
class _Leg:
    """A way of sound between two kinds of places."""

    metres: Grid
    walls: Grid
    """Factor of the walls that it crosses."""


def hearing(
    plan: Plan,
    doors_open: Mapping[str, bool],
    listeners: ArrayLike,
    sources: ArrayLike,
    listener_zones: Sequence[str],
    source_zones: Sequence[str],
) -> Gains:
    """How loud and from where everybody hears everybody.

    Between an enclosed zone and anywhere else sound goes through open doors alone: it walks to the door and
    on, is weakened there, and seems to come from the door. With the doors closed the gain is exactly 0.

    Args:
        plan: where.
        doors_open: by door id; a missing one is closed.
        listeners: (l, 3) x, z, yaw.
        sources: (s, 3) x, z, yaw.
        listener_zones: l zone ids; one that the plan does not have counts as open floor.
        source_zones: s zone ids.

    Returns:
        Gains; who is both listener and source hears themself at full loudness, so leave out that pair.
    """
    ears = np.asarray(listeners, dtype=np.float64).reshape(-1, 3)
    mouths = np.asarray(sources, dtype=np.float64).reshape(-1, 3)
    here, there = ears[:, :2], mouths[:, :2]
    mine, theirs = _rooms(plan, listener_zones), _rooms(plan, source_zones)
    direct = _leg(plan, here, there)
    together = mine[:, None] == theirs[None, :]
    loudness = np.where(together, _distance_gain(direct.metres) * direct.walls, 0.0)
    origin = np.broadcast_to(there[None, :, :], (*loudness.shape, 2)).copy()

    def offer(gain: Grid, door: Door) -> None:
        """Take a way through a door where it is the loudest so far."""
        better = gain > loudness
        loudness[better] = gain[better]
        origin[better] = door.middle

    rooms = [zone.id for zone in plan.zones]
    doors = [
        (door, rooms.index(door.zone), _leg(plan, here, _spot(door)), _leg(plan, _spot(door), there))
        for door in plan.doors
        if plan.zone(door.zone).enclosed and doors_open.get(door.id, False)
    ]
    for door, room, to_door, from_door in doors:
        across = (mine == room)[:, None] & (theirs == -1)[None, :]
        across |= (mine == -1)[:, None] & (theirs == room)[None, :]
        gain = _distance_gain(to_door.metres + from_door.metres) * to_door.walls * from_door.walls
        offer(np.where(across, gain * DOORWAY, 0.0), door)
        for other, other_room, _, onward in doors:
            if other_room == room:
                continue
            between = _leg(plan, _spot(door), _spot(other))
            gain = _distance_gain(to_door.metres + between.metres + onward.metres)
            gain = gain * to_door.walls * between.walls * onward.walls * DOORWAY**2
            offer(np.where((mine == room)[:, None] & (theirs == other_room)[None, :], gain, 0.0), door)
    return _panned(ears, origin, loudness)


def _rooms(plan: Plan, zones: Sequence[str]) -> NDArray[np.int64]:
    """The number of the enclosed zone that each one is in, -1 for all the rest, which is one big room."""
    numbers = {zone.id: index for index, zone in enumerate(plan.zones) if zone.enclosed}
    return np.array([numbers.get(zone, -1) for zone in zones], dtype=np.int64)


def _spot(door: Door) -> Points:
    return points([door.middle])


def _leg(plan: Plan, p: Points, q: Points) -> _Leg:
    """All straight ways from p (n, 2) to q (m, 2)."""
    gap = q[None, :, :] - p[:, None, :]
    metres = np.hypot(gap[..., 0], gap[..., 1])
    walls = np.ones_like(metres)
    near = np.nonzero(metres < SILENT)
    if plan.partitions and len(near[0]):
        a = points([wall.a for wall in plan.partitions])
        b = points([wall.b for wall in plan.partitions])
        factor = [LOW_WALL if wall.material is Material.LOW else FULL_WALL for wall in plan.partitions]
        met = crossings(p[near[0]], q[near[1]], a, b)
        walls[near] = np.where(met, factor, 1.0).prod(axis=1)
    return _Leg(metres, walls)


def _distance_gain(metres: Grid) -> Grid:
    near = NEAR / np.maximum(metres, NEAR)
    share = np.clip((metres - FADE) / (SILENT - FADE), 0.0, 1.0)
    return np.asarray(near * (1 - share * share * (3 - 2 * share)))


def _panned(ears: Points, origin: Grid, loudness: Grid) -> Gains:
    """Equal power between the ears by the direction of `origin` (l, s, 2), a little less from behind."""
    gap = origin - ears[:, None, :2]
    metres = np.hypot(gap[..., 0], gap[..., 1])
    sin, cos = np.sin(ears[:, 2])[:, None], np.cos(ears[:, 2])[:, None]
    reach = np.maximum(metres, 0.5)  # somebody on the same spot has no side
    side = (gap[..., 0] * cos - gap[..., 1] * sin) / reach
    ahead = (-gap[..., 0] * sin - gap[..., 1] * cos) / reach
    loud = loudness * (1 - (1 - BEHIND) * np.clip(-ahead, 0.0, 1.0))
    angle = (np.clip(side, -1.0, 1.0) * WIDTH + 1) * (math.pi / 4)
    return Gains(
        left=(loud * np.cos(angle)).astype(np.float32),
        right=(loud * np.sin(angle)).astype(np.float32),
        loudness=loud.astype(np.float32),
    )
