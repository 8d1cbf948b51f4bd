/** Floors: one texture for each kind, drawn here, laid over every zone that has it. */
import * as THREE from "three";
import type { Mold } from "./mold";
import { COLOURS, seeded } from "./palette";
import type { Box, PlanJson, PlanZone } from "./plan";
import { chunkOf } from "./shell";

type Floor = PlanZone["floor"];
/** Metres that one repeat of each texture covers. */
const TILE: Readonly<Record<Floor, number>> = { oak: 2.4, carpet: 1.5, stone: 2.4, tile: 1.2 };

export function floors(plan: PlanJson, box: Box, shade: THREE.Texture, anisotropy: number): THREE.Mesh[] {
  const meshes: THREE.Mesh[] = [];
  for (const kind of ["oak", "carpet", "stone", "tile"] as const) {
    const zones = plan.zones.filter((z) => z.floor === kind);
    if (zones.length === 0) continue;
    const positions: number[] = [];
    const uv: number[] = [];
    const uv1: number[] = [];
    const colours: number[] = [];
    const index: number[] = [];
    for (const zone of zones) {
      const start = positions.length / 3;
      const outline = zone.polygon.map(([x, z]) => new THREE.Vector2(x, -z));
      if (THREE.ShapeUtils.isClockWise(outline)) outline.reverse();
      const tint = kind === "carpet" ? new THREE.Color("#FFFFFF").lerp(new THREE.Color(zone.accent ?? "#7F8C86"), 0.3) : new THREE.Color("#FFFFFF");
      for (const p of outline) {
        positions.push(p.x, zone.floor_height, -p.y);
        uv.push(p.x / TILE[kind], p.y / TILE[kind]);
        uv1.push((p.x - box.minX) / (box.maxX - box.minX), (-p.y - box.minZ) / (box.maxZ - box.minZ));
        colours.push(tint.r, tint.g, tint.b);
      }
      for (const face of THREE.ShapeUtils.triangulateShape(outline, [])) index.push(start + face[0]!, start + face[1]!, start + face[2]!);
    }
    const g = new THREE.BufferGeometry();
    g.setAttribute("position", new THREE.Float32BufferAttribute(positions, 3));
    g.setAttribute("uv", new THREE.Float32BufferAttribute(uv, 2));
    g.setAttribute("uv1", new THREE.Float32BufferAttribute(uv1, 2));
    g.setAttribute("color", new THREE.Float32BufferAttribute(colours, 3));
    g.setIndex(index);
    g.computeVertexNormals();
    const map = texture(kind);
    map.anisotropy = anisotropy;
    const mesh = new THREE.Mesh(g, new THREE.MeshLambertMaterial({ map, aoMap: shade, aoMapIntensity: 1, vertexColors: true }));
    mesh.receiveShadow = true;
    mesh.name = `floor:${kind}`;
    meshes.push(mesh);
  }
  return meshes;
}

/** Steps and edges of raised floors. */
export function risers(m: Mold, plan: PlanJson): void {
  for (const zone of plan.zones) {
    if (zone.floor_height <= 0) continue;
    const h = zone.floor_height;
    const polygon = zone.polygon;
    for (let i = 0; i < polygon.length; i++) {
      const a = polygon[i]!;
      const b = polygon[(i + 1) % polygon.length]!;
      const length = Math.hypot(b[0] - a[0], b[1] - a[1]);
      m.inChunk(chunkOf((a[0] + b[0]) / 2, (a[1] + b[1]) / 2));
      m.at((a[0] + b[0]) / 2, 0, (a[1] + b[1]) / 2, Math.atan2(-(b[1] - a[1]), b[0] - a[0]), () => {
        m.box(length, h, 0.04, 0, h / 2, 0, COLOURS.oak, { bevel: 0.006 });
        m.box(length, 0.03, 0.07, 0, h - 0.012, 0, COLOURS.oakDark, { bevel: 0.01 });
        m.into("glow").box(length * 0.98, 0.015, 0.012, 0, h * 0.28, -0.026, "#FFE9BE", { bevel: 0 });
        m.into("matte");
      });
    }
  }
}

