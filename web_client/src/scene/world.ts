/** The office as meshes: everything that never moves, shaded once, in about twenty draw calls. */
import * as THREE from "three";
import { Occlusion } from "./bake";
import { floors, risers } from "./floors";
import { plant, planter } from "./green";
import { Mold } from "./mold";
import { DAY, NIGHT, plantGarden, sky } from "./outside";
import { COLOURS, seedOf } from "./palette";
import type { PlanFurniture, PlanJson, PlanSeat } from "./plan";
import { bounds, floorAt, polygonCentre, zoneAt } from "./plan";
import type { ChairStyle } from "./seating";
import { booth, seat, sofa } from "./seating";
import { ceiling, chunkOf, walls } from "./shell";
import { cabinet, counter, desk, podium, roundTable, shelf, table } from "./tables";
import { coffee, lamp, laptop, pendant, rug, screenFrame, whiteboard } from "./things";

const BUILDERS: Readonly<Record<string, (m: Mold, f: PlanFurniture) => void>> = {
  desk, table, round_table: roundTable, counter, podium, shelf, cabinet, sofa, booth, plant, planter, lamp, coffee, whiteboard,
  rug, laptop, screen: screenFrame,
};

export interface World {
  group: THREE.Group;
  /** Beams and hanging lamps: hidden when one looks down from above. */
  overhead: THREE.Group;
  sun: THREE.DirectionalLight;
  matte: THREE.Material;
  glass: THREE.Material;
  ceilingHeight: number;
  fog: THREE.Fog;
  dispose(): void;
}

export function buildWorld(plan: PlanJson, theme: "light" | "dark", anisotropy: number): World {
  const night = theme === "dark";
  const colours = night ? NIGHT : DAY;
  const box = bounds(plan);
  const height = Math.max(2.4, ...plan.walls.map((w) => w.height));
  const m = new Mold();
  walls(m, plan);
  risers(m, plan);
  for (const f of plan.furniture) furnish(m, plan, f);
  for (const s of plan.seats) {
    m.inChunk(chunkOf(s.x, s.z));
    seat(m, s, floorAt(plan, s.x, s.z), chairStyle(plan, s), seedOf(zoneAt(plan, s.x, s.z)?.id ?? "") + (s.kind === "stool" ? seedOf(s.id) % 4 : 0));
  }
  boardFrame(m, plan);
  ceiling(m, plan, height);
  pendants(m, plan, height);
  plantGarden(m, plan, box, colours);

  const shade = new Occlusion(box, height);
  for (const [name, layer] of m.layers) {
    if (name.startsWith("matte") || name === "ceiling") shade.add(layer, 1);
    else if (name === "leaf") shade.add(layer, 0.4);
  }
  shade.soften();
  for (const [name, layer] of m.layers) {
    if (name.startsWith("matte")) shade.shade(layer, 0.52);
    else if (name === "leaf") shade.shade(layer, 0.5);
    else if (name === "ceiling") shade.shade(layer, 0.3);
  }

  const group = new THREE.Group();
  const overhead = new THREE.Group();
  group.add(overhead);
  const matte = new THREE.MeshLambertMaterial({ vertexColors: true });
  const leaf = new THREE.MeshLambertMaterial({ vertexColors: true, side: THREE.DoubleSide });
  const glow = new THREE.MeshBasicMaterial({ vertexColors: true, toneMapped: false });
  const garden = new THREE.MeshLambertMaterial({ vertexColors: true, color: night ? "#39455C" : "#FFFFFF" });
  const glass = new THREE.MeshLambertMaterial({ vertexColors: true, transparent: true, side: THREE.DoubleSide, depthWrite: false, emissive: "#FFFFFF", emissiveIntensity: night ? 0.02 : 0.12 });
  for (const [name, layer] of m.layers) {
    const isGlass = name === "glass";
    const material = isGlass ? glass : name === "leaf" ? leaf : name === "glow" || name === "pendant glow" ? glow : name === "outside" ? garden : matte;
    const mesh = new THREE.Mesh(layer.geometry(isGlass), material);
    mesh.name = name;
    const inside = name.startsWith("matte") || name === "leaf";
    mesh.castShadow = inside || name === "ceiling";
    mesh.receiveShadow = inside || name === "ceiling" || name === "beams";
    if (isGlass) mesh.renderOrder = 5;
    (name === "beams" || name.startsWith("pendant") ? overhead : group).add(mesh);
  }
  const ceilingMesh = group.children.find((c) => c.name === "ceiling");
  if (ceilingMesh instanceof THREE.Mesh) {
    const own = matte.clone();
    own.shadowSide = THREE.DoubleSide;
    own.emissive.set(night ? "#2A231A" : "#4A453C");
    ceilingMesh.material = own;
  }
  for (const mesh of floors(plan, box, shade.floorMap(), anisotropy)) group.add(mesh);
  group.add(sky(colours));
  const sun = lights(group, box, night);
  return {
    group, overhead, sun, matte, glass, ceilingHeight: height,
    fog: new THREE.Fog(colours.fog, 34, 150),
    dispose: () => {
      group.traverse((o) => {
        if (!(o instanceof THREE.Mesh)) return;
        (o.geometry as THREE.BufferGeometry).dispose();
        const material = o.material as THREE.MeshLambertMaterial;
        material.map?.dispose();
        material.aoMap?.dispose();
        material.dispose();
      });
      sun.shadow.map?.dispose();
    },
  };
}

