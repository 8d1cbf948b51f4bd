"""The shipped office is a place that one can walk, sit and meet in."""

from __future__ import annotations

import math
from itertools import combinations, pairwise

import numpy as np

from spatial import movement
from spatial.floor import SEAT_RADIUS
from spatial.furnishing import Furniture, SeatKind, Wall
from spatial.geometry import (
    Point,
    Points,
    area,
    box_corners,
    contains,
    distances,
    forward,
    inside,
    middle,
    points,
)
from spatial.path import find_path
from spatial.plan import REACH, Plan, ZoneKind, ZoneSound
from spatial.pose import Pose
from spatial.soundscape import BORDER

TOUCH = 0.03


def outline(piece: Furniture) -> Points:
    return box_corners(piece.x, piece.z, piece.yaw, piece.width - TOUCH, piece.depth - TOUCH)


def wall_box(wall: Wall) -> Points:
    (ax, az), (bx, bz) = wall.a, wall.b
    yaw = math.atan2(-(bz - az), bx - ax)
    return box_corners((ax + bx) / 2, (az + bz) / 2, yaw, math.dist(wall.a, wall.b), wall.thickness - TOUCH)


def overlap(one: Points, two: Points) -> bool:
    """Whether two convex boxes share ground: no side of either parts them."""
    for corners in (one, two):
        for edge in np.roll(corners, -1, axis=0) - corners:
            axis = np.array([-edge[1], edge[0]])
            low, high = one @ axis, two @ axis
            if low.max() <= high.min() or high.max() <= low.min():
                return False
    return True


def test_it_has_all_that_an_office_needs(hq: Plan) -> None:
    kinds = [zone.kind for zone in hq.zones]
    assert set(kinds) == set(ZoneKind)
    closed = [zone for zone in hq.zones if zone.enclosed]
    assert [zone.kind for zone in closed] == [ZoneKind.MEETING, ZoneKind.MEETING]
    for zone in closed:
        assert any(door.zone == zone.id for door in hq.doors)
        seats = [seat for seat in hq.seats if contains(zone.polygon, seat.x, seat.z)]
        assert 4 <= len(seats) <= zone.capacity
    assert sum(piece.id.startswith("desk-pod") for piece in hq.furniture) == 12
    assert len(hq.spawn_points) >= 8
    assert hq.home("ada") is not None
    assert all(zone.accent for zone in hq.zones)


def test_zones_cover_the_floor_without_overlap(hq: Plan) -> None:
    assert math.isclose(sum(area(zone.polygon) for zone in hq.zones), hq.width * hq.depth)
    x = np.arange(-hq.width / 2 + 0.05, hq.width / 2, 0.23)
    z = np.arange(-hq.depth / 2 + 0.05, hq.depth / 2, 0.23)
    spots = np.stack(np.meshgrid(x, z), axis=-1).reshape(-1, 2)
    covered = sum(inside(spots, points(zone.polygon)).astype(int) for zone in hq.zones)
    assert np.all(covered == 1)


def test_the_middle_of_every_zone_is_in_it(hq: Plan) -> None:
    for zone in hq.zones:
        assert hq.zone_at(*middle(zone.polygon)) == zone


def test_meeting_rooms_stage_and_tables_have_their_sound(hq: Plan) -> None:
    assert {zone.id: zone.sound for zone in hq.zones if zone.sound is not ZoneSound.SPATIAL} == {
        "birch": ZoneSound.CONFERENCE,
        "cedar": ZoneSound.CONFERENCE,
        "alder": ZoneSound.PRIVATE,
        "nook": ZoneSound.PRIVATE,
        "stage": ZoneSound.STAGE,
    }


def test_who_sits_at_a_private_table_is_well_within_it_and_who_sits_elsewhere_is_not(hq: Plan) -> None:
    for zone in hq.zones:
        if zone.sound is not ZoneSound.PRIVATE:
            continue
        corners = points(zone.polygon)
        seats = points([(seat.x, seat.z) for seat in hq.seats])
        gaps = distances(seats, corners, np.roll(corners, -1, axis=0)).min(axis=1)
        within = inside(seats, corners)
        assert 4 <= within.sum() <= zone.capacity, zone.id
        assert gaps.min() > BORDER, zone.id


def test_furniture_overlaps_neither_furniture_nor_walls(hq: Plan) -> None:
    standing = [piece for piece in hq.furniture if piece.solid and not piece.elevation]
    boxes = {piece.id: outline(piece) for piece in standing}
    walls = {wall.id: wall_box(wall) for wall in hq.walls}
    clashes = [(a, b) for a, b in combinations(boxes, 2) if overlap(boxes[a], boxes[b])]
    clashes += [(a, b) for a, box in boxes.items() for b, wall in walls.items() if overlap(box, wall)]
    assert clashes == []


