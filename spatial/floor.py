"""Where on the floor a body has room: obstacles, a grid of free cells, and which of them hang together."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from spatial.furnishing import ROUND, Furniture, Seat, SeatKind, Wall, Zone
from spatial.geometry import (
    Point,
    Points,
    box_corners,
    contains,
    crossings,
    distances,
    inside,
    points,
    sweep_distances,
)

CELL: Final = 0.2
"""Metres from one grid cell to the next."""
SEAT_RADIUS: Final = 0.2
"""A chair takes this much room; walkers are led round it but may push it aside."""

_STEPS: Final = ((-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1))
"""Row and column of the eight neighbours; the diagonal ones need both straight ones beside them free."""


class Obstacles:
    """What bodies cannot pass, as rounded segments: a wall, the rim of a box, or a disc of no length.

    Attributes:
        a, b: (m, 2) ends.
        half: (m,) metres from the middle line to the surface.
        is_wall: (m,) bool.
        boxes: (k, 4, 2) corners of the solid boxes.
    """

    def __init__(self, walls: Sequence[Wall], furniture: Iterable[Furniture]) -> None:
        rows = [(wall.a, wall.b, wall.thickness / 2) for wall in walls]
        boxes: list[Points] = []
        for piece in furniture:
            if not piece.solid:
                continue
            if piece.kind in ROUND:
                middle = (piece.x, piece.z)
                rows.append((middle, middle, piece.width / 2))
                continue
            corners = box_corners(piece.x, piece.z, piece.yaw, piece.width, piece.depth)
            boxes.append(corners)
            ring = [(float(x), float(z)) for x, z in corners]
            rows += [(ring[i], ring[(i + 1) % 4], 0.0) for i in range(4)]
        self.a = points([row[0] for row in rows])
        self.b = points([row[1] for row in rows])
        self.half = np.array([row[2] for row in rows], dtype=np.float64)
        self.is_wall = np.arange(len(rows)) < len(walls)
        self.boxes = np.array(boxes, dtype=np.float64).reshape(-1, 4, 2)

    def clearances(self, p: Point, q: Point) -> NDArray[np.float64]:
        """Metres left between the way p-q and each obstacle's surface, (m,); negative inside a wall."""
        return sweep_distances(p, q, self.a, self.b) - self.half

    def in_box(self, spot: Point) -> bool:
        """Whether a spot lies within a solid box."""
        if not len(self.boxes):
            return False
        edge = np.roll(self.boxes, -1, axis=1) - self.boxes
        offset = np.array(spot) - self.boxes
        side = edge[..., 0] * offset[..., 1] - edge[..., 1] * offset[..., 0]
        return bool(((side >= 0).all(axis=1) | (side <= 0).all(axis=1)).any())

    def through_wall(self, p: Point, q: Point) -> bool:
        """Whether the straight line p-q meets the middle of a wall."""
        walls = self.is_wall
        return bool(crossings(points([p]), points([q]), self.a[walls], self.b[walls]).any())


