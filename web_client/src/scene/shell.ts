/** The building: walls, windows, glass, door frames, ceiling. */
import * as THREE from "three";
import type { Mold } from "./mold";
import { COLOURS, LEAVES, pick, seeded, ZONE_ACCENT } from "./palette";
import type { PlanDoor, PlanJson, PlanWall, PlanZone } from "./plan";
import { bounds, wallSpans, zoneAt } from "./plan";
import type { Shape } from "./shapes";

export const DOOR_HEIGHT = 2.2;
const GLASS_TOP = 2.55;
const SILL = 0.5;
const HEAD = 2.75;

/** One straight wall as a frame of its own: x runs along it, z across it, y up. */
interface Run {
  wall: PlanWall;
  x: number;
  z: number;
  yaw: number;
  left: string;
  right: string;
}

export function walls(m: Mold, plan: PlanJson): void {
  for (const wall of plan.walls) {
    const dx = wall.b[0] - wall.a[0];
    const dz = wall.b[1] - wall.a[1];
    const length = Math.hypot(dx, dz);
    if (length < 0.01) continue;
    const run: Run = {
      wall, x: wall.a[0], z: wall.a[1], yaw: Math.atan2(-dz, dx),
      left: paint(plan, wall, -1), right: paint(plan, wall, 1),
    };
    m.inChunk(chunkOf((wall.a[0] + wall.b[0]) / 2, (wall.a[1] + wall.b[1]) / 2));
    m.at(run.x, 0, run.z, run.yaw, () => {
      for (const span of wallSpans(wall, plan.doors)) {
        if (wall.material === "glass") glassRun(m, wall, span.from, span.to);
        else if (wall.material === "low") lowRun(m, wall, span.from, span.to);
        else if (wall.windows === true && span.to - span.from > 1.6) windowRun(m, run, span.from, span.to);
        else {
          slabRun(m, run, span.from, span.to, 0, wall.height);
          skirting(m, run, span.from, span.to);
        }
      }
    });
  }
  for (const door of plan.doors) doorFrame(m, plan, door);
}

export function chunkOf(x: number, z: number): string {
  return `${x < -8 ? 0 : x < 8 ? 1 : 2}${z < 2 ? 0 : 1}`;
}

export function mixHex(a: string, b: string, t: number): string {
  return `#${new THREE.Color(a).lerp(new THREE.Color(b), t).getHexString()}`;
}

/** What colour a side of a wall has: plaster, warmed by the accent of the room it looks into. */
function paint(plan: PlanJson, wall: PlanWall, side: -1 | 1): string {
  const dx = wall.b[0] - wall.a[0];
  const dz = wall.b[1] - wall.a[1];
  const length = Math.hypot(dx, dz);
  const x = (wall.a[0] + wall.b[0]) / 2 - (dz / length) * 0.5 * side;
  const z = (wall.a[1] + wall.b[1]) / 2 + (dx / length) * 0.5 * side;
  const zone = zoneAt(plan, x, z);
  if (zone === null) return "#EDE8DE";
  const feature = plan.furniture.some(
    (f) => {
      const off = (side * ((f.x - wall.a[0]) * -dz + (f.z - wall.a[1]) * dx)) / length;
      return f.kind === "screen" && Math.hypot(f.x - x, f.z - z) < Math.max(1, length / 2) && off > 0 && off < 0.4;
    },
  );
  const strength = feature ? 0.24 : zone.enclosed ? 0.07 : 0.03;
  return mixHex(COLOURS.plaster, accentOf(zone), strength);
}

export function accentOf(zone: PlanZone): string {
  return zone.accent ?? ZONE_ACCENT[zone.kind] ?? COLOURS.moss;
}

