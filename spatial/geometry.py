"""Points, segments, boxes and polygons on the floor: numpy arrays of shape (n, 2), columns x and z, metres."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Points = NDArray[np.float64]
Point = tuple[float, float]


def forward(yaw: float) -> Point:
    """The (x, z) direction that `yaw` radians looks along; 0 is north, -z."""
    return -math.sin(yaw), -math.cos(yaw)


def right(yaw: float) -> Point:
    """The (x, z) direction to the right hand of somebody who looks along `yaw`."""
    return math.cos(yaw), -math.sin(yaw)


def points(values: ArrayLike) -> Points:
    """Any list of (x, z) as an (n, 2) array; an empty one too."""
    return np.asarray(values, dtype=np.float64).reshape(-1, 2)


def distances(spots: Points, a: Points, b: Points) -> NDArray[np.float64]:
    """How far each spot is from each segment a-b; a segment of no length is a point.

    Args:
        spots: (n, 2).
        a: (m, 2) first ends.
        b: (m, 2) second ends.

    Returns:
        (n, m) metres.
    """
    along = b - a
    length2 = np.maximum((along**2).sum(axis=1), 1e-12)
    offset = spots[:, None, :] - a[None, :, :]
    share = np.clip((offset * along).sum(axis=2) / length2, 0.0, 1.0)
    gap = offset - share[:, :, None] * along
    return np.asarray(np.hypot(gap[..., 0], gap[..., 1]))


def crossings(p: Points, q: Points, a: Points, b: Points) -> NDArray[np.bool_]:
    """Whether each segment p-q meets each segment a-b; parallel ones never do.

    Args:
        p: (n, 2) first ends of the one kind, q their second ends.
        q: (n, 2).
        a: (m, 2) first ends of the other kind, b their second ends.
        b: (m, 2).

    Returns:
        (n, m) bool.
    """
    d = (q - p)[:, None, :]
    e = (b - a)[None, :, :]
    gap = a[None, :, :] - p[:, None, :]
    cross = d[..., 0] * e[..., 1] - d[..., 1] * e[..., 0]
    parallel = np.abs(cross) < 1e-12
    safe = np.where(parallel, 1.0, cross)
    t = (gap[..., 0] * e[..., 1] - gap[..., 1] * e[..., 0]) / safe
    u = (gap[..., 0] * d[..., 1] - gap[..., 1] * d[..., 0]) / safe
    return np.asarray(~parallel & (t >= 0) & (t <= 1) & (u >= 0) & (u <= 1))


def sweep_distances(p: Point, q: Point, a: Points, b: Points) -> NDArray[np.float64]:
    """The smallest distance between the one segment p-q and each segment a-b, (m,) metres."""
    ends = points([p, q])
    near = distances(ends, a, b).min(axis=0)
    own_p, own_q = ends[:1], ends[1:]
    far = np.minimum(distances(a, own_p, own_q)[:, 0], distances(b, own_p, own_q)[:, 0])
    met = crossings(own_p, own_q, a, b)[0]
    return np.where(met, 0.0, np.minimum(near, far))


def inside(spots: Points, polygon: Points) -> NDArray[np.bool_]:
    """Which spots (n, 2) lie in the polygon (k, 2), by the even-odd rule."""
    x, z = spots[:, 0], spots[:, 1]
    result = np.zeros(len(spots), dtype=np.bool_)
    for (ax, az), (bx, bz) in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        if az == bz:
            continue
        straddles = (az > z) != (bz > z)
        result ^= straddles & (x < ax + (z - az) * (bx - ax) / (bz - az))
    return result


def contains(polygon: Sequence[Point], x: float, z: float) -> bool:
    """Whether one spot lies in a polygon; the quick way for a single spot."""
    result = False
    ax, az = polygon[-1]
    for bx, bz in polygon:
        if (az > z) != (bz > z) and x < ax + (z - az) * (bx - ax) / (bz - az):
            result = not result
        ax, az = bx, bz
    return result


def area(polygon: Sequence[Point]) -> float:
    """Square metres of a simple polygon."""
    total = 0.0
    ax, az = polygon[-1]
    for bx, bz in polygon:
        total += ax * bz - bx * az
        ax, az = bx, bz
    return abs(total) / 2


def middle(polygon: Sequence[Point]) -> Point:
    """A spot in the middle of a simple polygon, within it whatever its shape.

    The centre of gravity; where that lies outside, the middle of the longest run within at the same z.
    """
    doubled, x, z = 0.0, 0.0, 0.0
    ax, az = polygon[-1]
    for bx, bz in polygon:
        part = ax * bz - bx * az
        doubled, x, z = doubled + part, x + (ax + bx) * part, z + (az + bz) * part
        ax, az = bx, bz
    x, z = x / (3 * doubled), z / (3 * doubled)
    if contains(polygon, x, z):
        return x, z
    ends = zip(polygon, [*polygon[1:], polygon[0]], strict=True)
    met = sorted(ax + (bx - ax) * (z - az) / (bz - az) for (ax, az), (bx, bz) in ends if (az > z) != (bz > z))
    first, last = max(zip(met[::2], met[1::2], strict=True), key=lambda run: run[1] - run[0])
    return (first + last) / 2, z


def box_corners(x: float, z: float, yaw: float, width: float, depth: float) -> Points:
    """The four corners (4, 2), in order round the box, of a box turned by `yaw` about its middle."""
    rx, rz = right(yaw)
    fx, fz = forward(yaw)
    return points(
        [
            (x + s * width / 2 * rx + t * depth / 2 * fx, z + s * width / 2 * rz + t * depth / 2 * fz)
            for s, t in ((-1, -1), (1, -1), (1, 1), (-1, 1))
        ]
    )
