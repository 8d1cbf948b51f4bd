/** Where shared screens hang: places on the walls of a zone, the best first. Pure. */

import { insidePolygon, type PlanJson, type PlanWall, type PlanZone, type Point, polygonCentre, wallSpans, zoneAt } from "./plan";

/** A rectangle that faces forward(yaw), with its middle at (x, y, z); metres and radians. */
export interface Place {
  x: number;
  y: number;
  z: number;
  yaw: number;
  width: number;
  height: number;
  /** It hangs before a screen that the plan has, which brings its own frame. */
  framed: boolean;
  /** There is no wall: it stands on two feet. */
  standing: boolean;
}

const MIDDLE = 1.6;
const WIDEST = 2.9;
const NARROWEST = 1.3;
const RATIO = 16 / 9;
/** How far the picture is from the middle of its wall, beside half of the wall. */
const OFF_WALL = 0.05;
/** Things as near to a wall as this, and as high, leave no room on it. */
const NEAR_WALL = 0.6;
const IN_THE_WAY = 1.15;
const STEP = 0.1;

/** At least one place for any zone; screens of the plan come first, then the longest free stretches of wall. */
export function placesIn(plan: PlanJson, zone: PlanZone): Place[] {
  const own = plan.furniture
    .filter((f) => f.kind === "screen" && zoneAt(plan, f.x - Math.sin(f.yaw) * 0.3, f.z - Math.cos(f.yaw) * 0.3)?.id === zone.id)
    .sort((a, b) => b.width - a.width)
    .map((f): Place => {
      const off = f.depth * 0.35 + 0.012;
      return {
        x: f.x - Math.sin(f.yaw) * off,
        y: zone.floor_height + (f.elevation ?? 0) + f.height / 2,
        z: f.z - Math.cos(f.yaw) * off,
        yaw: f.yaw,
        width: f.width - 0.07,
        height: f.height - 0.07,
        framed: true,
        standing: false,
      };
    });
  const walls = plan.walls
    .flatMap((wall) => [1, -1].flatMap((side) => stretches(plan, zone, wall, side)))
    .sort((a, b) => b.worth - a.worth)
    .map(({ place }) => place);
  const places = [...own, ...walls];
  return places.length > 0 ? places : [standing(zone)];
}

interface Stretch {
  place: Place;
  worth: number;
}

/** The free stretches of a wall that border the zone on this side, each with a place in its middle. */
function stretches(plan: PlanJson, zone: PlanZone, wall: PlanWall, side: number): Stretch[] {
  if (wall.material === "low") return [];
  const [dx, dz] = [wall.b[0] - wall.a[0], wall.b[1] - wall.a[1]];
  const length = Math.hypot(dx, dz);
  const [ux, uz] = [dx / length, dz / length];
  // Into the zone, across the wall.
  const [nx, nz] = [-uz * side, ux * side];
  const at = (along: number, off: number): Point => [wall.a[0] + ux * along + nx * off, wall.a[1] + uz * along + nz * off];
  const spans = wallSpans(wall, plan.doors);
  const free = (along: number): boolean =>
    spans.some(({ from, to }) => along >= from + 0.15 && along <= to - 0.15) &&
    zoneAt(plan, ...at(along, wall.thickness / 2 + 0.3))?.id === zone.id &&
    !taken(plan, at(along, wall.thickness / 2), [nx, nz]);
  const out: Stretch[] = [];
  let start: number | null = null;
  for (let along = 0; along <= length + STEP; along += STEP) {
    if (along <= length && free(along)) start ??= along;
    else if (start !== null) {
      const long = along - STEP - start;
      const width = Math.min(WIDEST, long - 0.3);
      if (width >= NARROWEST) {
        const [x, z] = at(start + long / 2, wall.thickness / 2 + OFF_WALL);
        const place = { x, y: zone.floor_height + MIDDLE, z, yaw: Math.atan2(-nx, -nz), width, height: width / RATIO, framed: false, standing: false };
        out.push({ place, worth: Math.min(long, 6) * (wall.material === "glass" ? 0.5 : wall.windows === true ? 0.7 : 1) });
      }
      start = null;
    }
  }
  return out;
}

/** Whether the board, a whiteboard, a screen or a high shelf is at this spot of a wall that looks along `normal`. */
function taken(plan: PlanJson, spot: Point, normal: Point): boolean {
  const { board } = plan;
  const before = (x: number, z: number, yaw: number, width: number, depth: number): boolean => {
    const [px, pz] = [x - spot[0], z - spot[1]];
    const off = px * normal[0] + pz * normal[1];
    const along = Math.abs(-px * normal[1] + pz * normal[0]);
    const [c, s] = [Math.abs(-Math.sin(yaw) * normal[0] - Math.cos(yaw) * normal[1]), Math.abs(Math.cos(yaw) * normal[0] - Math.sin(yaw) * normal[1])];
    const [reach, half] = [(depth * c + width * s) / 2, (width * c + depth * s) / 2];
    return off > -0.1 && off - reach < NEAR_WALL && along < half + 0.1;
  };
  if (board != null && before(board.x, board.z, board.yaw, board.width, 0.1)) return true;
  return plan.furniture.some((f) => f.kind !== "plant" && f.kind !== "lamp" && f.height + (f.elevation ?? 0) > IN_THE_WAY && before(f.x, f.z, f.yaw, f.width, f.depth));
}

/** At the longest side of a zone without walls, with its face to the middle. */
function standing(zone: PlanZone): Place {
  const sides = zone.polygon.map((b, i) => [zone.polygon.at(i - 1)!, b] as const);
  const long = ([a, b]: readonly [Point, Point]): number => Math.hypot(b[0] - a[0], b[1] - a[1]);
  const [a, b] = sides.reduce((best, side) => (long(side) > long(best) ? side : best));
  const [cx, cz] = polygonCentre(zone.polygon);
  const [mx, mz] = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
  let [nx, nz] = [-(b[1] - a[1]) / long([a, b]), (b[0] - a[0]) / long([a, b])];
  if (!insidePolygon(zone.polygon, mx + nx * 0.2, mz + nz * 0.2) && (cx - mx) * nx + (cz - mz) * nz < 0) [nx, nz] = [-nx, -nz];
  const width = Math.min(WIDEST, Math.max(NARROWEST, long([a, b]) - 0.4));
  return { x: mx + nx * 0.25, y: zone.floor_height + MIDDLE, z: mz + nz * 0.25, yaw: Math.atan2(-nx, -nz), width, height: width / RATIO, framed: false, standing: true };
}