function texture(kind: Floor): THREE.CanvasTexture {
  const canvas = document.createElement("canvas");
  const size = kind === "carpet" ? 256 : 512;
  canvas.width = canvas.height = size;
  const c = canvas.getContext("2d")!;
  const random = seeded(kind.length * 977);
  if (kind === "oak") oak(c, size, random);
  else if (kind === "carpet") carpet(c, size, random);
  else if (kind === "stone") stone(c, size, random);
  else tile(c, size, random);
  const map = new THREE.CanvasTexture(canvas);
  map.wrapS = map.wrapT = THREE.RepeatWrapping;
  map.colorSpace = THREE.SRGBColorSpace;
  return map;
}

function oak(c: CanvasRenderingContext2D, size: number, random: () => number): void {
  const rows = 12;
  const h = size / rows;
  for (let r = 0; r < rows; r++) {
    let x = -random() * size * 0.5;
    const first = x;
    while (x < size) {
      const w = Math.min(size * (0.34 + random() * 0.3), size);
      const light = 70 + random() * 8;
      for (const shift of [0, size]) {
        c.fillStyle = `hsl(${33 + random() * 4} ${38 + random() * 8}% ${light}%)`;
        if (shift > 0 && x + w <= size) continue;
        c.fillRect(x - shift, r * h, w, h);
      }
      c.save();
      c.beginPath();
      c.rect(x, r * h, w, h);
      c.clip();
      for (let k = 0; k < 7; k++) {
        c.strokeStyle = `hsla(28 40% 42% / ${0.05 + random() * 0.1})`;
        c.lineWidth = 0.6 + random() * 1.2;
        c.beginPath();
        const y = r * h + random() * h;
        c.moveTo(x, y);
        c.bezierCurveTo(x + w * 0.3, y + (random() - 0.5) * 9, x + w * 0.6, y + (random() - 0.5) * 9, x + w, y + (random() - 0.5) * 4);
        c.stroke();
      }
      c.restore();
      c.fillStyle = "hsla(28 35% 35% / 0.42)";
      c.fillRect(x, r * h, 1.1, h);
      x += w;
    }
    c.fillStyle = "hsla(28 35% 35% / 0.42)";
    c.fillRect(0, r * h, size, 1.1);
    void first;
  }
}

function carpet(c: CanvasRenderingContext2D, size: number, random: () => number): void {
  c.fillStyle = "#E6E1D8";
  c.fillRect(0, 0, size, size);
  for (let i = 0; i < 9000; i++) {
    c.fillStyle = random() < 0.5 ? `rgba(255,252,245,${random() * 0.22})` : `rgba(70,64,58,${random() * 0.13})`;
    c.fillRect(random() * size, random() * size, 1 + random() * 2, 1 + random() * 1.4);
  }
  c.fillStyle = "rgba(60,56,50,0.10)";
  for (let k = 0; k < 2; k++) {
    c.fillRect(0, (k * size) / 2, size, 1.4);
    c.fillRect((k * size) / 2, 0, 1.4, size);
  }
}

function stone(c: CanvasRenderingContext2D, size: number, random: () => number): void {
  const n = 3;
  const s = size / n;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      c.fillStyle = `hsl(${36 + random() * 8} ${15 + random() * 6}% ${84 + random() * 4}%)`;
      c.fillRect(i * s, j * s, s, s);
      for (let k = 0; k < 90; k++) {
        c.fillStyle = random() < 0.6 ? `hsla(34 12% 55% / ${random() * 0.14})` : `hsla(40 20% 96% / ${random() * 0.3})`;
        c.beginPath();
        c.ellipse(i * s + 4 + random() * (s - 8), j * s + 4 + random() * (s - 8), 1 + random() * 5, 1 + random() * 2.4, random() * 3, 0, 7);
        c.fill();
      }
      c.strokeStyle = "hsla(34 12% 52% / 0.5)";
      c.lineWidth = 1.6;
      c.strokeRect(i * s, j * s, s, s);
    }
  }
}

function tile(c: CanvasRenderingContext2D, size: number, random: () => number): void {
  const n = 4;
  const s = size / n;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const warm = (i + j) % 2 === 0;
      c.fillStyle = warm ? `hsl(24 ${34 + random() * 6}% ${70 + random() * 4}%)` : `hsl(38 ${28 + random() * 6}% ${83 + random() * 3}%)`;
      c.fillRect(i * s, j * s, s, s);
      c.strokeStyle = "hsla(34 20% 92% / 0.9)";
      c.lineWidth = 4;
      c.strokeRect(i * s, j * s, s, s);
    }
  }
}
