/**
 * Builds furniture and walls out of a few rounded shapes into growing vertex lists.
 *
 * Everything that shares a layer becomes one mesh with vertex colours, so a whole office is a handful of draw calls.
 */
import * as THREE from "three";

export interface Turn {
  rx?: number;
  ry?: number;
  rz?: number;
}
export interface BoxStyle extends Turn {
  bevel?: number;
}
export interface RoundStyle extends Turn {
  seg?: number;
}

/** Vertices of one layer. */
export class Layer {
  readonly positions: number[] = [];
  readonly normals: number[] = [];
  readonly colours: number[] = [];
  readonly alphas: number[] = [];
  readonly uvs: number[] = [];
  readonly indices: number[] = [];

  get count(): number {
    return this.positions.length / 3;
  }

  geometry(withAlpha = false, withUv = false): THREE.BufferGeometry {
    const g = new THREE.BufferGeometry();
    g.setAttribute("position", new THREE.Float32BufferAttribute(this.positions, 3));
    g.setAttribute("normal", new THREE.Float32BufferAttribute(this.normals, 3));
    if (withAlpha) {
      const rgba = new Float32Array(this.count * 4);
      for (let i = 0; i < this.count; i++) {
        rgba[i * 4] = this.colours[i * 3]!;
        rgba[i * 4 + 1] = this.colours[i * 3 + 1]!;
        rgba[i * 4 + 2] = this.colours[i * 3 + 2]!;
        rgba[i * 4 + 3] = this.alphas[i]!;
      }
      g.setAttribute("color", new THREE.BufferAttribute(rgba, 4));
    } else {
      g.setAttribute("color", new THREE.Float32BufferAttribute(this.colours, 3));
    }
    if (withUv) g.setAttribute("uv", new THREE.Float32BufferAttribute(this.uvs, 2));
    g.setIndex(this.indices);
    g.computeBoundingSphere();
    return g;
  }
}

export class Mold {
  readonly layers = new Map<string, Layer>();
  private layerName = "matte";
  private chunk = "";
  private alpha = 1;
  private readonly stack: THREE.Matrix4[] = [];
  private readonly base = new THREE.Matrix4();
  private readonly normalMatrix = new THREE.Matrix3();
  private readonly local = new THREE.Matrix4();
  private readonly v = new THREE.Vector3();
  private readonly colour = new THREE.Color();

  /** Draw the following shapes into another layer ("matte", "leaf", "glow", "glass"). */
  into(layer: string, alpha = 1): this {
    this.layerName = layer;
    this.alpha = alpha;
    return this;
  }

  /** Split the solid layer by place, so that what is behind the camera is not drawn. */
  inChunk(chunk: string): this {
    this.chunk = chunk;
    return this;
  }

  at(x: number, y: number, z: number, yaw: number, draw: () => void): void {
    this.stack.push(this.base.clone());
    this.base.multiply(new THREE.Matrix4().makeRotationY(yaw).setPosition(x, y, z));
    draw();
    this.base.copy(this.stack.pop()!);
  }

  box(w: number, h: number, d: number, x: number, y: number, z: number, colour: string, style: BoxStyle = {}): void {
    // Thin bars show no roundness; they stay plain.
    const middle = w + h + d - Math.max(w, h, d) - Math.min(w, h, d);
    if (style.bevel === 0 || middle < 0.07) {
      this.place(slab(w, h, d), x, y, z, colour, style);
      return;
    }
    const b = Math.max(0.001, Math.min(style.bevel ?? 0.012, w / 2.2, h / 2.2, d / 2.2));
    this.place(bevelBox(w, h, d, b), x, y, z, colour, style);
  }

  /** A book on a shelf: a box without back and foot. */
  book(w: number, h: number, d: number, x: number, y: number, z: number, colour: string): void {
    this.place(spine(w, h, d), x, y, z, colour, {});
  }

