"""Where scripted colleagues stand: as the script says, else around the zone, facing one another."""

from __future__ import annotations

import difflib
import math
from collections.abc import Sequence
from dataclasses import dataclass

from server.demo.errors import DemoError
from server.demo.script import DemoPerson, DemoScript
from spatial import geometry
from spatial.geometry import Point, contains
from spatial.plan import Plan, Zone, ZoneKind

RING = 1.5
"""Metres from the middle of a group to those who stand around it."""

APART = 0.8
"""Metres between two who stand beside each other."""

ASTRAY = 1.5
"""Metres by which a place may be moved to where a body has room."""

SEARCH = 6.0
"""Metres around the middle in which room is looked for."""


class PlaceError(DemoError):
    """A script names a zone, seat or place that the plan does not have."""

    code = "demo_place"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where one of the people goes."""

    x: float
    z: float
    facing: Point
    """What to look at: the middle of the group."""
    seat: str | None
    """To sit on when there."""


def find_zone(plan: Plan, wanted: str | None) -> Zone:
    """Return the zone a script means, by id or name; without one, the open floor.

    Raises:
        PlaceError: there is none of that name.
    """
    if wanted is None:
        return next((zone for zone in plan.zones if zone.kind is ZoneKind.OPEN), plan.zones[0])
    for zone in plan.zones:
        if wanted.lower() in (zone.id.lower(), zone.name.lower()):
            return zone
    raise PlaceError(f'there is no zone "{wanted}"; there are {", ".join(zone.id for zone in plan.zones)}')


def places(script: DemoScript, plan: Plan) -> dict[str, Place]:
    """Find a place for everybody.

    Args:
        script: who meets in which zone.
        plan: of the office.

    Returns:
        Name -> place, in the order of the script.

    Raises:
        PlaceError: a zone or seat is not in the plan, or there is no room.
    """
    zone = find_zone(plan, script.zone)
    spots = {person.name: _given(person, plan) for person in script.people}
    given = [spot for spot in spots.values() if spot is not None]
    middle = _middle(given) if given else _meeting_point(zone, plan)
    taken = list(given)
    for index, person in enumerate(script.people):
        if spots[person.name] is None:
            angle = 2 * math.pi * index / len(script.people)
            ideal = (middle[0] + RING * math.sin(angle), middle[1] + RING * math.cos(angle))
            spot = _free_spot(ideal, middle, zone, plan, taken)
            spots[person.name] = spot
            taken.append(spot)
    group = _middle(taken)
    found: dict[str, Place] = {}
    for person in script.people:
        x, z = spots[person.name] or group
        found[person.name] = Place(x=x, z=z, facing=group, seat=person.seat)
    return found


def _given(person: DemoPerson, plan: Plan) -> Point | None:
    if person.seat is not None:
        seat = plan.seat_by_id.get(person.seat)
        if seat is None:
            ids = list(plan.seat_by_id)
            near = ", ".join(difflib.get_close_matches(person.seat, ids, n=3, cutoff=0.3) or ids[:3])
            raise PlaceError(f'there is no seat "{person.seat}"; there are {near} and others')
        return seat.x, seat.z
    if person.at is None:
        return None
    if plan.floor.holds(person.at):
        return person.at
    spot = plan.floor.nearest(person.at)
    if spot is None or math.dist(spot, person.at) > ASTRAY:
        x, z = person.at
        raise PlaceError(
            f"{person.name} cannot stand at [{x:g}, {z:g}]; choose a place on the floor, or leave it out"
        )
    return spot


def _meeting_point(zone: Zone, plan: Plan) -> Point:
    """An AI colleague's place in the zone, so that it hears well; else the middle of the zone."""
    for home in plan.avatar_homes:
        if contains(zone.polygon, home.x, home.z):
            return home.x, home.z
    return geometry.middle(zone.polygon)


def _free_spot(ideal: Point, middle: Point, zone: Zone, plan: Plan, taken: Sequence[Point]) -> Point:
    roomy = [
        spot
        for spot in plan.floor.spots_near(middle, SEARCH)
        if contains(zone.polygon, *spot)
        and math.dist(spot, middle) > APART
        and all(math.dist(spot, other) >= APART for other in taken)
    ]
    if not roomy:
        raise PlaceError(f"there is no room for everybody in {zone.name}; choose another zone or fewer people")
    return min(roomy, key=lambda spot: math.dist(spot, ideal))


def _middle(spots: Sequence[Point]) -> Point:
    return sum(x for x, _ in spots) / len(spots), sum(z for _, z in spots) / len(spots)
