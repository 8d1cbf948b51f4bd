/** Plain lists of points for a few rounded shapes. */
import * as THREE from "three";

export interface Shape {
  p: number[];
  n: number[];
  i: number[];
  uv?: number[];
}

/** A box with chamfered edges whose normals run smoothly over the chamfer: 44 triangles that look rounded. */
export function bevelBox(w: number, h: number, d: number, b: number): Shape {
  const half = [w / 2, h / 2, d / 2];
  const p: number[] = [];
  const n: number[] = [];
  const i: number[] = [];
  // Vertex of a corner (sx, sy, sz) that belongs to the face of axis k.
  const id = (sx: number, sy: number, sz: number, k: number): number => ((sx > 0 ? 4 : 0) + (sy > 0 ? 2 : 0) + (sz > 0 ? 1 : 0)) * 3 + k;
  for (const sx of [-1, 1]) {
    for (const sy of [-1, 1]) {
      for (const sz of [-1, 1]) {
        const s = [sx, sy, sz];
        for (let k = 0; k < 3; k++) {
          for (let a = 0; a < 3; a++) {
            p.push(s[a]! * (half[a]! - (a === k ? 0 : b)));
            n.push(a === k ? s[a]! : 0);
          }
        }
      }
    }
  }
  const quad = (a: number, bb: number, c: number, dd: number, out: readonly number[]): void => {
    const e = (q: number, r: number): number[] => [p[q * 3]! - p[r * 3]!, p[q * 3 + 1]! - p[r * 3 + 1]!, p[q * 3 + 2]! - p[r * 3 + 2]!];
    const u = e(bb, a);
    const v = e(c, a);
    const cross = [u[1]! * v[2]! - u[2]! * v[1]!, u[2]! * v[0]! - u[0]! * v[2]!, u[0]! * v[1]! - u[1]! * v[0]!];
    const facing = cross[0]! * out[0]! + cross[1]! * out[1]! + cross[2]! * out[2]!;
    if (facing > 0) i.push(a, bb, c, a, c, dd);
    else i.push(a, c, bb, a, dd, c);
  };
  const corner = (s: readonly number[], k: number): number => id(s[0]!, s[1]!, s[2]!, k);
  for (let k = 0; k < 3; k++) {
    const u = (k + 1) % 3;
    const v = (k + 2) % 3;
    for (const side of [-1, 1]) {
      const c = (su: number, sv: number): number => {
        const s = [0, 0, 0];
        s[k] = side;
        s[u] = su;
        s[v] = sv;
        return corner(s, k);
      };
      const out = [0, 0, 0];
      out[k] = side;
      quad(c(-1, -1), c(1, -1), c(1, 1), c(-1, 1), out);
    }
    // The four chamfers along axis k, between the faces of u and v.
    for (const su of [-1, 1]) {
      for (const sv of [-1, 1]) {
        const c = (sk: number, face: number): number => {
          const s = [0, 0, 0];
          s[k] = sk;
          s[u] = su;
          s[v] = sv;
          return corner(s, face);
        };
        const out = [0, 0, 0];
        out[u] = su;
        out[v] = sv;
        quad(c(-1, u), c(1, u), c(1, v), c(-1, v), out);
      }
    }
  }
  for (const sx of [-1, 1]) {
    for (const sy of [-1, 1]) {
      for (const sz of [-1, 1]) {
        const s = [sx, sy, sz];
        const [a, bb, c] = [corner(s, 0), corner(s, 1), corner(s, 2)];
        if (sx * sy * sz > 0) i.push(a, bb, c);
        else i.push(a, c, bb);
      }
    }
  }
  return { p, n, i };
}

/** What one sees of a book on a shelf: spine (-Z), top and sides. */
export function spine(w: number, h: number, d: number): Shape {
  const g = slab(w, h, d);
  // BoxGeometry's faces come as +x, -x, +y, -y, +z, -z, six indices each.
  return { ...g, i: [...g.i.slice(0, 18), ...g.i.slice(30, 36)] };
}