  /** A cylinder or cone with softened rims; `y` is its foot. */
  rod(rTop: number, rFoot: number, h: number, x: number, y: number, z: number, colour: string, style: RoundStyle = {}): void {
    if (Math.max(rTop, rFoot) < 0.04) {
      this.lathe([[rFoot, 0], [rTop, h]], x, y, z, colour, { seg: 6, ...style });
      return;
    }
    const rim = Math.min(0.012, h / 4, Math.max(rTop, rFoot) / 3);
    this.lathe(
      [[0, 0], [Math.max(0.001, rFoot - rim), 0], [rFoot, rim], [rTop, h - rim], [Math.max(0.001, rTop - rim), h], [0, h]],
      x, y, z, colour, style,
    );
  }

  /** A turned shape: (radius, height) pairs from bottom to top. */
  lathe(profile: readonly (readonly [number, number])[], x: number, y: number, z: number, colour: string, style: RoundStyle = {}): void {
    this.place(latheShape(profile, style.seg ?? 12), x, y, z, colour, style);
  }

  ball(rx: number, ry: number, rz: number, x: number, y: number, z: number, colour: string, style: RoundStyle = {}): void {
    this.place(ballShape(rx, ry, rz, style.seg ?? 10), x, y, z, colour, style);
  }

  /** A thin curved leaf growing from (x, y, z) along its own +Y, bending forward (+Z). */
  leaf(length: number, width: number, x: number, y: number, z: number, colour: string, turn: Turn & { bend?: number } = {}): void {
    this.place(leafShape(length, width, turn.bend ?? 0.35, length < 0.2 ? 2 : 3), x, y, z, colour, turn);
  }

  /** A rectangle with UVs (for pictures), facing -Z, centred. */
  panel(w: number, h: number, x: number, y: number, z: number, colour: string, uv: readonly [number, number, number, number] = [0, 0, 1, 1]): void {
    const [u0, v0, u1, v1] = uv;
    this.place(
      {
        p: [w / 2, -h / 2, 0, -w / 2, -h / 2, 0, -w / 2, h / 2, 0, w / 2, h / 2, 0],
        n: [0, 0, -1, 0, 0, -1, 0, 0, -1, 0, 0, -1],
        i: [0, 1, 2, 0, 2, 3],
        uv: [u0, v0, u1, v0, u1, v1, u0, v1],
      },
      x, y, z, colour, {},
    );
  }

  /** Any shape, in world or local coordinates, as it is. */
  raw(shape: Shape, colour: string | ((x: number, y: number, z: number) => string)): void {
    this.place(shape, 0, 0, 0, colour, {});
  }

  private place(shape: Shape, x: number, y: number, z: number, colour: string | ((x: number, y: number, z: number) => string), turn: Turn): void {
    const name = this.chunk !== "" && this.layerName === "matte" ? `matte:${this.chunk}` : this.layerName;
    let layer = this.layers.get(name);
    if (layer === undefined) {
      layer = new Layer();
      this.layers.set(name, layer);
    }
    this.local.makeRotationFromEuler(new THREE.Euler(turn.rx ?? 0, turn.ry ?? 0, turn.rz ?? 0, "YXZ")).setPosition(x, y, z);
    this.local.premultiply(this.base);
    this.normalMatrix.setFromMatrix4(this.local);
    const start = layer.count;
    const { p, n } = shape;
    if (typeof colour === "string") this.colour.set(colour);
    for (let i = 0; i < p.length; i += 3) {
      this.v.set(p[i]!, p[i + 1]!, p[i + 2]!).applyMatrix4(this.local);
      layer.positions.push(this.v.x, this.v.y, this.v.z);
      if (typeof colour === "function") this.colour.set(colour(this.v.x, this.v.y, this.v.z));
      this.v.set(n[i]!, n[i + 1]!, n[i + 2]!).applyMatrix3(this.normalMatrix).normalize();
      layer.normals.push(this.v.x, this.v.y, this.v.z);
      layer.colours.push(this.colour.r, this.colour.g, this.colour.b);
      layer.alphas.push(this.alpha);
      if (shape.uv !== undefined) layer.uvs.push(shape.uv[(i / 3) * 2]!, shape.uv[(i / 3) * 2 + 1]!);
      else layer.uvs.push(0, 0);
    }
    for (const i of shape.i) layer.indices.push(start + i);
  }
}

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

function leafShape(length: number, width: number, bend: number, rows: number): Shape {
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
