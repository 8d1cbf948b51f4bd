"""The fixed floor plan of a place, read from `assets/rooms/NAME.json`.

One JSON object. The origin is the middle of the office; x goes east, z south, metres; yaw in radians, 0 looks
north (-z), growing to the left; forward(yaw) = (-sin yaw, -cos yaw).

    id, name        texts
    version         whole number, raised with each change of the plan
    size            {width, depth} of the whole, for cameras and maps
    zones           [{id, name, kind: open|meeting|lounge|stage|reception, polygon: [[x, z], ...],
                      floor: oak|carpet|stone|tile, enclosed, capacity, floor_height, accent?: "#rrggbb",
                    sound?: spatial|conference|private|stage, tasks?: propose|publish}]
                    Together they cover all that can be walked on, without overlap. `sound` says how people in
                    it hear each other and are heard:
                      spatial     by distance and direction, as in the open; so are all but meeting zones
                      conference  everybody in it equally loud and without direction; so are meeting zones
                      private     a table of one's own: clear within, and nothing goes in or out
                      stage       who stands in it is heard clearly by all on the same floor
                    `tasks` says what becomes of a task that is heard in it: a person looks at it first (so it is
                    where nothing is said), or it is open at once.
                    `enclosed` is a matter of its own: by the doors alone sound gets into such a zone and out.
                    `spatial.acoustics` has the rules in full.
    walls           [{id, a: [x, z], b: [x, z], height, thickness, material: plaster|glass|low, windows?}]
                    a and b are on the middle line.
    doors           [{id, a, b, zone, name, hinge: a|b}]  Gaps between wall ends. `zone` is the room it closes.
    spawn_points    [{id, x, z, yaw}]
    avatar_homes    [{persona, x, z, yaw}]
    board           {x, z, yaw, width, height}  Where the task board hangs; it faces forward(yaw).
    seats           [{id, x, z, yaw, height, kind: chair|sofa|stool}]  The sitter looks along yaw. Chairs and
                    stools are drawn from this list; a sofa seat is a place on a piece of furniture.
    furniture       [{id, kind, x, z, yaw, width, depth, height, solid, elevation?, material?}]
                    `solid` ones stop a body. `elevation` is the height of the underside: things on tables and
                    on walls. See `spatial.furnishing` for kinds and facing.

A plan is checked when it is read: ids differ, seats and furniture stand in a zone, doors fill gaps, enclosed
zones are walled all round, and every seat, zone and home can be reached from every spawn point.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from spatial import geometry
from spatial.floor import Floor, Obstacles
from spatial.furnishing import (
    AvatarHome,
    Board,
    Door,
    FloorKind,
    Furniture,
    FurnitureKind,
    Material,
    Seat,
    SeatKind,
    SpawnPoint,
    Wall,
    Zone,
    ZoneKind,
    ZoneSound,
)
from spatial.geometry import Point, distances, points
from spatial.plan_text import Fields, parse

__all__ = [
    "BODY_RADIUS",
    "REACH",
    "AvatarHome",
    "Board",
    "Door",
    "FloorKind",
    "Furniture",
    "FurnitureKind",
    "Material",
    "Plan",
    "Seat",
    "SeatKind",
    "SpawnPoint",
    "Wall",
    "Zone",
    "ZoneKind",
    "ZoneSound",
]

BODY_RADIUS: Final = 0.3
"""Metres from the middle of a body to its rim."""
REACH: Final = 1.5
"""Metres from which one can sit down."""
_SNUG: Final = 0.05
"""Metres by which a door may miss the wall beside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A place that never changes while it is open."""

    id: str
    name: str
    version: int
    width: float
    depth: float
    zones: tuple[Zone, ...]
    walls: tuple[Wall, ...]
    doors: tuple[Door, ...]
    seats: tuple[Seat, ...]
    furniture: tuple[Furniture, ...]
    spawn_points: tuple[SpawnPoint, ...]
    avatar_homes: tuple[AvatarHome, ...]
    board: Board
    floor: Floor = field(repr=False, compare=False)
    """Where a body of BODY_RADIUS has room, with all doors open."""
    seat_by_id: Mapping[str, Seat] = field(repr=False, compare=False)
    zone_by_id: Mapping[str, Zone] = field(repr=False, compare=False)
    partitions: tuple[Wall, ...] = field(repr=False, compare=False)
    """The walls with a zone on both sides."""

    @classmethod
    @lru_cache(maxsize=4)
    def load(cls, text: str, source: str) -> Plan:
        """Read and check a plan; the same text gives the same plan, for none ever changes.

        Args:
            text: the JSON.
            source: what to call it in errors, usually the file's name.

        Raises:
            PlanError: it is broken; the error has line and reason.
        """
        root = parse(text, source)
        size = root.object("size")
        zones = root.each("zones", "zone", Zone.read)
        walls = root.each("walls", "wall", Wall.read)
        doors = root.each("doors", "door", Door.read)
        spawn_points = root.each("spawn_points", "spawn point", SpawnPoint.read)
        homes = root.each("avatar_homes", "avatar home", AvatarHome.read, key="persona")
        board = root.object("board")
        seats = root.each("seats", "seat", Seat.read)
        furniture = root.each("furniture", "furniture", Furniture.read)
        if not zones:
            root.fail('"zones" is empty; a plan needs at least one')
        if not spawn_points:
            root.fail('"spawn_points" is empty; nobody could come in')
        wall_items, zone_items = [wall for wall, _ in walls], [zone for zone, _ in zones]
        seat_items, furniture_items = [seat for seat, _ in seats], [piece for piece, _ in furniture]
        for zone, at in zones:
            _check_zone(zone, at, wall_items, [door for door, _ in doors])
        for door, at in doors:
            _check_door(door, at, wall_items, {zone.id for zone in zone_items})
        placed = [((seat.x, seat.z), at) for seat, at in seats]
        placed += [((piece.x, piece.z), at) for piece, at in furniture]
        placed += [((spot.x, spot.z), at) for spot, at in spawn_points]
        placed += [((home.x, home.z), at) for home, at in homes]
        for (x, z), at in placed:
            if _zone_at(zone_items, x, z) is None:
                at.fail(f"it is at [{x:g}, {z:g}], which is outside every zone")
        plan = cls(
            id=root.text("id"),
            name=root.text("name"),
            version=root.whole("version", least=1),
            width=size.number("width", above=0),
            depth=size.number("depth", above=0),
            zones=tuple(zone_items),
            walls=tuple(wall_items),
            doors=tuple(door for door, _ in doors),
            seats=tuple(seat_items),
            furniture=tuple(furniture_items),
            spawn_points=tuple(spot for spot, _ in spawn_points),
            avatar_homes=tuple(home for home, _ in homes),
            board=Board.read(board),
            floor=Floor(Obstacles(wall_items, furniture_items), zone_items, seat_items, BODY_RADIUS),
            seat_by_id=MappingProxyType({seat.id: seat for seat in seat_items}),
            zone_by_id=MappingProxyType({zone.id: zone for zone in zone_items}),
            partitions=tuple(wall for wall in wall_items if _parts(wall, zone_items)),
        )
        _check_ways(plan.floor, spawn_points, homes, seats, zones)
        return plan

    def zone_at(self, x: float, z: float) -> Zone | None:
        """The zone under a spot, None outside the office."""
        return _zone_at(self.zones, x, z)

    def seat(self, id: str) -> Seat:
        """The seat of that id.

        Raises:
            KeyError: there is none.
        """
        return self.seat_by_id[id]

    def zone(self, id: str) -> Zone:
        """The zone of that id.

        Raises:
            KeyError: there is none.
        """
        return self.zone_by_id[id]

    def home(self, persona: str) -> AvatarHome | None:
        """Where that colleague stands, None if the plan has no place for them."""
        return next((home for home in self.avatar_homes if home.persona == persona), None)


def _zone_at(zones: tuple[Zone, ...] | list[Zone], x: float, z: float) -> Zone | None:
    return next((zone for zone in zones if geometry.contains(zone.polygon, x, z)), None)


def _parts(wall: Wall, zones: list[Zone]) -> bool:
    """Whether there is a zone on both sides of the middle of a wall."""
    (ax, az), (bx, bz) = wall.a, wall.b
    length = math.dist(wall.a, wall.b)
    aside_x, aside_z = (bz - az) / length * _SNUG, (ax - bx) / length * _SNUG
    return all(
        _zone_at(zones, (ax + bx) / 2 + side * aside_x, (az + bz) / 2 + side * aside_z) is not None
        for side in (1, -1)
    )


def _check_zone(zone: Zone, at: Fields, walls: list[Wall], doors: list[Door]) -> None:
    if geometry.area(zone.polygon) < 1.0:
        at.fail("its polygon is smaller than one square metre")
    if not zone.enclosed:
        return
    closing = [(wall.a, wall.b) for wall in walls if wall.material is not Material.LOW]
    closing += [(door.a, door.b) for door in doors]
    a, b = points([pair[0] for pair in closing]), points([pair[1] for pair in closing])
    ends = [*zone.polygon[1:], zone.polygon[0]]
    for (ax, az), (bx, bz) in zip(zone.polygon, ends, strict=True):
        for step in range(41):
            spot = (ax + (bx - ax) * step / 40, az + (bz - az) * step / 40)
            if not len(a) or distances(points([spot]), a, b).min() > 0.25:
                at.fail(f"it is enclosed, but has neither wall nor door at [{spot[0]:g}, {spot[1]:g}]")


def _check_door(door: Door, at: Fields, walls: list[Wall], zones: set[str]) -> None:
    if door.zone not in zones:
        at.fail(f'its "zone" is "{door.zone}", which is not a zone of this plan')
    a, b = points([wall.a for wall in walls]), points([wall.b for wall in walls])
    (ax, az), (bx, bz) = door.a, door.b
    if not 0.8 <= ((bx - ax) ** 2 + (bz - az) ** 2) ** 0.5 <= 4.0:
        at.fail("it must be between 0.8 and 4 m wide")
    for name, end in (("a", door.a), ("b", door.b)):
        if not len(a) or distances(points([end]), a, b).min() > _SNUG:
            at.fail(f'its end "{name}" at [{end[0]:g}, {end[1]:g}] touches no wall; a door must fill a gap')
    within = points([(ax + (bx - ax) * share, az + (bz - az) * share) for share in (0.25, 0.5, 0.75)])
    if distances(within, a, b).min() < _SNUG:
        at.fail("there is a wall across it; leave a gap between two walls")


def _check_ways(
    floor: Floor,
    spawn_points: list[tuple[SpawnPoint, Fields]],
    homes: list[tuple[AvatarHome, Fields]],
    seats: list[tuple[Seat, Fields]],
    zones: list[tuple[Zone, Fields]],
) -> None:
    def region_of(spot: Point) -> int:
        return int(floor.region[floor.cell_of(spot)])

    first, _ = spawn_points[0]
    main = region_of((first.x, first.z))
    for spawn, at in spawn_points:
        if not floor.holds((spawn.x, spawn.z)) or not region_of((spawn.x, spawn.z)):
            at.fail("there is no room to stand here; a wall, a seat or furniture is in the way")
        if region_of((spawn.x, spawn.z)) != main:
            at.fail(f'it cannot be reached from spawn point "{first.id}"')
    for home, at in homes:
        if not floor.spots_near((home.x, home.z), 0.5, region=main):
            at.fail("it cannot be reached from the spawn points")
    for seat, at in seats:
        if not floor.spots_near((seat.x, seat.z), REACH, region=main):
            at.fail("nobody could sit down here: no free spot within reach can be reached from the spawn points")
    for zone, at in zones:
        if not any(
            floor.region[row, column] == main and geometry.contains(zone.polygon, *floor.middle_of(row, column))
            for row in range(floor.rows)
            for column in range(floor.columns)
        ):
            at.fail("it cannot be reached from the spawn points")
