"""What reaches whose ears: poses, faces, walls, doors and zones -> how loud, and from where.

A voice has its full loudness up to NEAR, falls with 1/distance, faster from FADE on, and ends at SILENT. It is
weaker behind the speaker's head than before it, and behind walls. What the head of the listener does to it is
left to the mixer, which gets the direction.

Zones part the floor. A closed room or private table is a room of its own, all the rest is one open floor:

- Within a room or on the open floor one hears as far as a voice reaches.
- Between a closed room and anywhere else sound goes by open doors alone: it walks to the door and on, is
  weakened there, and comes from the door. With the doors closed nothing passes: the loudness is exactly 0.
- Nothing ever passes between a private table and anywhere else, and all at it hear each other clearly.
- In a conference zone everybody hears everybody in it equally loud and without direction. Where such a zone is
  not closed it still belongs to the open floor: those beside it overhear it, and are heard, as people are.
- Who stands on a stage is heard clearly by everybody on the same open floor, or in the same closed hall.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from spatial.geometry import Points, points
from spatial.plan import Material, Plan, Wall, ZoneSound

Grid = NDArray[np.float64]
"""(listeners, sources) float64."""
Mask = NDArray[np.bool_]
Numbers = NDArray[np.int64]

NEAR: Final = 1.5
"""Metres within which a voice has its full loudness."""
FADE: Final = 9.0
"""Metres from which it falls faster than 1/distance ..."""
SILENT: Final = 14.0
"""... to be gone here."""
TURNED: Final = 10 ** (-6 / 20)
"""Factor for the voice of somebody who looks straight away; beside the head it is half-way down to that.

