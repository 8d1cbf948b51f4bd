/**
 * Shade where light does not reach: ambient occlusion for every static vertex, worked out once at the start.
 *
 * The office is put into a grid of small cubes; from each vertex a few rays walk through the grid over the surface.
 */
import * as THREE from "three";
import type { Layer } from "./mold";
import type { Box } from "./plan";

const CELL = 0.2;
const REACH = [0.22, 0.42, 0.7, 1.05, 1.5] as const;
const FADE = [1, 0.85, 0.62, 0.4, 0.22] as const;

const RAYS: [number, number, number][] = [];
for (let i = 0; i < 26; i++) {
  const y = 1 - (2 * (i + 0.5)) / 26;
  const r = Math.sqrt(1 - y * y);
  RAYS.push([Math.cos(i * 2.39996) * r, y, Math.sin(i * 2.39996) * r]);
}

export class Occlusion {
  private readonly nx: number;
  private readonly ny: number;
  private readonly nz: number;
  private grid: Float32Array;

  constructor(
    private readonly box: Box,
    height: number,
  ) {
    this.nx = Math.ceil((box.maxX - box.minX) / CELL) + 4;
    this.nz = Math.ceil((box.maxZ - box.minZ) / CELL) + 4;
    this.ny = Math.ceil(height / CELL) + 2;
    this.grid = new Float32Array(this.nx * this.ny * this.nz);
  }

  /** Fill the cubes that a layer's triangles pass through. */
  add(layer: Layer, weight: number): void {
    const { positions: p, indices } = layer;
    for (let t = 0; t < indices.length; t += 3) {
      const [a, b, c] = [indices[t]! * 3, indices[t + 1]! * 3, indices[t + 2]! * 3];
      const ux = p[b]! - p[a]!;
      const uy = p[b + 1]! - p[a + 1]!;
      const uz = p[b + 2]! - p[a + 2]!;
      const vx = p[c]! - p[a]!;
      const vy = p[c + 1]! - p[a + 1]!;
      const vz = p[c + 2]! - p[a + 2]!;
      const steps = Math.min(160, Math.max(1, Math.ceil(Math.max(Math.hypot(ux, uy, uz), Math.hypot(vx, vy, vz)) / 0.16)));
      for (let i = 0; i <= steps; i++) {
        for (let j = 0; j <= steps - i; j++) {
          const s = i / steps;
          const r = j / steps;
          const k = this.index(p[a]! + ux * s + vx * r, p[a + 1]! + uy * s + vy * r, p[a + 2]! + uz * s + vz * r);
          if (k >= 0 && this.grid[k]! < weight) this.grid[k] = weight;
        }
      }
    }
  }

  /** Soften the cubes, so that shade has no steps. */
  soften(): void {
    for (const stride of [1, this.nx, this.nx * this.nz]) {
      const out = new Float32Array(this.grid.length);
      for (let i = stride; i < out.length - stride; i++) {
        out[i] = this.grid[i]! * 0.5 + (this.grid[i - stride]! + this.grid[i + stride]!) * 0.25;
      }
      this.grid = out;
    }
  }

  /** How much of the sky over a surface is open, 0 to 1. */
  openness(x: number, y: number, z: number, nx: number, ny: number, nz: number): number {
    let light = 0;
    let total = 0;
    const sx = x + nx * 0.12;
    const sy = y + ny * 0.12;
    const sz = z + nz * 0.12;
    for (const [rx, ry, rz] of RAYS) {
      const facing = rx * nx + ry * ny + rz * nz;
      if (facing < 0.15) continue;
      let through = 1;
      for (let k = 0; k < REACH.length; k++) {
        const d = REACH[k]!;
        through *= 1 - Math.min(1, this.value(sx + rx * d, sy + ry * d, sz + rz * d) * 1.25) * FADE[k]!;
      }
      light += through * facing;
      total += facing;
    }
    return total > 0 ? light / total : 1;
  }

  /** Multiply a layer's colours by its shade; shade leans warm, as light from wood and plaster does. */
  shade(layer: Layer, depth: number): void {
    const { positions: p, normals: n, colours: c } = layer;
    for (let i = 0; i < p.length; i += 3) {
      const open = this.openness(p[i]!, p[i + 1]!, p[i + 2]!, n[i]!, n[i + 1]!, n[i + 2]!);
      const k = 1 - depth * (1 - smooth(open));
      c[i] = c[i]! * (k * 0.93 + 0.07);
      c[i + 1] = c[i + 1]! * (k * 0.97 + 0.03);
      c[i + 2] = c[i + 2]! * k;
    }
  }

  /** The same for floors, as a picture over the whole plan. */
  floorMap(): THREE.DataTexture {
    const scale = 0.1;
    const w = Math.ceil((this.box.maxX - this.box.minX) / scale);
    const h = Math.ceil((this.box.maxZ - this.box.minZ) / scale);
    const data = new Uint8Array(w * h * 4);
    for (let j = 0; j < h; j++) {
      for (let i = 0; i < w; i++) {
        const open = this.openness(this.box.minX + (i + 0.5) * scale, 0.02, this.box.minZ + (j + 0.5) * scale, 0, 1, 0);
        const v = Math.round(255 * (0.3 + 0.7 * smooth(open)));
        const at = (j * w + i) * 4;
        data[at] = data[at + 1] = data[at + 2] = v;
        data[at + 3] = 255;
      }
    }
    const map = new THREE.DataTexture(data, w, h);
    map.magFilter = THREE.LinearFilter;
    map.minFilter = THREE.LinearMipmapLinearFilter;
    map.generateMipmaps = true;
    map.channel = 1;
    map.needsUpdate = true;
    return map;
  }

  private index(x: number, y: number, z: number): number {
    const i = Math.floor((x - this.box.minX) / CELL) + 2;
    const j = Math.floor(y / CELL);
    const k = Math.floor((z - this.box.minZ) / CELL) + 2;
    if (i < 0 || j < 0 || k < 0 || i >= this.nx || j >= this.ny || k >= this.nz) return -1;
    return (j * this.nz + k) * this.nx + i;
  }

  private value(x: number, y: number, z: number): number {
    const k = this.index(x, y, z);
    return k < 0 ? 0 : this.grid[k]!;
  }
}

function smooth(open: number): number {
  return Math.min(1, open * 1.12);
}
