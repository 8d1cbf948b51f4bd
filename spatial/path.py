"""Ways round walls and furniture: A* over the plan's grid, then pulled straight."""

from __future__ import annotations

import math
from heapq import heappop, heappush

from spatial.floor import CELL, Floor
from spatial.geometry import Point
from spatial.plan import BODY_RADIUS, Plan

_DIAGONAL = math.sqrt(2) - 1


def find_path(plan: Plan, start: Point, goal: Point, radius: float = BODY_RADIUS) -> list[Point] | None:
    """A short way on foot, doors counted as open.

    Args:
        plan: where.
        start: (x, z), metres; in a seat or against furniture it begins at the nearest free spot.
        goal: (x, z); if there is no room to stand, the way ends at the nearest free spot.
        radius: of the body; anything but the plan's own BODY_RADIUS builds a new grid and is slow.

    Returns:
        The corners of the way, start and end included, or None where there is none.
    """
    floor = plan.floor if radius == plan.floor.radius else plan.floor.with_radius(radius)
    first = start if _stands(floor, start) else floor.nearest(start)
    if first is None:
        return None
    region = int(floor.region[floor.cell_of(first)])
    last = goal if _stands(floor, goal, region) else floor.nearest(goal, region=region)
    if last is None:
        return None
    if plan.zone_at(*goal) is not None and math.dist(goal, last) > 2.0:
        return None
    if floor.clear(first, last):
        corners = [first, last]
    else:
        cells = _search(floor, floor.cell_of(first), floor.cell_of(last))
        middles = [floor.middle_of(*divmod(cell, floor.columns)) for cell in cells]
        corners = _pull(floor, [first, *middles[1:-1], last])
    return corners if first == start else [start, *corners]


def _stands(floor: Floor, spot: Point, region: int | None = None) -> bool:
    """Whether somebody can stand on the spot, in a free cell (of that region)."""
    here = int(floor.region[floor.cell_of(spot)])
    return here != 0 and (region is None or here == region) and floor.holds(spot)


def _search(floor: Floor, start: tuple[int, int], goal: tuple[int, int]) -> list[int]:
    """The cells of a shortest way between two cells of one region."""
    columns = floor.columns
    first, last = start[0] * columns + start[1], goal[0] * columns + goal[1]
    goal_row, goal_column = goal
    best = {first: 0.0}
    came: dict[int, int] = {}
    done: set[int] = set()
    waiting = [(0.0, first)]
    while waiting:
        _, cell = heappop(waiting)
        if cell == last:
            break
        if cell in done:
            continue
        done.add(cell)
        walked = best[cell]
        for beside, step in floor.neighbours[cell]:
            so_far = walked + step
            if so_far < best.get(beside, math.inf):
                best[beside] = so_far
                came[beside] = cell
                rows = abs(beside // columns - goal_row)
                across = abs(beside % columns - goal_column)
                short, long = (rows, across) if rows < across else (across, rows)
                heappush(waiting, (so_far + CELL * (long + _DIAGONAL * short), beside))
    cells = [last]
    while cells[-1] != first:
        cells.append(came[cells[-1]])
    return cells[::-1]


def _pull(floor: Floor, way: list[Point]) -> list[Point]:
    """The way with every corner left out that a straight walk does not need."""
    kept = [way[0]]
    at = 0
    while at < len(way) - 1:
        step = 1
        while at + 2 * step < len(way) and floor.clear(way[at], way[at + 2 * step]):
            step *= 2
        low, high = at + step, min(at + 2 * step, len(way) - 1)
        while low < high:
            middle = (low + high + 1) // 2
            if floor.clear(way[at], way[middle]):
                low = middle
            else:
                high = middle - 1
        at = low
        kept.append(way[at])
    return kept
