"""Whether a step is possible: not too fast, not through a wall, not into furniture."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from spatial.events import Reason
from spatial.plan import BODY_RADIUS, Plan
from spatial.pose import Pose

RADIUS: Final = BODY_RADIUS
WALK: Final = 1.6
"""Metres a second."""
RUN: Final = 3.6
"""Metres a second; the most that anybody may move."""
TOLERANCE: Final = 0.06
"""Metres by which a body may seem to overlap a surface: rounding, and a client that counts differently."""
SPEED_TOLERANCE: Final = 1.15
"""How much faster than RUN somebody may seem to be, because clocks differ."""


def check(plan: Plan, old: Pose, new: Pose, dt: float) -> Reason | None:
    """Whether a body may go straight from one pose to the other.

    Doors do not count, because they open before one reaches them, and neither do chairs, which give way.
    Whoever already touches something may move along it or away from it.

    Args:
        plan: where.
        old: where the body is.
        new: where it wants to be.
        dt: seconds that it had for this step.

    Returns:
        None if it may, else "too_fast", "wall" (the outside counts as wall) or "furniture".
    """
    p, q = (old.x, old.z), (new.x, new.z)
    if p == q:
        return None
    if math.dist(p, q) > RUN * SPEED_TOLERANCE * dt + 0.02:
        return Reason.TOO_FAST
    if plan.zone_at(*q) is None:
        return Reason.WALL
    obstacles = plan.floor.obstacles
    limit = RADIUS - TOLERANCE
    way = obstacles.clearances(p, q)
    if (way >= limit).all():
        return Reason.FURNITURE if obstacles.in_box(q) else None
    before, after = obstacles.clearances(p, p), obstacles.clearances(q, q)
    stuck = obstacles.in_box(p)
    passed_through = way < np.minimum(before, after) - 0.1
    blocked = (way < limit) & ((after < before - 1e-9) | passed_through)
    if (blocked & obstacles.is_wall).any():
        return Reason.WALL
    if stuck:
        return None
    if (blocked & ~obstacles.is_wall).any() or obstacles.in_box(q):
        return Reason.FURNITURE
    return None
