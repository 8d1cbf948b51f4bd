/** What stands between two spots: for the camera, for name tags, for clicks. Pure. */
import type { PlanJson, Point } from "./plan";
import { wallSpans } from "./plan";

interface Edge {
  a: Point;
  b: Point;
  height: number;
  opaque: boolean;
}

export class Sight {
  private readonly edges: Edge[] = [];

  constructor(plan: PlanJson) {
    for (const wall of plan.walls) {
      const length = Math.hypot(wall.b[0] - wall.a[0], wall.b[1] - wall.a[1]);
      if (length < 1e-6) continue;
      const at = (d: number): Point => [wall.a[0] + ((wall.b[0] - wall.a[0]) * d) / length, wall.a[1] + ((wall.b[1] - wall.a[1]) * d) / length];
      for (const span of wallSpans(wall, plan.doors)) {
        this.edges.push({ a: at(span.from), b: at(span.to), height: wall.height, opaque: wall.material !== "glass" });
      }
    }
    // The camera does not look through a closed door frame either; people's tags do.
    for (const door of plan.doors) this.edges.push({ a: door.a, b: door.b, height: 3.2, opaque: false });
    for (const f of plan.furniture) {
      if (!f.solid || f.height < 1.5 || f.kind === "plant" || f.kind === "lamp") continue;
      const [c, s] = [Math.cos(f.yaw), Math.sin(f.yaw)];
      const corner = (u: number, v: number): Point => [f.x + u * c + v * s, f.z - u * s + v * c];
      const [w, d] = [f.width / 2, f.depth / 2];
      const corners = [corner(-w, -d), corner(w, -d), corner(w, d), corner(-w, d)];
      for (let i = 0; i < 4; i++) this.edges.push({ a: corners[i]!, b: corners[(i + 1) % 4]!, height: f.height, opaque: true });
    }
  }

  /** How far one can go from (x, y, z) to (tx, ty, tz), as a part of the way, before a wall. */
  reach(x: number, y: number, z: number, tx: number, ty: number, tz: number): number {
    let best = 1;
    for (const e of this.edges) {
      const t = crossing(x, z, tx, tz, e);
      if (t !== null && t < best && y + (ty - y) * t < e.height) best = t;
    }
    return best;
  }

  opaqueBetween(x: number, y: number, z: number, tx: number, ty: number, tz: number): boolean {
    return this.edges.some((e) => {
      if (!e.opaque) return false;
      const t = crossing(x, z, tx, tz, e);
      return t !== null && t < 0.995 && y + (ty - y) * t < e.height;
    });
  }
}

function crossing(x: number, z: number, tx: number, tz: number, e: Edge): number | null {
  const rx = tx - x;
  const rz = tz - z;
  const sx = e.b[0] - e.a[0];
  const sz = e.b[1] - e.a[1];
  const d = rx * sz - rz * sx;
  if (Math.abs(d) < 1e-9) return null;
  const t = ((e.a[0] - x) * sz - (e.a[1] - z) * sx) / d;
  const u = ((e.a[0] - x) * rz - (e.a[1] - z) * rx) / d;
  return t >= 0 && t <= 1 && u >= -0.01 && u <= 1.01 ? t : null;
}