/** A length of wall between two heights, cut finely enough to take painted shade. */
function slabRun(m: Mold, run: Run, from: number, to: number, y0: number, y1: number): void {
  const t = run.wall.thickness / 2;
  const columns = Math.max(1, Math.round((to - from) / 0.75));
  const rows: number[] = [];
  for (const y of [y0, 0.15, 0.5, 1.2, 2.2, 2.85, y1]) if (y >= y0 && y <= y1 && !rows.includes(y)) rows.push(y);
  for (const side of [-1, 1] as const) {
    m.raw(wallFace(from, to, rows, columns, side * t, side), side < 0 ? run.left : run.right);
  }
  const mid = (from + to) / 2;
  const cap = (y: number, up: number): void => m.raw(flat(mid, y, 0, to - from, 2 * t, up), y > 3 ? "#D8D1C4" : COLOURS.trim);
  cap(y1, 1);
  if (y0 > 0.01) cap(y0, -1);
  for (const [x, out] of [[from, -1], [to, 1]] as const) m.raw(endFace(x, y0, y1, 2 * t, out), COLOURS.trim);
}

function wallFace(from: number, to: number, rows: number[], columns: number, z: number, out: number): Shape {
  const p: number[] = [];
  const n: number[] = [];
  const i: number[] = [];
  for (const y of rows) {
    for (let c = 0; c <= columns; c++) {
      p.push(from + ((to - from) * c) / columns, y, z);
      n.push(0, 0, out);
    }
  }
  for (let r = 0; r + 1 < rows.length; r++) {
    for (let c = 0; c < columns; c++) {
      const a = r * (columns + 1) + c;
      const b = a + columns + 1;
      if (out > 0) i.push(a, a + 1, b, a + 1, b + 1, b);
      else i.push(a, b, a + 1, a + 1, b, b + 1);
    }
  }
  return { p, n, i };
}

function flat(x: number, y: number, z: number, w: number, d: number, up: number): Shape {
  return {
    p: [x - w / 2, y, z - d / 2, x + w / 2, y, z - d / 2, x + w / 2, y, z + d / 2, x - w / 2, y, z + d / 2],
    n: [0, up, 0, 0, up, 0, 0, up, 0, 0, up, 0],
    i: up > 0 ? [0, 2, 1, 0, 3, 2] : [0, 1, 2, 0, 2, 3],
  };
}

function endFace(x: number, y0: number, y1: number, d: number, out: number): Shape {
  return {
    p: [x, y0, -d / 2, x, y0, d / 2, x, y1, d / 2, x, y1, -d / 2],
    n: [out, 0, 0, out, 0, 0, out, 0, 0, out, 0, 0],
    i: out > 0 ? [0, 2, 1, 0, 3, 2] : [0, 1, 2, 0, 2, 3],
  };
}

function skirting(m: Mold, run: Run, from: number, to: number): void {
  for (const side of [-1, 1]) m.box(to - from, 0.09, 0.018, (from + to) / 2, 0.045, side * (run.wall.thickness / 2 + 0.008), COLOURS.trim, { bevel: 0 });
}

function windowRun(m: Mold, run: Run, from: number, to: number): void {
  const { wall } = run;
  const length = to - from;
  const count = Math.max(1, Math.floor((length - 0.4) / 2.3));
  const gap = 0.42;
  const width = (length - gap * (count + 1)) / count;
  const head = Math.min(HEAD, wall.height - 0.3);
  slabRun(m, run, from, to, 0, SILL);
  slabRun(m, run, from, to, head, wall.height);
  skirting(m, run, from, to);
  for (let k = 0; k <= count; k++) {
    const x = from + k * (width + gap);
    slabRun(m, run, x, x + gap, SILL, head);
  }
  for (let k = 0; k < count; k++) {
    const x0 = from + gap + k * (width + gap);
    const mid = x0 + width / 2;
    const y = (SILL + head) / 2;
    // Sills on both sides, a light frame, one upright and a high transom.
    m.box(width + 0.1, 0.035, wall.thickness + 0.14, mid, SILL + 0.01, 0, COLOURS.oakLight, { bevel: 0.012 });
    for (const s of [-1, 1]) m.box(0.05, head - SILL, 0.07, mid + s * (width / 2 - 0.025), y, 0, COLOURS.trim, { bevel: 0 });
    m.box(width, 0.05, 0.07, mid, head - 0.025, 0, COLOURS.trim, { bevel: 0 });
    m.box(width, 0.05, 0.07, mid, SILL + 0.05, 0, COLOURS.trim, { bevel: 0 });
    m.box(0.035, head - SILL, 0.05, mid, y, 0, COLOURS.trim, { bevel: 0 });
    m.box(width, 0.035, 0.05, mid, head - 0.5, 0, COLOURS.trim, { bevel: 0 });
    pane(m, x0, x0 + width, SILL, head, 0.05, "#DDEBEF");
  }
}