class Floor:
    """The free cells for bodies of one radius.

    Attributes:
        free: (rows, columns) bool; row by z from the north, column by x from the west.
        region: (rows, columns) int, cells with the same number reach each other; 0 where not free.
        neighbours: for each cell, flattened, the (cell, metres) that one step reaches.
    """

    def __init__(self, obstacles: Obstacles, zones: Sequence[Zone], seats: Sequence[Seat], radius: float) -> None:
        self.obstacles = obstacles
        self.radius = radius
        self._zones = zones
        self._seats = seats
        corners = points([corner for zone in zones for corner in zone.polygon])
        self._low = corners.min(axis=0)
        size = np.ceil((corners.max(axis=0) - self._low) / CELL - 1e-9).astype(int)
        self.columns, self.rows = int(size[0]), int(size[1])
        seated = [seat for seat in seats if seat.kind is not SeatKind.SOFA]
        self._chairs = points([(seat.x, seat.z) for seat in seated])
        self.free = self._free_cells()
        self.neighbours = self._neighbours()
        self.region = self._regions()

    def with_radius(self, radius: float) -> Floor:
        """The same floor for bodies of another size."""
        return Floor(self.obstacles, self._zones, self._seats, radius)

    def cell_of(self, spot: Point) -> tuple[int, int]:
        """Row and column of the cell under a spot, the nearest one for spots outside."""
        column = math.floor((spot[0] - self._low[0]) / CELL)
        row = math.floor((spot[1] - self._low[1]) / CELL)
        return min(max(row, 0), self.rows - 1), min(max(column, 0), self.columns - 1)

    def middle_of(self, row: int, column: int) -> Point:
        """The (x, z) in the middle of a cell."""
        x, z = self._low + (np.array([column, row]) + 0.5) * CELL
        return round(float(x), 3), round(float(z), 3)

    def clear(self, p: Point, q: Point, slack: float = 0.03) -> bool:
        """Whether a body can go straight from p to q without touching anything, chairs included."""
        room = self.radius - slack
        if (self.obstacles.clearances(p, q) < room).any():
            return False
        return not (sweep_distances(p, q, self._chairs, self._chairs) < room + SEAT_RADIUS).any()

    def holds(self, spot: Point) -> bool:
        """Whether a body can stand on a spot."""
        if not any(contains(zone.polygon, *spot) for zone in self._zones):
            return False
        return not self.obstacles.in_box(spot) and self.clear(spot, spot)

    def spots_near(self, spot: Point, reach: float, *, region: int | None = None) -> list[Point]:
        """Free cell middles within `reach` metres and not behind a wall, the nearest first."""
        row, column = self.cell_of(spot)
        span = math.ceil(reach / CELL) + 1
        top, left = max(row - span, 0), max(column - span, 0)
        window = (slice(top, row + span + 1), slice(left, column + span + 1))
        wanted = self.free[window] if region is None else self.region[window] == region
        rows, columns = np.nonzero(wanted)
        middles = self._low + (np.stack([columns + left, rows + top], axis=1) + 0.5) * CELL
        away = np.hypot(*(middles - np.array(spot)).T)
        middles = middles[np.argsort(away, kind="stable")][: int((away <= reach).sum())]
        walls = self.obstacles.is_wall
        here = np.broadcast_to(np.array(spot), middles.shape)
        hidden = crossings(here, middles, self.obstacles.a[walls], self.obstacles.b[walls]).any(axis=1)
        return [(round(float(x), 3), round(float(z), 3)) for x, z in middles[~hidden]]

    def nearest(self, spot: Point, *, region: int | None = None) -> Point | None:
        """The free spot nearest to any point of the plane; one on the same side of the walls if there is."""
        close = self.spots_near(spot, 2.0, region=region)
        if close:
            return close[0]
        rows, columns = np.nonzero(self.free if region is None else self.region == region)
        if not len(rows):
            return None
        middles = self._low + (np.stack([columns, rows], axis=1) + 0.5) * CELL
        best = int(np.argmin(np.hypot(*(middles - np.array(spot)).T)))
        return self.middle_of(int(rows[best]), int(columns[best]))

    def _on_floor(self, spots: Points) -> NDArray[np.bool_]:
        return np.asarray(np.any([inside(spots, points(zone.polygon)) for zone in self._zones], axis=0))

    def _free_cells(self) -> NDArray[np.bool_]:
        x = self._low[0] + (np.arange(self.columns) + 0.5) * CELL
        z = self._low[1] + (np.arange(self.rows) + 0.5) * CELL
        grid = np.stack(np.meshgrid(x, z), axis=-1)
        free = self._on_floor(grid.reshape(-1, 2)).reshape(self.rows, self.columns)
        chairs = np.full(len(self._chairs), SEAT_RADIUS)
        a = np.concatenate([self.obstacles.a, self._chairs])
        b = np.concatenate([self.obstacles.b, self._chairs])
        room = np.concatenate([self.obstacles.half, chairs]) + self.radius
        for i in range(len(a)):
            low = np.minimum(a[i], b[i]) - room[i] - CELL
            high = np.maximum(a[i], b[i]) + room[i] + CELL
            window = np.ix_((z >= low[1]) & (z <= high[1]), (x >= low[0]) & (x <= high[0]))
            near = grid[window]
            away = distances(near.reshape(-1, 2), a[i : i + 1], b[i : i + 1]).reshape(near.shape[:2])
            free[window] &= away >= room[i]
        for box in self.obstacles.boxes:
            low, high = box.min(axis=0), box.max(axis=0)
            window = np.ix_((z >= low[1]) & (z <= high[1]), (x >= low[0]) & (x <= high[0]))
            near = grid[window]
            free[window] &= ~inside(near.reshape(-1, 2), box).reshape(near.shape[:2])
        return free

    def _neighbours(self) -> list[tuple[tuple[int, float], ...]]:
        padded = np.pad(self.free, 1)

        def beside(row: int, column: int) -> NDArray[np.bool_]:
            return padded[1 + row : 1 + row + self.rows, 1 + column : 1 + column + self.columns]

        bits = np.zeros((self.rows, self.columns), dtype=np.int64)
        for bit, (row, column) in enumerate(_STEPS):
            open_way = self.free & beside(row, column) & beside(row, 0) & beside(0, column)
            bits |= open_way.astype(np.int64) << bit
        moves = [
            [
                (row * self.columns + column, CELL * math.hypot(row, column))
                for bit, (row, column) in enumerate(_STEPS)
                if mask >> bit & 1
            ]
            for mask in range(256)
        ]
        return [
            tuple((cell + offset, metres) for offset, metres in moves[mask])
            for cell, mask in enumerate(bits.ravel().tolist())
        ]

    def _regions(self) -> NDArray[np.int64]:
        labels = [0] * (self.rows * self.columns)
        number = 0
        for first in np.flatnonzero(self.free).tolist():
            if labels[first]:
                continue
            number += 1
            labels[first] = number
            waiting = [first]
            while waiting:
                for cell, _ in self.neighbours[waiting.pop()]:
                    if not labels[cell]:
                        labels[cell] = number
                        waiting.append(cell)
        return np.array(labels, dtype=np.int64).reshape(self.rows, self.columns)
