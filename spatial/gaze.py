"""Whom somebody looks at, as far as feet and shoulders tell."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final, TypeVar

from spatial.pose import Pose

REACH: Final = 4.0
"""Metres: farther away one speaks to a room, not to a person."""
CONE: Final = math.radians(25)
"""Radians to each side of straight ahead."""
APART: Final = math.radians(15)
"""Radians that the next one has to be farther aside, or nobody is meant more than the other."""

Id = TypeVar("Id")


def faced(pose: Pose, others: Mapping[Id, Pose]) -> Id | None:
    """The one person somebody looks at; None where that is nobody, or not clear.

    Args:
        pose: of whoever looks.
        others: poses of those who may be looked at.
    """
    aside: list[tuple[float, Id]] = []
    for id, other in others.items():
        dx, dz = other.x - pose.x, other.z - pose.z
        if 0.0 < math.hypot(dx, dz) <= REACH:
            # forward(yaw) is (-sin yaw, -cos yaw)
            turn = math.atan2(-dx, -dz) - pose.yaw
            aside.append((abs(math.remainder(turn, 2 * math.pi)), id))
    aside.sort(key=lambda pair: pair[0])
    if not aside or aside[0][0] > CONE:
        return None
    if len(aside) > 1 and aside[1][0] - aside[0][0] < APART:
        return None
    return aside[0][1]