function pane(m: Mold, from: number, to: number, y0: number, y1: number, alpha: number, colour: string): void {
  m.into("glass", alpha).raw(
    { p: [from, y0, 0, to, y0, 0, to, y1, 0, from, y1, 0], n: [0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1], i: [0, 1, 2, 0, 2, 3] },
    colour,
  );
  m.into("matte");
}

function glassRun(m: Mold, wall: PlanWall, from: number, to: number): void {
  const length = to - from;
  const mid = (from + to) / 2;
  const t = wall.thickness;
  const panes = Math.max(1, Math.round(length / 1.1));
  header(m, from, to, wall, GLASS_TOP);
  m.box(length, 0.07, t, mid, 0.035, 0, COLOURS.oak, { bevel: 0.012 });
  m.box(length, 0.06, t, mid, GLASS_TOP - 0.03, 0, COLOURS.oak, { bevel: 0.012 });
  for (let k = 0; k <= panes; k++) m.box(0.05, GLASS_TOP, t * 0.9, from + (length * k) / panes, GLASS_TOP / 2, 0, COLOURS.oak, { bevel: 0.012 });
  pane(m, from, to, 0.07, GLASS_TOP - 0.05, 0.09, "#CFE3E4");
  // Frosted bands at eye height, so that nobody walks into the glass.
  for (const [y0, y1, a] of [[0.95, 1.12, 0.5], [1.16, 1.2, 0.4], [0.87, 0.91, 0.4]] as const) pane(m, from, to, y0, y1, a, "#FFFFFF");
}

function header(m: Mold, from: number, to: number, wall: PlanWall, y: number): void {
  const run: Run = { wall, x: 0, z: 0, yaw: 0, left: COLOURS.plaster, right: COLOURS.plaster };
  slabRun(m, run, from, to, y, wall.height);
}

function lowRun(m: Mold, wall: PlanWall, from: number, to: number): void {
  const length = to - from;
  const mid = (from + to) / 2;
  const h = wall.height;
  const columns = Math.max(1, Math.round(length / 0.6));
  for (let k = 0; k < columns; k++) m.box(length / columns - 0.012, h - 0.1, wall.thickness - 0.02, from + (length * (k + 0.5)) / columns, 0.06 + (h - 0.1) / 2, 0, k % 2 ? "#8FA397" : "#98AB9F", { bevel: 0.025 });
  m.box(length, 0.06, wall.thickness - 0.04, mid, 0.03, 0, COLOURS.graphite, { bevel: 0.008 });
  m.box(length + 0.03, 0.045, wall.thickness + 0.06, mid, h - 0.02, 0, COLOURS.oak, { bevel: 0.016 });
  const random = seeded(Math.round(length * 1000));
  for (let x = from + 0.35; x < to - 0.2; x += 0.75) {
    m.box(0.42, 0.11, 0.15, x, h + 0.055, 0, COLOURS.linen, { bevel: 0.02 });
    m.into("leaf");
    for (let i = 0; i < 12; i++) m.leaf(0.16 + random() * 0.14, 0.06, x + (random() - 0.5) * 0.36, h + 0.09, (random() - 0.5) * 0.06, pick(LEAVES, i), { ry: i * 2.4, rx: 0.3 + random() * 0.7, bend: 0.6 });
    m.into("matte");
  }
}

