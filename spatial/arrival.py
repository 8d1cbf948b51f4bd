"""Where somebody can be put: on free floor, and at arm's length from the others."""

from __future__ import annotations

from typing import Final

import numpy as np

from spatial.floor import Floor
from spatial.geometry import Point, Points
from spatial.plan import Plan
from spatial.pose import Pose, quantise

BESIDE: Final = 2.0
"""Metres from the pose that was asked for within which another spot will do."""
ROUND_THE_DOOR: Final = (0.0, 1.5, 5.0)
"""Metres from the spawn points, tried one after the other."""


def spot_near(floor: Floor, spot: Point, reach: float, others: Points, elbow_room: float) -> Point | None:
    """The spot itself if one can stand there, else the nearest such within reach.

    Args:
        floor: where a body has room.
        spot: wished for.
        reach: metres; 0 takes this spot or none.
        others: (n, 2) where others are.
        elbow_room: metres to keep from each of them.
    """

    def lonely(at: Point) -> bool:
        return not len(others) or bool(np.hypot(*(others - np.array(at)).T).min() >= elbow_room)

    if floor.holds(spot) and lonely(spot):
        return spot
    if reach == 0:
        return None
    return next((free for free in floor.spots_near(spot, reach) if lonely(free)), None)


def arrival(plan: Plan, wanted: Pose | None, others: Points, elbow_room: float) -> Pose | None:
    """Where somebody may appear: the wanted pose, near it, or at a spawn point or near one.

    Args:
        plan: of the room.
        wanted: where they would like to be, if anywhere.
        others: (n, 2) where others are.
        elbow_room: metres to keep from each of them.
    """
    if wanted is not None:
        wanted = quantise(wanted)
        spot = spot_near(plan.floor, (wanted.x, wanted.z), BESIDE, others, elbow_room)
        if spot is not None:
            return quantise(Pose(x=spot[0], z=spot[1], yaw=wanted.yaw))
    for reach in ROUND_THE_DOOR:
        for spawn in plan.spawn_points:
            spot = spot_near(plan.floor, (spawn.x, spawn.z), reach, others, elbow_room)
            if spot is not None:
                return quantise(Pose(x=spot[0], z=spot[1], yaw=spawn.yaw))
    return None