def test_chairs_stand_free_and_sofa_seats_on_furniture(hq: Plan) -> None:
    for seat in hq.seats:
        spot = (seat.x, seat.z)
        clearance = float(hq.floor.obstacles.clearances(spot, spot).min())
        on = hq.floor.obstacles.in_box(spot)
        assert on == (seat.kind is SeatKind.SOFA), seat.id
        assert on or clearance >= SEAT_RADIUS - 0.06, seat.id
    chairs = points([(seat.x, seat.z) for seat in hq.seats])
    gaps = distances(chairs, chairs, chairs) + 10 * np.eye(len(chairs))
    assert gaps.min() > 0.7


def test_chairs_at_tables_face_them(hq: Plan) -> None:
    tables = [piece for piece in hq.furniture if piece.kind in ("desk", "table", "round_table")]
    for seat in hq.seats:
        if seat.kind is SeatKind.SOFA or seat.id.startswith(("forum", "stool-stage", "chair-reception")):
            continue
        dx, dz = forward(seat.yaw)
        ahead = (seat.x + 0.6 * dx, seat.z + 0.6 * dz)
        assert any(inside(points([ahead]), box_corners_of(piece))[0] for piece in tables), seat.id


def box_corners_of(piece: Furniture) -> Points:
    return box_corners(piece.x, piece.z, piece.yaw, piece.width, piece.depth)


def test_nothing_stands_in_a_doorway(hq: Plan) -> None:
    for door in hq.doors:
        for piece in hq.furniture:
            if piece.solid:
                corners = np.concatenate([box_corners_of(piece), points([(piece.x, piece.z)])])
                assert distances(corners, points([door.a]), points([door.b])).min() > 1.0, (door.id, piece.id)


def length_of(way: list[Point]) -> float:
    return sum(math.dist(a, b) for a, b in pairwise(way))


def test_every_spawn_point_reaches_every_seat_zone_and_home(hq: Plan) -> None:
    first, *others = hq.spawn_points
    start = (first.x, first.z)
    for seat in hq.seats:
        way = find_path(hq, start, (seat.x, seat.z))
        assert way is not None, seat.id
        assert math.dist(way[-1], (seat.x, seat.z)) < REACH, seat.id
        assert not hq.floor.obstacles.through_wall(way[-1], (seat.x, seat.z)), seat.id
    goals = [(home.x, home.z) for home in hq.avatar_homes] + [(spawn.x, spawn.z) for spawn in others]
    goals += [(zone.polygon[0][0] + 4.0, zone.polygon[0][1] + 1.9) for zone in hq.zones]
    for goal in goals:
        way = find_path(hq, start, goal)
        assert way is not None, goal
        end = hq.zone_at(*way[-1])
        assert end == hq.zone_at(*goal)
        assert length_of(way) < 60


def test_aisles_are_wide_enough_for_two_to_pass(hq: Plan) -> None:
    wide = hq.floor.with_radius(0.6)
    spawn = hq.spawn_points[0]
    main = wide.region[wide.cell_of((spawn.x, spawn.z))]
    assert main > 0
    rows, columns = np.nonzero(wide.region == main)
    spots = points(
        [wide.middle_of(row, column) for row, column in zip(rows.tolist(), columns.tolist(), strict=True)]
    )
    for zone in hq.zones:
        if not zone.enclosed:
            square_metres = inside(spots, points(zone.polygon)).sum() * 0.2**2
            assert square_metres > 0.15 * area(zone.polygon), zone.id


def test_ada_hears_the_desks_and_the_reception(hq: Plan) -> None:
    home = hq.home("ada")
    assert home is not None
    for seat in hq.seats:
        if seat.id.startswith(("chair-pod", "chair-team", "chair-reception")):
            assert math.dist((home.x, home.z), (seat.x, seat.z)) < 10, seat.id


def test_every_way_is_one_that_movement_allows(hq: Plan) -> None:
    spots = [(spawn.x, spawn.z) for spawn in hq.spawn_points[:1]]
    spots += [(-15.0, -10.0), (-9.0, -1.0), (-15.5, 6.5), (15.0, -10.0), (15.0, 9.9), (9.9, 10.2), (6.7, 7.4)]
    for start, goal in combinations(spots, 2):
        way = find_path(hq, start, goal)
        assert way is not None
        here = Pose(x=way[0][0], z=way[0][1], yaw=0)
        for a, b in pairwise(way):
            steps = max(1, math.ceil(math.dist(a, b) / 0.15))
            for step in range(1, steps + 1):
                share = step / steps
                x, z = a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share
                there = Pose(x=round(x, 2), z=round(z, 2), yaw=0)
                assert movement.check(hq, here, there, 0.1) is None, (start, goal, there)
                here = there