function doorFrame(m: Mold, plan: PlanJson, door: PlanDoor): void {
  const dx = door.b[0] - door.a[0];
  const dz = door.b[1] - door.a[1];
  const width = Math.hypot(dx, dz);
  const wall = plan.walls.find((w) => [w.a, w.b].some((p) => Math.hypot(p[0] - door.a[0], p[1] - door.a[1]) < 0.05)) ?? plan.walls[0];
  if (wall === undefined) return;
  const t = wall.thickness;
  m.inChunk(chunkOf(door.a[0], door.a[1]));
  m.at(door.a[0], 0, door.a[1], Math.atan2(-dz, dx), () => {
    header(m, 0, width, wall, GLASS_TOP);
    m.box(width, GLASS_TOP - DOOR_HEIGHT, t, width / 2, (GLASS_TOP + DOOR_HEIGHT) / 2, 0, COLOURS.oak, { bevel: 0.01 });
    for (const x of [0.025, width - 0.025]) m.box(0.06, GLASS_TOP, t + 0.03, x, GLASS_TOP / 2, 0, COLOURS.oakDark, { bevel: 0.012 });
    m.box(width, 0.05, t + 0.03, width / 2, DOOR_HEIGHT + 0.02, 0, COLOURS.oakDark, { bevel: 0.012 });
    m.box(width, 0.012, t + 0.04, width / 2, 0.006, 0, COLOURS.brass, { bevel: 0 });
  });
}

/** Openings in the roof, as x0, z0, x1, z1 in whole metres. */
export function skylights(plan: PlanJson): [number, number, number, number][] {
  const out: [number, number, number, number][] = [];
  for (const zone of plan.zones) {
    if (zone.kind === "meeting" || zone.kind === "stage") continue;
    const xs = zone.polygon.map((p) => p[0]);
    const zs = zone.polygon.map((p) => p[1]);
    const [x0, x1, z0, z1] = [Math.min(...xs), Math.max(...xs), Math.min(...zs), Math.max(...zs)];
    if (zone.kind === "open") {
      for (let x = x0 + 3; x + 2 <= x1 - 2; x += 4) out.push([x, z0 + 3, x + 2, z1 - 2]);
    } else {
      const mx = Math.round((x0 + x1) / 2);
      out.push([mx - 2, Math.round(z0 + 2), mx + 2, Math.round(z1 - 3)]);
    }
  }
  return out.map((s) => s.map(Math.round) as [number, number, number, number]).filter((s) => s[2] > s[0] && s[3] > s[1]);
}

/** The ceiling, seen only from below, and (in layer "beams") its oak beams. */
export function ceiling(m: Mold, plan: PlanJson, height: number): void {
  const box = bounds(plan);
  const holes = skylights(plan);
  const open = (x: number, z: number): boolean => holes.some((h) => x > h[0] && x < h[2] && z > h[1] && z < h[3]);
  m.inChunk("").into("ceiling");
  const p: number[] = [];
  const n: number[] = [];
  const i: number[] = [];
  for (let x = Math.floor(box.minX); x < box.maxX; x++) {
    for (let z = Math.floor(box.minZ); z < box.maxZ; z++) {
      if (open(x + 0.5, z + 0.5)) continue;
      const s = p.length / 3;
      p.push(x, height, z, x + 1, height, z, x + 1, height, z + 1, x, height, z + 1);
      for (let k = 0; k < 4; k++) n.push(0, -1, 0);
      i.push(s, s + 1, s + 2, s, s + 2, s + 3);
    }
  }
  m.raw({ p, n, i }, "#FDFAF4");
  m.into("beams");
  const well = 0.55;
  for (const [x0, z0, x1, z1] of holes) {
    const reveal = (ax: number, az: number, bx: number, bz: number, nx: number, nz: number): void =>
      m.raw({ p: [ax, height, az, bx, height, bz, bx, height + well, bz, ax, height + well, az], n: [nx, 0, nz, nx, 0, nz, nx, 0, nz, nx, 0, nz], i: nx + nz > 0 ? (nz !== 0 ? [0, 1, 2, 0, 2, 3] : [0, 2, 1, 0, 3, 2]) : nz !== 0 ? [0, 2, 1, 0, 3, 2] : [0, 1, 2, 0, 2, 3] }, "#FBF8F1");
    reveal(x0, z0, x1, z0, 0, 1);
    reveal(x0, z1, x1, z1, 0, -1);
    reveal(x0, z0, x0, z1, 1, 0);
    reveal(x1, z0, x1, z1, -1, 0);
  }
  for (let z = Math.ceil(box.minZ) + 1; z < box.maxZ - 0.5; z += 2.5) {
    m.box(box.maxX - box.minX - 0.2, 0.13, 0.075, (box.minX + box.maxX) / 2, height - 0.065, z, "#E6CDA4", { bevel: 0 });
  }
  m.into("matte");
}
