"""What stands in a plan: walls, doors, seats, furniture, zones; each with how it is read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from spatial.geometry import Point
from spatial.plan_text import Fields

_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")


class Material(StrEnum):
    """What a wall is made of. A low one ends at chest height: one sees and hears across it."""

    PLASTER = "plaster"
    GLASS = "glass"
    LOW = "low"


class SeatKind(StrEnum):
    """What one sits on."""

    CHAIR = "chair"
    SOFA = "sofa"
    STOOL = "stool"


class FurnitureKind(StrEnum):
    """What a piece of furniture is, for drawing; `sofa` is also an armchair, `coffee` a coffee machine."""

    DESK = "desk"
    TABLE = "table"
    ROUND_TABLE = "round_table"
    SOFA = "sofa"
    PLANT = "plant"
    SHELF = "shelf"
    LAMP = "lamp"
    COUNTER = "counter"
    COFFEE = "coffee"
    SCREEN = "screen"
    WHITEBOARD = "whiteboard"
    RUG = "rug"
    PODIUM = "podium"
    PLANTER = "planter"
    BOOTH = "booth"
    CABINET = "cabinet"
    LAPTOP = "laptop"


ROUND = frozenset({FurnitureKind.ROUND_TABLE, FurnitureKind.PLANT, FurnitureKind.LAMP})
"""Kinds whose outline is a circle of diameter `width`."""


class ZoneKind(StrEnum):
    """What a part of the office is for."""

    OPEN = "open"
    MEETING = "meeting"
    LOUNGE = "lounge"
    STAGE = "stage"
    RECEPTION = "reception"


class ZoneSound(StrEnum):
    """How people in a zone hear each other and are heard; `spatial.acoustics` has the rules."""

    SPATIAL = "spatial"
    CONFERENCE = "conference"
    PRIVATE = "private"
    STAGE = "stage"


class ZoneTasks(StrEnum):
    """What becomes of a task that a colleague hears in a zone."""

    PROPOSE = "propose"
    """A person looks at it first."""
    PUBLISH = "publish"
    """It is open at once."""


class FloorKind(StrEnum):
    """What one walks on."""

    OAK = "oak"
    CARPET = "carpet"
    STONE = "stone"
    TILE = "tile"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wall:
    """A straight wall between the middles of its two ends."""

    id: str
    a: Point
    b: Point
    height: float
    thickness: float
    material: Material
    windows: bool

    @classmethod
    def read(cls, f: Fields) -> Wall:
        """From its JSON object."""
        a, b = f.point("a"), f.point("b")
        if a == b:
            f.fail('"a" and "b" are the same point; a wall needs a length')
        return cls(
            id=f.text("id"),
            a=a,
            b=b,
            height=f.number("height", above=0),
            thickness=f.number("thickness", above=0),
            material=f.choice("material", Material),
            windows=f.flag("windows", False),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """A gap in the walls that opens by itself; `zone` is the room that it closes."""

    id: str
    a: Point
    b: Point
    zone: str
    name: str
    hinge: str
    """Which end it swings about: "a" or "b"."""

    @property
    def middle(self) -> Point:
        """The middle of the gap."""
        return (self.a[0] + self.b[0]) / 2, (self.a[1] + self.b[1]) / 2

    @classmethod
    def read(cls, f: Fields) -> Door:
        """From its JSON object."""
        hinge = f.text("hinge")
        if hinge not in ("a", "b"):
            f.fail(f'"hinge" must be "a" or "b", not "{hinge}"')
        return cls(
            id=f.text("id"),
            a=f.point("a"),
            b=f.point("b"),
            zone=f.text("zone"),
            name=f.text("name"),
            hinge=hinge,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A place for one to sit; `yaw` is where the sitter looks."""

    id: str
    x: float
    z: float
    yaw: float
    height: float
    kind: SeatKind

    @classmethod
    def read(cls, f: Fields) -> Seat:
        """From its JSON object."""
        return cls(
            id=f.text("id"),
            x=f.number("x"),
            z=f.number("z"),
            yaw=f.number("yaw"),
            height=f.number("height", above=0),
            kind=f.choice("kind", SeatKind),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Furniture:
    """A piece of furniture; `width` goes to its right hand, `depth` along its `yaw`.

    It shows its face to forward(yaw): a shelf's books, a screen's picture, a sofa's sitter, a counter's
    visitors. Who works at a desk, laptop or podium stands or sits behind it and looks along its yaw too.
    """

    id: str
    kind: FurnitureKind
    x: float
    z: float
    yaw: float
    width: float
    depth: float
    height: float
    solid: bool
    elevation: float
    """Metres from the zone's floor to its underside: things on tables and on walls."""
    material: str | None

    @classmethod
    def read(cls, f: Fields) -> Furniture:
        """From its JSON object."""
        return cls(
            id=f.text("id"),
            kind=f.choice("kind", FurnitureKind),
            x=f.number("x"),
            z=f.number("z"),
            yaw=f.number("yaw"),
            width=f.number("width", above=0),
            depth=f.number("depth", above=0),
            height=f.number("height", above=0),
            solid=f.flag("solid"),
            elevation=f.number("elevation", least=0, default=0.0),
            material=f.text("material", "") or None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """A part of the floor with a name. Together the zones cover all that can be walked on."""

    id: str
    name: str
    kind: ZoneKind
    polygon: tuple[Point, ...]
    floor: FloorKind
    enclosed: bool
    """Walls all round: sound goes in and out by its doors alone."""
    capacity: int
    floor_height: float
    accent: str | None
    sound: ZoneSound
    tasks: ZoneTasks = ZoneTasks.PROPOSE

    @classmethod
    def read(cls, f: Fields) -> Zone:
        """From its JSON object."""
        accent = f.text("accent", "") or None
        if accent and not _COLOUR.fullmatch(accent):
            f.fail(f'"accent" must be a colour such as "#3F7D58", not "{accent}"')
        kind = f.choice("kind", ZoneKind)
        usual = ZoneSound.CONFERENCE if kind is ZoneKind.MEETING else ZoneSound.SPATIAL
        return cls(
            id=f.text("id"),
            name=f.text("name"),
            kind=kind,
            polygon=f.point_list("polygon", least=3),
            floor=f.choice("floor", FloorKind),
            enclosed=f.flag("enclosed"),
            capacity=f.whole("capacity", least=1),
            floor_height=f.number("floor_height", least=0),
            accent=accent,
            sound=f.choice("sound", ZoneSound, usual),
            tasks=f.choice("tasks", ZoneTasks, ZoneTasks.PROPOSE),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SpawnPoint:
    """Where somebody appears who comes in."""

    id: str
    x: float
    z: float
    yaw: float

    @classmethod
    def read(cls, f: Fields) -> SpawnPoint:
        """From its JSON object."""
        return cls(id=f.text("id"), x=f.number("x"), z=f.number("z"), yaw=f.number("yaw"))


@dataclass(frozen=True, slots=True, kw_only=True)
class AvatarHome:
    """Where an AI colleague stands when it has nothing to do elsewhere."""

    persona: str
    x: float
    z: float
    yaw: float

    @classmethod
    def read(cls, f: Fields) -> AvatarHome:
        """From its JSON object."""
        return cls(persona=f.text("persona"), x=f.number("x"), z=f.number("z"), yaw=f.number("yaw"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """Where the task board hangs; it faces forward(yaw)."""

    x: float
    z: float
    yaw: float
    width: float
    height: float

    @classmethod
    def read(cls, f: Fields) -> Board:
        """From its JSON object."""
        return cls(
            x=f.number("x"),
            z=f.number("z"),
            yaw=f.number("yaw"),
            width=f.number("width", above=0),
            height=f.number("height", above=0),
        )
