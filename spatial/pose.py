"""Where somebody stands and looks, how they move, and both in eight bytes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

YAW_STEPS: Final = 256
WAVING: Final = 0x10
"""Bit of `motion` that is set while a hand is waved; the low four bits are a `Motion`."""
LIMIT: Final = 327.0
"""Metres from the origin that still fit on the wire."""

QPOSE: Final = np.dtype([("slot", "<u2"), ("x", "<i2"), ("z", "<i2"), ("yaw", "u1"), ("motion", "u1")])
"""A pose on the wire, 8 bytes: slot, x and z in centimetres, yaw in 256 steps, motion."""

QPoses = NDArray[np.void]


class Motion(IntEnum):
    """What the legs do."""

    IDLE = 0
    WALK = 1
    RUN = 2
    SIT = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """A place on the floor in metres (x east, z south) and a heading in radians (0 north, then to the left)."""

    x: float
    z: float
    yaw: float


def quantise(pose: Pose) -> Pose:
    """The pose rounded to what the wire can say; quantising again changes nothing.

    Raises:
        ValueError: a coordinate is not a number or lies outside +-327 m.
    """
    if not (math.isfinite(pose.yaw) and abs(pose.x) <= LIMIT and abs(pose.z) <= LIMIT):
        raise ValueError(f"a pose must be finite and within {LIMIT:.0f} m of the origin")
    x, z, yaw = steps(pose)
    return Pose(x=x / 100, z=z / 100, yaw=yaw * math.tau / YAW_STEPS)


def steps(pose: Pose) -> tuple[int, int, int]:
    """x and z in centimetres, yaw in 256 steps: the integers that stand on the wire."""
    return round(pose.x * 100), round(pose.z * 100), round(pose.yaw * YAW_STEPS / math.tau) % YAW_STEPS


def from_steps(x: int, z: int, yaw: int) -> Pose:
    """The pose that `steps` made these integers from."""
    return Pose(x=x / 100, z=z / 100, yaw=yaw * math.tau / YAW_STEPS)
