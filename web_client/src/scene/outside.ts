/** What one sees through the windows: sky, lawn, trees, a quiet skyline. */
import * as THREE from "three";
import type { Mold } from "./mold";
import { pick, seeded } from "./palette";
import type { Box, PlanJson } from "./plan";

export interface SkyColours {
  zenith: string;
  horizon: string;
  ground: string;
  fog: string;
}
export const DAY: SkyColours = { zenith: "#8FBCE3", horizon: "#EAF1F2", ground: "#B9CBA5", fog: "#E6EEF0" };
export const NIGHT: SkyColours = { zenith: "#0E1526", horizon: "#34425E", ground: "#26332C", fog: "#2A3448" };

export function sky(colours: SkyColours): THREE.Mesh {
  const g = new THREE.SphereGeometry(180, 20, 14);
  const position = g.attributes.position!;
  const rgb = new Float32Array(position.count * 3);
  const zenith = new THREE.Color(colours.zenith);
  const horizon = new THREE.Color(colours.horizon);
  const c = new THREE.Color();
  for (let i = 0; i < position.count; i++) {
    const t = Math.max(0, position.getY(i) / 180);
    c.copy(horizon).lerp(zenith, Math.min(1, t ** 0.55 * 1.15)).toArray(rgb, i * 3);
  }
  g.setAttribute("color", new THREE.BufferAttribute(rgb, 3));
  const mesh = new THREE.Mesh(g, new THREE.MeshBasicMaterial({ vertexColors: true, side: THREE.BackSide, fog: false, depthWrite: false }));
  mesh.renderOrder = -10;
  mesh.name = "sky";
  return mesh;
}

/** Lawn, path and trees into layer "outside". */
export function plantGarden(m: Mold, plan: PlanJson, box: Box, colours: SkyColours): void {
  const random = seeded(4242);
  m.inChunk("").into("outside");
  const cx = (box.minX + box.maxX) / 2;
  const cz = (box.minZ + box.maxZ) / 2;
  const rings = [0, 18, 30, 60, 170];
  for (let r = 0; r + 1 < rings.length; r++) {
    m.lathe([[rings[r + 1]!, -0.08], [rings[r]!, -0.08]], cx, 0, cz, pick([colours.ground, "#B3C89E", colours.ground, "#C4D1B6"], r), { seg: 28 });
  }
  // A stone terrace around the house and the way to the entrance.
  m.box(box.maxX - box.minX + 3, 0.06, box.maxZ - box.minZ + 3, cx, -0.045, cz, "#D9D3C6", { bevel: 0 });
  const entrance = plan.doors.find((d) => /entr/i.test(d.id)) ?? plan.doors[0];
  if (entrance !== undefined) {
    const x = (entrance.a[0] + entrance.b[0]) / 2;
    for (let i = 0; i < 11; i++) m.box(2.6, 0.05, 1.05, x + Math.sin(i * 0.5) * 0.15, -0.05, box.maxZ + 2.1 + i * 1.3, "#CFC8BA", { bevel: 0 });
  }
  for (let i = 0; i < 52; i++) {
    const a = (i / 52) * Math.PI * 2 + random() * 0.08;
    const d = 5 + random() * 13 + (i % 3) * 7;
    const x = cx + Math.cos(a) * (16 + d) * 1.12;
    const z = cz + Math.sin(a) * (11 + d) * 1.12;
    // Keep crowns off the walls, at the corners too.
    if (x > box.minX - 3.5 && x < box.maxX + 3.5 && z > box.minZ - 3.5 && z < box.maxZ + 3.5) continue;
    if (Math.abs(x) < 3 && z > 0) continue;
    if (i % 4 === 3) hedge(m, x, z, random);
    else tree(m, x, z, 2.6 + random() * 3.2, random);
  }
  for (let i = 0; i < 26; i++) {
    const a = (i / 26) * Math.PI * 2;
    const d = 110 + random() * 40;
    const w = 6 + random() * 7;
    const h = 5 + random() * 15;
    m.box(w, h, w * 0.7, Math.cos(a) * d, h / 2 - 0.5, Math.sin(a) * d, pick(["#D6DFE3", "#DEE2E1", "#CFDAE0", "#E2DFD8"], i), { bevel: 0, ry: -a + Math.PI / 2 });
  }
  m.into("matte");
}

function tree(m: Mold, x: number, z: number, h: number, random: () => number): void {
  m.rod(0.09, 0.15, h * 0.5, x, -0.1, z, "#8A6B50", { seg: 6 });
  const green = pick(["#7FA56C", "#6C9767", "#93B477", "#86A985", "#A6B86B"], Math.floor(random() * 5));
  m.ball(h * 0.3, h * 0.33, h * 0.3, x, h * 0.68, z, green, { seg: 8, ry: random() * 3 });
  m.ball(h * 0.2, h * 0.2, h * 0.2, x + h * 0.17, h * 0.52, z + h * 0.1, green, { seg: 7 });
}

function hedge(m: Mold, x: number, z: number, random: () => number): void {
  for (let i = 0; i < 3; i++) {
    const r = 0.5 + random() * 0.4;
    m.ball(r * 1.3, r * 0.9, r, x + (i - 1) * 0.9, r * 0.5, z + (random() - 0.5) * 0.6, pick(["#6F9A66", "#88AC74", "#7BA27E"], i), { seg: 7 });
  }
}
