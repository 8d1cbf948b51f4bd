"""Where the scripted people stand."""

from __future__ import annotations

import math

from server.demo.errors import DemoError
from server.demo.script import DemoScript
from spatial.plan import Plan

CIRCLE = 1.1
"""Radius in metres of the circle that people without a place form."""
DEFAULT_ZONE_KIND = "open"


def places(script: DemoScript, plan: Plan) -> tuple[str, dict[str, tuple[float, float]]]:
    """The zone of the meeting, and a spot for each name (x, z in metres).

    Raises:
        DemoError: the zone or a seat is not in the plan.
    """
    zone = _zone(script, plan)
    corners = plan.zone(zone).polygon
    home = next((h for h in plan.avatar_homes if (z := plan.zone_at(h.x, h.z)) is not None and z.id == zone), None)
    middle = (sum(x for x, _ in corners) / len(corners), sum(z for _, z in corners) / len(corners))
    if home is not None:
        middle = (home.x - math.sin(home.yaw) * 2.5, home.z - math.cos(home.yaw) * 2.5)
    spots: dict[str, tuple[float, float]] = {}
    for index, person in enumerate(script.people):
        angle = 2 * math.pi * index / len(script.people)
        spots[person.name] = (middle[0] + CIRCLE * math.sin(angle), middle[1] + CIRCLE * math.cos(angle))
        if person.at is not None:
            spots[person.name] = person.at
        if person.seat is not None:
            seat = plan.seat_by_id.get(person.seat)
            if seat is None:
                raise DemoError(f"{person.name}: the office has no seat {person.seat!r}")
            spots[person.name] = (seat.x, seat.z)
    return zone, spots


def _zone(script: DemoScript, plan: Plan) -> str:
    if script.zone is None:
        return next(z.id for z in plan.zones if z.kind.value == DEFAULT_ZONE_KIND)
    wanted = script.zone.strip().lower()
    for zone in plan.zones:
        if wanted in (zone.id.lower(), zone.name.lower()):
            return zone.id
    known = ", ".join(z.id for z in plan.zones)
    raise DemoError(f"the office has no zone {script.zone!r}; it has {known}")
