/**
 * Where the person stands next: prediction of the server's movement rules, so that walking feels immediate.
 *
 * Pure: no DOM, no three. The server decides; `correct` takes its word.
 */
import type { PlanJson, Point } from "../scene/plan";
import { wallSpans, zoneAt } from "../scene/plan";

export const RADIUS = 0.3;
export const WALK_SPEED = 1.6;
export const RUN_SPEED = 3.6;
export const TURN_SPEED = 2.4;
/** Stay this far off obstacles beyond the radius, so that rounding to centimetres never lands inside one. */
const SKIN = 0.015;
const MAX_STEP = 0.08;

export interface Pose {
  x: number;
  z: number;
  yaw: number;
}
export interface Intent {
  /** -1 back to 1 forward, as the camera looks. */
  forward: number;
  /** -1 left to 1 right. */
  right: number;
  /** -1 to 1, positive turns left (counter-clockwise from above). */
  turn: number;
  run: boolean;
}
export interface Walk extends Pose {
  /** 0 idle, 1 walk, 2 run. */
  motion: number;
}

interface SolidWall {
  a: Point;
  b: Point;
  reach: number;
}
/** Furniture that is round: a disc as wide as the piece. The server holds the same list. */
const ROUND: ReadonlySet<string> = new Set(["round_table", "plant", "lamp"]);

interface SolidBox {
  x: number;
  z: number;
  cos: number;
  sin: number;
  halfWidth: number;
  halfDepth: number;
}

/** The walls and furniture one cannot walk through. */
export class Obstacles {
  readonly walls: SolidWall[] = [];
  readonly boxes: SolidBox[] = [];

  constructor(plan: PlanJson) {
    for (const wall of plan.walls) {
      const length = Math.hypot(wall.b[0] - wall.a[0], wall.b[1] - wall.a[1]);
      if (length < 1e-6) continue;
      const at = (d: number): Point => [
        wall.a[0] + ((wall.b[0] - wall.a[0]) * d) / length,
        wall.a[1] + ((wall.b[1] - wall.a[1]) * d) / length,
      ];
      for (const span of wallSpans(wall, plan.doors)) {
        this.walls.push({ a: at(span.from), b: at(span.to), reach: wall.thickness / 2 });
      }
    }
    // Nobody leaves the office: a door that leads outside is as good as a wall.
    for (const door of plan.doors) {
      const [dx, dz] = [door.b[0] - door.a[0], door.b[1] - door.a[1]];
      const length = Math.hypot(dx, dz) || 1;
      const [mx, mz] = [(door.a[0] + door.b[0]) / 2, (door.a[1] + door.b[1]) / 2];
      const outside = plan.zones.length > 0 && [-0.5, 0.5].some((d) => zoneAt(plan, mx - (dz / length) * d, mz + (dx / length) * d) === null);
      if (outside) this.walls.push({ a: door.a, b: door.b, reach: 0.02 });
    }
    for (const f of plan.furniture) {
      if (!f.solid) continue;
      if (ROUND.has(f.kind)) {
        this.walls.push({ a: [f.x, f.z], b: [f.x, f.z], reach: f.width / 2 });
        continue;
      }
      this.boxes.push({
        x: f.x,
        z: f.z,
        cos: Math.cos(f.yaw),
        sin: Math.sin(f.yaw),
        halfWidth: f.width / 2,
        halfDepth: f.depth / 2,
      });
    }
  }

  /** The nearest spot outside all obstacles, or as near as a few pushes get. */
  push(x: number, z: number, radius: number): [number, number] {
    for (let pass = 0; pass < 6; pass++) {
      let moved = false;
      for (const wall of this.walls) {
        const out = pushFromSegment(wall, x, z, radius + wall.reach);
        if (out !== null) {
          [x, z] = out;
          moved = true;
        }
      }
      for (const box of this.boxes) {
        const out = pushFromBox(box, x, z, radius);
        if (out !== null) {
          [x, z] = out;
          moved = true;
        }
      }
      if (!moved) break;
    }
    return [x, z];
  }

  blocked(x: number, z: number, radius: number): boolean {
    return (
      this.walls.some((w) => pushFromSegment(w, x, z, radius + w.reach) !== null) ||
      this.boxes.some((b) => pushFromBox(b, x, z, radius) !== null)
    );
  }
}

function pushFromSegment(wall: SolidWall, x: number, z: number, keep: number): [number, number] | null {
  const dx = wall.b[0] - wall.a[0];
  const dz = wall.b[1] - wall.a[1];
  const square = dx * dx + dz * dz;
  const t = square < 1e-12 ? 0 : Math.max(0, Math.min(1, ((x - wall.a[0]) * dx + (z - wall.a[1]) * dz) / square));
  const nearX = wall.a[0] + t * dx;
  const nearZ = wall.a[1] + t * dz;
  let offX = x - nearX;
  let offZ = z - nearZ;
  let distance = Math.hypot(offX, offZ);
  if (distance >= keep - 1e-9) return null;
  if (distance < 1e-6) {
    offX = -dz;
    offZ = square < 1e-12 ? 1 : dx;
    distance = Math.hypot(offX, offZ);
  }
  return [nearX + (offX / distance) * keep, nearZ + (offZ / distance) * keep];
}