Speech as a whole is about 6 dB weaker behind the head than before it (W. T. Chu and A. C. C. Warnock, "Detailed
directivity of sound fields around human talkers", National Research Council Canada, RR-104, 2002; the low bands
of B. B. Monson, E. J. Hunter and B. H. Story, "Horizontal directivity of low- and high-frequency energy in
speech and singing", J. Acoust. Soc. Am. 132, 2012). A limacon between the two ends follows their curves.
"""
LOW_WALL: Final = 10 ** (-6 / 20)
"""Factor for each low wall between."""
FULL_WALL: Final = 10 ** (-18 / 20)
"""Factor for each high wall on a way round which there is another, open one."""
DOORWAY: Final = 10 ** (-9 / 20)
"""Factor for the way through an open door."""
CLEAR: Final = 0.7
"""The least loudness of who speaks from a stage, and of who sits at the same private table."""
CLOSE: Final = 0.5
"""Metres below which direction loses its meaning: on the same spot everybody is straight ahead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bodies:
    """Where ears and mouths are."""

    spots: Points
    """(n, 2) x and z, metres."""
    yaw: NDArray[np.float64]
    """(n,) radians."""
    height: NDArray[np.float64]
    """(n,) metres of ears and mouth above the ground."""
    zone: Numbers
    """(n,) the number of the zone in the plan; -1 for none, which counts as open floor."""

    def take(self, rows: Numbers) -> Bodies:
        """Some of them."""
        return Bodies(spots=self.spots[rows], yaw=self.yaw[rows], height=self.height[rows], zone=self.zone[rows])


@dataclass(frozen=True, slots=True, kw_only=True)
class Sounds:
    """How sources sound where the listeners are, all (listeners, sources)."""

    loudness: Grid
    """Linear, 0 to 1; 0 exactly where nothing arrives."""
    azimuth: Grid
    """Radians from where the listener looks, positive to the right, in (-pi, pi]."""
    elevation: Grid
    """Radians above the listener's ears."""
    flat: Mask
    """Heard without direction."""
    metres: Grid
    """Straight distance."""
    faced: Grid
    """Cosine of the angle between the source's face and the way to the listener."""
    shared: Mask
    """Both are in the same closed room, private table or conference zone."""


class Acoustics:
    """The sound of one plan; keeps what never changes about it."""

    def __init__(self, plan: Plan) -> None:
        """`plan`: its inner walls, doors and zones."""
        private = [zone.sound is ZoneSound.PRIVATE for zone in plan.zones]
        # The last entry stands for no zone: an index of -1 finds it.
        self._private = np.array([*private, False])
        self._conference = np.array([*(zone.sound is ZoneSound.CONFERENCE for zone in plan.zones), False])
        self._stage = np.array([*(zone.sound is ZoneSound.STAGE for zone in plan.zones), False])
        parted = [number if zone.enclosed or private[number] else -1 for number, zone in enumerate(plan.zones)]
        self._room = np.array([*parted, -1], dtype=np.int64)
        self._walls = _Walls(plan.partitions)
        numbers = {zone.id: number for number, zone in enumerate(plan.zones)}
        doors = [
            door for door in plan.doors
            if plan.zone(door.zone).enclosed and not private[numbers[door.zone]]
        ]  # fmt: skip
        self._door_ids = [door.id for door in doors]
        self._door_rooms = [numbers[door.zone] for door in doors]
        self._door_spots = points([door.middle for door in doors])
        between = self._door_spots[None, :, :] - self._door_spots[:, None, :]
        self._door_metres = np.hypot(between[..., 0], between[..., 1])
        self._door_walls = self._walls.between(self._door_spots, self._door_spots)

    def hear(self, doors_open: Mapping[str, bool], listeners: Bodies, sources: Bodies) -> Sounds:
        """How everybody sounds to everybody.

        Args:
            doors_open: by door id; a missing one is closed.
            listeners: the ears.
            sources: the mouths. Who is among both hears themself at full loudness: leave out that pair.

        Returns:
            What arrives; a pair is reckoned alike whoever else is asked about with it.
        """
        here, there = self._room[listeners.zone], self._room[sources.zone]
        together = here[:, None] == there[None, :]
        gap = sources.spots[None, :, :] - listeners.spots[:, None, :]
        metres = np.hypot(gap[..., 0], gap[..., 1])
        faced = _ahead(-gap, metres, sources.yaw[None, :])
        near = together & (metres < SILENT)
        loudness = _distance_gain(metres) * _face(faced) * self._walls.between(
            listeners.spots, sources.spots, near
        )  # fmt: skip
        loudness = np.where(near, loudness, 0.0)
        rise = sources.height[None, :] - listeners.height[:, None]
        self._through_doors(doors_open, listeners, sources, here, there, loudness, gap, rise)
        flat = together & (listeners.zone[:, None] == sources.zone[None, :])
        flat &= self._conference[sources.zone][None, :]
        clear = together & (self._stage[sources.zone] | self._private[sources.zone])[None, :]
        loudness[clear] = np.maximum(loudness[clear], CLEAR)
        loudness[flat] = 1.0
        reach = np.hypot(gap[..., 0], gap[..., 1])
        return Sounds(
            loudness=loudness,
            azimuth=_azimuth(gap, reach, listeners.yaw[:, None]),
            elevation=np.arctan2(rise, np.maximum(reach, CLOSE)),
            flat=flat,
            metres=metres,
            faced=faced,
            shared=flat | (together & (here >= 0)[:, None]),
        )

    def _through_doors(
        self,
        doors_open: Mapping[str, bool],
        listeners: Bodies,
        sources: Bodies,
        here: Numbers,
        there: Numbers,
        loudness: Grid,
        gap: NDArray[np.float64],
        rise: Grid,
    ) -> None:
        """Put the loudest way through open doors in where there is one; it comes from the listener's door."""
        rooms = self._door_rooms
        used = [
            number
            for number, id in enumerate(self._door_ids)
            if doors_open.get(id, False) and (rooms[number] in here or rooms[number] in there)
        ]
        if not used:
            return
        to_door = self._door_spots[None, :, :] - listeners.spots[:, None, :]
        from_door = self._door_spots[None, :, :] - sources.spots[:, None, :]
        in_metres = np.hypot(to_door[..., 0], to_door[..., 1])
        out_metres = np.hypot(from_door[..., 0], from_door[..., 1])
        in_walls = self._walls.between(listeners.spots, self._door_spots)
        out = self._walls.between(sources.spots, self._door_spots)
        out *= _face(_ahead(from_door, out_metres, sources.yaw[:, None]))

        def offer(last: int, first: int, heard: Mask, metres: Grid) -> None:
            """Take the way in by `last`, out of the source's room by `first`, where it is the loudest so far."""
            way = _distance_gain(metres) * in_walls[:, last, None] * out[None, :, first]
            way *= DOORWAY if last == first else DOORWAY**2 * self._door_walls[last, first]
            better = heard & (way > loudness)
            loudness[better] = way[better]
            gap[better] = np.broadcast_to(to_door[:, last, None, :], gap.shape)[better]
            rise[better] = 0.0

        for door in used:
            mine, theirs = here == rooms[door], there == rooms[door]
            across = mine[:, None] & (there == -1)[None, :] | (here == -1)[:, None] & theirs[None, :]
            offer(door, door, across, in_metres[:, door, None] + out_metres[None, :, door])
            for other in used:
                if rooms[other] != rooms[door]:
                    both = mine[:, None] & (there == rooms[other])[None, :]
                    onward = self._door_metres[door, other] + out_metres[None, :, other]
                    offer(door, other, both, in_metres[:, door, None] + onward)


class _Walls:
    """Walls that weaken what passes over or through them."""

    def __init__(self, walls: tuple[Wall, ...]) -> None:
        self._a, self._b = points([wall.a for wall in walls]), points([wall.b for wall in walls])
        self._factor = np.array([LOW_WALL if wall.material is Material.LOW else FULL_WALL for wall in walls])

    def between(self, p: Points, q: Points, wanted: Mask | None = None) -> Grid:
        """The factor of all walls on each straight way from p (n, 2) to q (m, 2), the same both ways.

        Two ends lie on the two sides of a wall's line, and the wall's two ends on both sides of theirs. Each
        product is taken so that exchanging p and q changes no more than its sign, to the last bit.
        """
        p_a, p_b, q_a, q_b = (ends[:, None, :] - wall for ends in (p, q) for wall in (self._a, self._b))
        p_side, q_side = _cross(p_a, p_b) > 0, _cross(q_a, q_b) > 0
        parted = p_side[:, None, :] != q_side[None, :, :]
        if wanted is not None:
            parted &= wanted[:, :, None]
        i, j, wall = np.nonzero(parted)
        met = _cross(p_a[i, wall], q_a[j, wall]) * _cross(p_b[i, wall], q_b[j, wall]) <= 0
        factors = np.ones((len(p), len(q)))
        np.multiply.at(factors, (i[met], j[met]), self._factor[wall[met]])
        return factors


def _cross(u: NDArray[np.float64], v: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(u[..., 0] * v[..., 1] - u[..., 1] * v[..., 0])


def _distance_gain(metres: Grid) -> Grid:
    near = NEAR / np.maximum(metres, NEAR)
    share = np.clip((metres - FADE) / (SILENT - FADE), 0.0, 1.0)
    return np.asarray(near * (1 - share * share * (3 - 2 * share)))


def _face(faced: Grid) -> Grid:
    """Loudness by the cosine of the angle off the speaker's face: 1 ahead, TURNED behind."""
    return np.asarray((1 + TURNED) / 2 + (1 - TURNED) / 2 * faced)


def _ahead(gap: NDArray[np.float64], metres: Grid, yaw: NDArray[np.float64]) -> Grid:
    """Cosine of the angle between forward(yaw) and each `gap` (..., 2); 1 on the same spot."""
    along = -gap[..., 0] * np.sin(yaw) - gap[..., 1] * np.cos(yaw)
    return np.asarray(np.clip((along + np.maximum(CLOSE - metres, 0.0)) / np.maximum(metres, CLOSE), -1.0, 1.0))


def _azimuth(gap: NDArray[np.float64], metres: Grid, yaw: NDArray[np.float64]) -> Grid:
    """The direction of each `gap` (..., 2) for somebody who looks along `yaw`, in (-pi, pi]."""
    sin, cos = np.sin(yaw), np.cos(yaw)
    right = gap[..., 0] * cos - gap[..., 1] * sin
    ahead = -gap[..., 0] * sin - gap[..., 1] * cos + np.maximum(CLOSE - metres, 0.0)
    angle = np.arctan2(right, ahead)
    return np.asarray(np.where(angle <= -np.pi, np.pi, angle))
