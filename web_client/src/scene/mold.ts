/**
 * Builds furniture and walls out of a few rounded shapes into growing vertex lists.
 *
 * Everything that shares a layer becomes one mesh with vertex colours, so a whole office is a handful of draw calls.
 */
import * as THREE from "three";
import type { Shape } from "./shapes";
import { ballShape, bevelBox, latheShape, leafShape, slab, spine } from "./shapes";

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
