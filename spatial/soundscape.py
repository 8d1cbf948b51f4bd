"""Who hears whom in a room, from tick to tick: remembers what has not moved, and what people want to hear.

What arrives at somebody's place is `spatial.acoustics`. On top of it, here and nowhere else:

- **Busy** (do not disturb): one hears who shares one's closed room, private table or conference zone, and of the
  open floor only who comes on purpose: within COME metres and with the face turned to one within COME_ANGLE. Who
  has come is heard until they go LEAVE metres away or turn further than LEAVE_ANGLE. It is the same for
  people and AI colleagues, and for captions: what does not reach a busy person is not written for them either.
  Others hear a busy person as ever.
- **Deaf**: one's ears get nothing. What reaches one's place stays known, so captions go on.
- **Volumes**: a factor for what the ears get of one person. Captions go on here too.

At the border of a zone one keeps the sound of the zone one comes from for BORDER metres, so that nobody flutters.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Final

import numpy as np
from numpy.typing import NDArray

from spatial.acoustics import Acoustics, Bodies, Mask, Numbers, Sounds
from spatial.geometry import distances, points
from spatial.participant import Participant, ParticipantId
from spatial.plan import Plan

Grid = NDArray[np.float32]
"""(people, people) float32; rows listen, columns sound."""
Volumes = Mapping[ParticipantId, Mapping[ParticipantId, float]]
"""How loud somebody (first) wants to hear somebody (second); 1 where nothing stands."""

BORDER: Final = 0.3
"""Metres behind the border of a zone within which it still counts."""
COME: Final = 1.5
"""Metres within which a busy person hears who faces them."""
COME_ANGLE: Final = math.radians(60)
LEAVE: Final = 2.0
LEAVE_ANGLE: Final = math.radians(90)
STANDING: Final = 1.6
"""Metres from the floor to the ears of somebody who stands."""
SITTING: Final = 0.75
"""Metres from a seat to the ears of who sits on it."""
BUSY: Final = "busy"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Hearing:
    """Who hears whom at one tick. Everybody who is here is a row and a column; nobody hears themself."""

    ids: tuple[ParticipantId, ...]
    loudness: Grid
    """What reaches the listener's place, 0 to 1: the measure for captions and for who is seen to speak."""
    gain: Grid
    """What the listener's ears get of it, 0 to 2."""
    azimuth: Grid
    """Radians from where the listener looks, positive to the right, in (-pi, pi]."""
    elevation: Grid
    """Radians above the listener's ears."""
    flat: Mask
    """Heard without direction."""
    row: Mapping[ParticipantId, int] = field(init=False, repr=False)
    """Where somebody stands in `ids`."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "row", {id: number for number, id in enumerate(self.ids)})


class Soundscape:
    """The sound of one room as it changes. Only what moved is reckoned anew."""

    def __init__(self, plan: Plan) -> None:
        """`plan`: of the room."""
        self._plan = plan
        self._acoustics = Acoustics(plan)
        self._numbers = {zone.id: number for number, zone in enumerate(plan.zones)}
        self._people: tuple[Participant, ...] = ()
        self._doors: dict[str, bool] = {}
        self._volumes: dict[ParticipantId, dict[ParticipantId, float]] = {}
        self._zones: dict[ParticipantId, int] = {}
        self._came: set[tuple[ParticipantId, ParticipantId]] = set()
        self._bodies = self._bodies_of((), {})
        self._sounds = self._acoustics.hear({}, self._bodies, self._bodies)
        self._hearing = self._heard()

    def step(self, people: Sequence[Participant], doors_open: Mapping[str, bool], volumes: Volumes) -> Hearing:
        """Take the room as it is now.

        Args:
            people: everybody who hears and is heard.
            doors_open: by door id; a missing one is closed.
            volumes: how loud they want to hear each other.

        Returns:
            Who hears whom; the same object as last time when nothing changed.
        """
        before, doors = self._people, dict(doors_open)
        wanted = {listener: dict(own) for listener, own in volumes.items() if own}
        same_people = len(before) == len(people) and all(
            old.id == new.id for old, new in zip(before, people, strict=True)
        )
        moved = [number for number, new in enumerate(people) if not same_people or new is not before[number]]
        if same_people and not moved and doors == self._doors and wanted == self._volumes:
            return self._hearing
        partly = same_people and doors == self._doors and 3 * len(moved) < len(people)
        self._people, self._doors, self._volumes = tuple(people), doors, wanted
        self._zones = {person.id: self._zone_of(person) for person in people}
        self._bodies = self._bodies_of(people, self._zones)
        if partly:
            self._renew(np.array(moved, dtype=np.int64))
        else:
            self._sounds = self._acoustics.hear(doors, self._bodies, self._bodies)
        self._hearing = self._heard()
        return self._hearing

    def _renew(self, moved: Numbers) -> None:
        """Reckon the rows and columns of those who moved."""
        if not len(moved):
            return
        some = self._bodies.take(moved)
        rows = self._acoustics.hear(self._doors, some, self._bodies)
        columns = self._acoustics.hear(self._doors, self._bodies, some)
        for one in fields(Sounds):
            grid = getattr(self._sounds, one.name)
            grid[moved, :] = getattr(rows, one.name)
            grid[:, moved] = getattr(columns, one.name)

    def _heard(self) -> Hearing:
        """What becomes of the sounds in the ears of those who listen."""
        ids = tuple(person.id for person in self._people)
        loudness = np.where(self._undisturbed(ids), self._sounds.loudness, 0.0).astype(np.float32)
        np.fill_diagonal(loudness, 0.0)
        gain = loudness.copy()
        gain[[person.deaf for person in self._people], :] = 0.0
        at = {id: number for number, id in enumerate(ids)}
        for listener, own in self._volumes.items():
            for source, volume in own.items():
                if listener in at and source in at:
                    gain[at[listener], at[source]] *= volume
        return Hearing(
            ids=ids,
            loudness=loudness,
            gain=gain,
            azimuth=self._sounds.azimuth.astype(np.float32),
            elevation=self._sounds.elevation.astype(np.float32),
            flat=self._sounds.flat.copy(),
        )

    def _undisturbed(self, ids: tuple[ParticipantId, ...]) -> Mask:
        """(people, people): False where a busy listener is not to be disturbed."""
        busy = np.array([person.status == BUSY for person in self._people], dtype=np.bool_)
        allowed = np.ones((len(ids), len(ids)), dtype=np.bool_)
        rows = np.flatnonzero(busy)
        if not len(rows):
            self._came.clear()
            return allowed
        metres, faced = self._sounds.metres[rows], self._sounds.faced[rows]
        came = (metres <= COME) & (faced >= math.cos(COME_ANGLE))
        stays = (metres <= LEAVE) & (faced >= math.cos(LEAVE_ANGLE))
        for row, column in np.argwhere(stays & ~came):
            came[row, column] = (ids[rows[row]], ids[column]) in self._came
        self._came = {(ids[rows[row]], ids[column]) for row, column in np.argwhere(came)}
        allowed[rows] = self._sounds.shared[rows] | came
        return allowed

    def _zone_of(self, person: Participant) -> int:
        """The number of the zone that a person sounds in: the one they are in, or are only just out of."""
        now, last = self._numbers.get(person.zone, -1), self._zones.get(person.id, -1)
        if now == last or last == -1 or person.seat is not None:
            return now
        corners = points(self._plan.zones[last].polygon)
        gap = distances(points([(person.pose.x, person.pose.z)]), corners, np.roll(corners, -1, axis=0)).min()
        return last if gap <= BORDER else now

    def _bodies_of(self, people: Sequence[Participant], zones: Mapping[ParticipantId, int]) -> Bodies:
        places = np.array([(p.pose.x, p.pose.z, p.pose.yaw) for p in people], dtype=np.float64).reshape(-1, 3)
        return Bodies(
            spots=places[:, :2],
            yaw=places[:, 2],
            height=np.array([self._height_of(person) for person in people], dtype=np.float64),
            zone=np.array([zones[person.id] for person in people], dtype=np.int64),
        )

    def _height_of(self, person: Participant) -> float:
        zone = self._plan.zone_by_id.get(person.zone)
        floor = 0.0 if zone is None else zone.floor_height
        seat = None if person.seat is None else self._plan.seat_by_id.get(person.seat)
        return floor + (STANDING if seat is None else seat.height + SITTING)