function furnish(m: Mold, plan: PlanJson, f: PlanFurniture): void {
  const build = BUILDERS[f.kind];
  if (build === undefined) return;
  m.inChunk(chunkOf(f.x, f.z)).into("matte");
  m.at(f.x, floorAt(plan, f.x, f.z) + (f.elevation ?? 0), f.z, f.yaw, () => build(m, f));
}

function chairStyle(plan: PlanJson, s: PlanSeat): ChairStyle {
  const zone = zoneAt(plan, s.x, s.z);
  const atDesk = plan.furniture.some((f) => (f.kind === "desk" || f.kind === "counter") && Math.hypot(f.x - s.x, f.z - s.z) < 1.3);
  if (atDesk) return "task";
  return zone?.kind === "lounge" ? "wood" : "shell";
}

function boardFrame(m: Mold, plan: PlanJson): void {
  const b = plan.board;
  if (b === undefined || b === null) return;
  m.inChunk(chunkOf(b.x, b.z)).into("matte");
  m.at(b.x, 0, b.z, b.yaw, () => {
    m.box(b.width + 0.06, b.height + 0.06, 0.05, 0, 0.75 + b.height / 2, 0, COLOURS.oak, { bevel: 0.012 });
    m.box(b.width * 0.7, 0.04, 0.09, 0, 0.72, -0.04, COLOURS.oakDark, { bevel: 0.012 });
  });
}

/** Lamps over the tables where people meet, and in rows over the desks. */
function pendants(m: Mold, plan: PlanJson, height: number): void {
  const over = new Mold();
  const shades = [COLOURS.trim, COLOURS.ochre, COLOURS.feltDark, COLOURS.terracotta, COLOURS.moss];
  for (const f of plan.furniture) {
    if (f.height > 0.9 || (f.kind !== "table" && f.kind !== "round_table") || f.height < 0.5) continue;
    const zone = zoneAt(plan, f.x, f.z);
    const colour = zone?.kind === "meeting" ? shades[1]! : zone?.kind === "lounge" ? shades[3]! : shades[4]!;
    const count = Math.max(1, Math.round(f.width / 1.5));
    for (let i = 0; i < count; i++) {
      const d = -f.width / 2 + ((i + 0.5) * f.width) / count;
      pendant(over, f.x + Math.cos(f.yaw) * d, 2.02, f.z - Math.sin(f.yaw) * d, height, colour);
    }
  }
  for (const zone of plan.zones) {
    if (zone.kind !== "reception") continue;
    const [x, z] = polygonCentre(zone.polygon);
    for (const dx of [-5.6, 4.7]) pendant(over, x + dx, 2.3, z, height, COLOURS.linen);
  }
  for (const [name, layer] of over.layers) m.layers.set(name === "glow" ? "pendant glow" : "pendant", layer);
}

function lights(group: THREE.Group, box: { minX: number; maxX: number; minZ: number; maxZ: number }, night: boolean): THREE.DirectionalLight {
  // In the evening the lamps are on: warm from above, the garden dark outside.
  group.add(new THREE.HemisphereLight(night ? "#FFE6C8" : "#F6F8FA", night ? "#B39A80" : "#F0E4D2", night ? 2.0 : 2.65));
  const fill = new THREE.DirectionalLight(night ? "#FFD9A8" : "#FFF4E4", night ? 0.55 : 0.8);
  fill.position.set(-4, 7, 9);
  group.add(fill);
  const sun = new THREE.DirectionalLight(night ? "#8FA6D8" : "#FFE8C6", night ? 0.35 : 2.5);
  const cx = (box.minX + box.maxX) / 2;
  const cz = (box.minZ + box.maxZ) / 2;
  sun.position.set(cx + 16, 24, cz + 17);
  sun.target.position.set(cx, 0, cz);
  const reach = Math.hypot(box.maxX - box.minX, box.maxZ - box.minZ) / 2 + 1.5;
  Object.assign(sun.shadow.camera, { left: -reach, right: reach, top: reach * 0.8, bottom: -reach * 0.8, near: 4, far: 62 });
  sun.shadow.bias = -0.0006;
  sun.shadow.normalBias = 0.035;
  sun.shadow.radius = 3;
  sun.shadow.autoUpdate = false;
  group.add(sun, sun.target);
  return sun;
}
