/** The floor plan as the office sends it (`/v1/rooms/{room}/plan`), in metres and radians. No three, no DOM. */

export type Point = readonly [x: number, z: number];

export interface PlanWall {
  id: string;
  a: Point;
  b: Point;
  height: number;
  thickness: number;
  material: "plaster" | "glass" | "low";
  windows?: boolean;
}
export interface PlanDoor {
  id: string;
  a: Point;
  b: Point;
  zone: string;
  name: string;
  hinge: "a" | "b";
}
export interface PlanSeat {
  id: string;
  x: number;
  z: number;
  yaw: number;
  height: number;
  kind: "chair" | "sofa" | "stool";
}
export interface PlanFurniture {
  id: string;
  kind: string;
  x: number;
  z: number;
  yaw: number;
  width: number;
  depth: number;
  height: number;
  solid: boolean;
  material?: string;
  zone?: string;
  /** Height of its foot above the floor. */
  elevation?: number;
}
export interface PlanZone {
  id: string;
  name: string;
  kind: "open" | "meeting" | "lounge" | "stage" | "reception";
  polygon: readonly Point[];
  floor: "oak" | "carpet" | "stone" | "tile";
  enclosed: boolean;
  capacity: number;
  floor_height: number;
  accent?: string;
  /** How people in it hear each other and are heard; without it, as in the open (a meeting zone: conference). */
  sound?: "spatial" | "conference" | "private" | "stage";
}
export interface PlanSpawn {
  id: string;
  x: number;
  z: number;
  yaw: number;
}
export interface PlanHome {
  persona: string;
  x: number;
  z: number;
  yaw: number;
}
export interface PlanBoard {
  x: number;
  z: number;
  yaw: number;
  width: number;
  height: number;
}
export interface PlanJson {
  id?: string;
  name?: string;
  walls: readonly PlanWall[];
  doors: readonly PlanDoor[];
  seats: readonly PlanSeat[];
  furniture: readonly PlanFurniture[];
  zones: readonly PlanZone[];
  spawn_points: readonly PlanSpawn[];
  avatar_homes?: readonly PlanHome[];
  board?: PlanBoard | null;
}

export interface Box {
  minX: number;
  minZ: number;
  maxX: number;
  maxZ: number;
}

/** The rectangle around every wall and zone. */
export function bounds(plan: PlanJson): Box {
  const box: Box = { minX: Infinity, minZ: Infinity, maxX: -Infinity, maxZ: -Infinity };
  const take = ([x, z]: Point): void => {
    box.minX = Math.min(box.minX, x);
    box.maxX = Math.max(box.maxX, x);
    box.minZ = Math.min(box.minZ, z);
    box.maxZ = Math.max(box.maxZ, z);
  };
  for (const wall of plan.walls) {
    take(wall.a);
    take(wall.b);
  }
  for (const zone of plan.zones) zone.polygon.forEach(take);
  if (!Number.isFinite(box.minX)) return { minX: -1, minZ: -1, maxX: 1, maxZ: 1 };
  return box;
}

export function insidePolygon(polygon: readonly Point[], x: number, z: number): boolean {
  let inside = false;
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
    const [xi, zi] = polygon[i]!;
    const [xj, zj] = polygon[j]!;
    if (zi > z !== zj > z && x < ((xj - xi) * (z - zi)) / (zj - zi) + xi) inside = !inside;
  }
  return inside;
}

/** The zone at a spot; an enclosed or smaller zone wins over the one it lies in. */
export function zoneAt(plan: PlanJson, x: number, z: number): PlanZone | null {
  let best: PlanZone | null = null;
  let bestArea = Infinity;
  for (const zone of plan.zones) {
    if (!insidePolygon(zone.polygon, x, z)) continue;
    const area = Math.abs(polygonArea(zone.polygon));
    if (area < bestArea) {
      best = zone;
      bestArea = area;
    }
  }
  return best;
}

export function polygonArea(polygon: readonly Point[]): number {
  let sum = 0;
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
    sum += polygon[j]![0] * polygon[i]![1] - polygon[i]![0] * polygon[j]![1];
  }
  return sum / 2;
}

/** A spot in the middle of a simple polygon, within it whatever its shape; the office reckons it alike. */
export function polygonCentre(polygon: readonly Point[]): Point {
  const sides = polygon.map((b, i) => [polygon.at(i - 1)!, b] as const);
  let [doubled, x, z] = [0, 0, 0];
  for (const [a, b] of sides) {
    const part = a[0] * b[1] - b[0] * a[1];
    doubled += part;
    x += (a[0] + b[0]) * part;
    z += (a[1] + b[1]) * part;
  }
  x /= 3 * doubled;
  z /= 3 * doubled;
  if (insidePolygon(polygon, x, z)) return [x, z];
  const met = sides
    .filter(([a, b]) => a[1] > z !== b[1] > z)
    .map(([a, b]) => a[0] + ((b[0] - a[0]) * (z - a[1])) / (b[1] - a[1]))
    .sort((one, other) => one - other);
  let widest: Point = [met[0]!, met[1]!];
  for (let i = 2; i + 1 < met.length; i += 2) {
    if (met[i + 1]! - met[i]! > widest[1] - widest[0]) widest = [met[i]!, met[i + 1]!];
  }
  return [(widest[0] + widest[1]) / 2, z];
}

/** Height of the floor at a spot (the stage is raised). */
export function floorAt(plan: PlanJson, x: number, z: number): number {
  return zoneAt(plan, x, z)?.floor_height ?? 0;
}

export interface Span {
  from: number;
  to: number;
}

/** The parts of a wall that are left beside its doors, in metres from `a`. */
export function wallSpans(wall: PlanWall, doors: readonly PlanDoor[]): Span[] {
  const dx = wall.b[0] - wall.a[0];
  const dz = wall.b[1] - wall.a[1];
  const length = Math.hypot(dx, dz);
  if (length < 1e-6) return [];
  const ux = dx / length;
  const uz = dz / length;
  let spans: Span[] = [{ from: 0, to: length }];
  for (const door of doors) {
    const along: number[] = [];
    let off = 0;
    for (const p of [door.a, door.b]) {
      const px = p[0] - wall.a[0];
      const pz = p[1] - wall.a[1];
      along.push(px * ux + pz * uz);
      off = Math.max(off, Math.abs(-px * uz + pz * ux));
    }
    if (off > Math.max(0.12, wall.thickness)) continue;
    const lo = Math.min(along[0]!, along[1]!);
    const hi = Math.max(along[0]!, along[1]!);
    spans = spans.flatMap((s) => {
      if (hi <= s.from + 0.01 || lo >= s.to - 0.01) return [s];
      const out: Span[] = [];
      if (lo > s.from + 0.02) out.push({ from: s.from, to: lo });
      if (hi < s.to - 0.02) out.push({ from: hi, to: s.to });
      return out;
    });
  }
  return spans;
}