/** A plain box. */
export function slab(w: number, h: number, d: number): Shape {
  const g = new THREE.BoxGeometry(w, h, d);
  return { p: [...g.attributes.position!.array], n: [...g.attributes.normal!.array], i: [...g.index!.array] };
}

export function latheShape(profile: readonly (readonly [number, number])[], seg: number): Shape {
  const p: number[] = [];
  const n: number[] = [];
  const i: number[] = [];
  const rows = profile.length;
  for (let r = 0; r < rows; r++) {
    const before = profile[Math.max(0, r - 1)]!;
    const after = profile[Math.min(rows - 1, r + 1)]!;
    const here = profile[r]!;
    let nr = after[1] - before[1];
    let ny = before[0] - after[0];
    if (here[0] < 1e-4) {
      nr = 0;
      ny = r === 0 ? -1 : 1;
    }
    const length = Math.hypot(nr, ny) || 1;
    for (let s = 0; s <= seg; s++) {
      const a = (s / seg) * Math.PI * 2;
      p.push(Math.cos(a) * here[0], here[1], Math.sin(a) * here[0]);
      n.push((Math.cos(a) * nr) / length, ny / length, (Math.sin(a) * nr) / length);
    }
  }
  const row = seg + 1;
  for (let r = 0; r + 1 < rows; r++) {
    for (let s = 0; s < seg; s++) {
      const a = r * row + s;
      if (profile[r]![0] > 1e-4) i.push(a, a + row, a + 1);
      if (profile[r + 1]![0] > 1e-4) i.push(a + 1, a + row, a + row + 1);
    }
  }
  return { p, n, i };
}

export function ballShape(rx: number, ry: number, rz: number, seg: number): Shape {
  const rows = Math.max(4, Math.round(seg * 0.6));
  const p: number[] = [];
  const n: number[] = [];
  const i: number[] = [];
  for (let r = 0; r <= rows; r++) {
    const t = (r / rows) * Math.PI;
    for (let s = 0; s <= seg; s++) {
      const a = (s / seg) * Math.PI * 2;
      const d = [Math.sin(t) * Math.cos(a), -Math.cos(t), Math.sin(t) * Math.sin(a)];
      p.push(d[0]! * rx, d[1]! * ry, d[2]! * rz);
      const m = [d[0]! / rx, d[1]! / ry, d[2]! / rz];
      const length = Math.hypot(m[0]!, m[1]!, m[2]!) || 1;
      n.push(m[0]! / length, m[1]! / length, m[2]! / length);
    }
  }
  const row = seg + 1;
  for (let r = 0; r < rows; r++) {
    for (let s = 0; s < seg; s++) {
      const a = r * row + s;
      if (r > 0) i.push(a, a + row, a + 1);
      if (r < rows - 1) i.push(a + 1, a + row, a + row + 1);
    }
  }
  return { p, n, i };
}

export function leafShape(length: number, width: number, bend: number, rows: number): Shape {
  const p: number[] = [];
  const n: number[] = [];
  const i: number[] = [];
  for (let r = 0; r <= rows; r++) {
    const t = r / rows;
    const half = (width / 2) * Math.sin(Math.PI * Math.min(1, 0.12 + t * 0.88)) ** 0.8;
    const z = bend * length * t * t;
    const y = length * t * (1 - 0.28 * bend * t);
    const lift = half * 0.35;
    p.push(-half, y, z + lift, 0, y, z, half, y, z + lift);
    // Normals lean up, so that leaves catch the light of the sky on both sides.
    n.push(-0.4, 0.75, 0.5, 0, 0.85, 0.5, 0.4, 0.75, 0.5);
  }
  for (let r = 0; r < rows; r++) {
    const a = r * 3;
    i.push(a, a + 1, a + 3, a + 1, a + 4, a + 3, a + 1, a + 2, a + 4, a + 2, a + 5, a + 4);
  }
  return { p, n, i };
}