function pushFromBox(box: SolidBox, x: number, z: number, keep: number): [number, number] | null {
  // Into the box's own axes: three's rotation.y turns (1, 0, 0) to (cos, 0, -sin).
  const relX = x - box.x;
  const relZ = z - box.z;
  const u = relX * box.cos - relZ * box.sin;
  const v = relX * box.sin + relZ * box.cos;
  const nearU = Math.max(-box.halfWidth, Math.min(box.halfWidth, u));
  const nearV = Math.max(-box.halfDepth, Math.min(box.halfDepth, v));
  const distance = Math.hypot(u - nearU, v - nearV);
  if (distance >= keep - 1e-9) return null;
  let outU: number;
  let outV: number;
  if (distance > 1e-6) {
    outU = nearU + ((u - nearU) / distance) * keep;
    outV = nearV + ((v - nearV) / distance) * keep;
  } else {
    const sideU = box.halfWidth - Math.abs(u);
    const sideV = box.halfDepth - Math.abs(v);
    outU = sideU < sideV ? Math.sign(u || 1) * (box.halfWidth + keep) : u;
    outV = sideU < sideV ? v : Math.sign(v || 1) * (box.halfDepth + keep);
  }
  return [box.x + outU * box.cos + outV * box.sin, box.z - outU * box.sin + outV * box.cos];
}

/** The person at the keyboard: walks by intent or along a path, slides along walls. */
export class Walker {
  pose: Pose = { x: 0, z: 0, yaw: 0 };
  private readonly obstacles: Obstacles;
  private path: Point[] = [];
  private pathRun = false;
  private stuck = 0;

  constructor(plan: PlanJson) {
    this.obstacles = new Obstacles(plan);
  }

  get following(): boolean {
    return this.path.length > 0;
  }

  /** Walk along points until the last; any key of walking ends it. */
  follow(points: readonly Point[], run = false): void {
    this.path = points.slice();
    this.pathRun = run;
    this.stuck = 0;
  }

  halt(): void {
    this.path = [];
  }

  /** Take the server's word on where one stands. A path goes on after a small correction, not after a large one. */
  correct(pose: Pose): void {
    if (Math.hypot(pose.x - this.pose.x, pose.z - this.pose.z) > 0.5) this.path = [];
    this.pose = { ...pose };
  }

  step(dt: number, intent: Intent, cameraYaw: number): Walk {
    const seconds = Math.max(0, Math.min(0.25, dt));
    const keys = Math.hypot(intent.forward, intent.right);
    if (keys > 0.05) {
      this.path = [];
      const strength = Math.min(1, keys);
      const speed = (intent.run ? RUN_SPEED : WALK_SPEED) * strength;
      const f = intent.forward / keys;
      const r = intent.right / keys;
      const dx = -Math.sin(cameraYaw) * f + Math.cos(cameraYaw) * r;
      const dz = -Math.cos(cameraYaw) * f - Math.sin(cameraYaw) * r;
      this.face(Math.atan2(-dx, -dz), seconds);
      this.advance(dx * speed * seconds, dz * speed * seconds);
      return { ...this.pose, motion: intent.run && strength > 0.6 ? 2 : 1 };
    }
    if (this.path.length > 0) return this.alongPath(seconds);
    if (intent.turn !== 0) {
      this.pose = { ...this.pose, yaw: wrap(this.pose.yaw + intent.turn * TURN_SPEED * seconds) };
    }
    return { ...this.pose, motion: 0 };
  }

  private alongPath(seconds: number): Walk {
    let left = (this.pathRun ? RUN_SPEED : WALK_SPEED) * seconds;
    const before = this.pose;
    while (left > 1e-6 && this.path.length > 0) {
      const next = this.path[0]!;
      const dx = next[0] - this.pose.x;
      const dz = next[1] - this.pose.z;
      const distance = Math.hypot(dx, dz);
      if (distance < 0.02) {
        this.path.shift();
        continue;
      }
      const go = Math.min(left, distance);
      this.face(Math.atan2(-dx, -dz), seconds);
      this.advance((dx / distance) * go, (dz / distance) * go);
      left -= go;
    }
    const gone = Math.hypot(this.pose.x - before.x, this.pose.z - before.z);
    this.stuck = this.path.length > 0 && gone < 0.2 * WALK_SPEED * seconds ? this.stuck + seconds : 0;
    if (this.stuck > 0.7) this.path = [];
    return { ...this.pose, motion: this.path.length === 0 ? 0 : this.pathRun ? 2 : 1 };
  }

  private face(yaw: number, seconds: number): void {
    const turn = wrap(yaw - this.pose.yaw);
    const most = 12 * seconds;
    this.pose = { ...this.pose, yaw: wrap(this.pose.yaw + Math.max(-most, Math.min(most, turn))) };
  }

  private advance(dx: number, dz: number): void {
    const steps = Math.max(1, Math.ceil(Math.hypot(dx, dz) / MAX_STEP));
    let { x, z } = this.pose;
    for (let i = 0; i < steps; i++) {
      const [nextX, nextZ] = this.obstacles.push(x + dx / steps, z + dz / steps, RADIUS + SKIN);
      if (this.obstacles.blocked(nextX, nextZ, RADIUS)) break;
      x = nextX;
      z = nextZ;
    }
    this.pose = { ...this.pose, x, z };
  }
}

/** An angle brought into -π..π. */
export function wrap(angle: number): number {
  const turn = 2 * Math.PI;
  return ((((angle + Math.PI) % turn) + turn) % turn) - Math.PI;
}
