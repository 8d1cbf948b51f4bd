/** Lamps, screens, whiteboards, rugs, laptops, the coffee machine. */
import type { Mold } from "./mold";
import { COLOURS, pick, seeded, seedOf } from "./palette";
import type { PlanFurniture } from "./plan";

export function lamp(m: Mold, f: PlanFurniture): void {
  const h = f.height;
  const kind = Math.floor(seeded(seedOf(f.id))() * 2);
  m.lathe([[0, 0], [0.16, 0], [0.165, 0.015], [0.02, 0.035]], 0, 0, 0, COLOURS.graphite, { seg: 16 });
  m.rod(0.011, 0.013, h - 0.3, 0, 0.03, 0, kind === 0 ? COLOURS.brass : COLOURS.graphite, { seg: 7 });
  m.into("glow");
  if (kind === 0) m.lathe([[0.19, h - 0.34], [0.14, h - 0.02], [0.13, h - 0.02]], 0, 0, 0, "#FFF0D2", { seg: 18 });
  else m.ball(0.16, 0.15, 0.16, 0, h - 0.16, 0, "#FFF3DC", { seg: 14 });
  m.into("matte");
}

/** A lamp hanging from the ceiling over tables. */
export function pendant(m: Mold, x: number, y: number, z: number, ceiling: number, colour: string): void {
  m.rod(0.006, 0.006, ceiling - y - 0.2, x, y + 0.2, z, COLOURS.graphite, { seg: 5 });
  m.lathe([[0.2, y], [0.195, y + 0.02], [0.07, y + 0.19], [0.02, y + 0.22], [0, y + 0.22]], x, 0, z, colour, { seg: 18 });
  m.into("glow").lathe([[0, y + 0.012], [0.19, y + 0.012]], x, 0, z, "#FFF1D0", { seg: 14 });
  m.into("matte");
}

/** The frame of a screen; its picture is a panel that `pictures.ts` hangs in front. */
export function screenFrame(m: Mold, f: PlanFurniture): void {
  m.box(f.width, f.height, f.depth * 0.7, 0, f.height / 2, 0.01, COLOURS.graphite, { bevel: 0.02 });
}

export function whiteboard(m: Mold, f: PlanFurniture): void {
  const { width: w, height: h } = f;
  const standing = f.depth > 0.2;
  const foot = standing ? 0.75 : 0;
  const mid = foot + (h - foot) / 2;
  if (standing) {
    for (const sx of [-1, 1]) {
      m.box(0.04, h, 0.04, sx * (w / 2 - 0.05), h / 2, 0, COLOURS.oak, { bevel: 0.012 });
      m.box(0.05, 0.04, f.depth, sx * (w / 2 - 0.05), 0.03, 0, COLOURS.oak, { bevel: 0.014 });
    }
  }
  const board = (z: number): void => m.box(w - (standing ? 0.02 : 0), h - foot, 0.03, 0, mid, z, COLOURS.oak, { bevel: 0.012 });
  board(0);
  const faces = standing ? [-1, 1] : [-1];
  for (const side of faces) {
    m.box(w - 0.1, h - foot - 0.08, 0.008, 0, mid, side * 0.014, "#FCFCFA", { bevel: 0 });
    scribbles(m, w - 0.3, h - foot - 0.3, mid, side * 0.02, side, f.id);
  }
  m.box(w * 0.5, 0.02, 0.06, 0, foot + 0.03, -0.04, COLOURS.oakLight, { bevel: 0.008 });
  for (let i = 0; i < 3; i++) m.rod(0.008, 0.008, 0.11, -0.1 + i * 0.12, foot + 0.048, -0.045, pick([COLOURS.sky, COLOURS.clay, COLOURS.moss], i), { seg: 5, rz: Math.PI / 2 });
}

/** A diagram somebody left: boxes, lines, three notes. */
function scribbles(m: Mold, w: number, h: number, y: number, z: number, side: number, id: string): void {
  const random = seeded(seedOf(id + side));
  const line = (x: number, yy: number, length: number, colour: string, tilt = 0): void =>
    m.box(length, 0.012, 0.003, x * -side, yy, z, colour, { bevel: 0, rz: tilt });
  for (let i = 0; i < 3; i++) {
    const x = -w / 2 + 0.25 + i * (w * 0.32);
    const colour = pick([COLOURS.sky, COLOURS.moss, COLOURS.clay], i);
    line(x, y + h * 0.3, 0.34, colour);
    line(x, y + h * 0.3 - 0.2, 0.34, colour);
    line(x - 0.17, y + h * 0.3 - 0.1, 0.2, colour, Math.PI / 2);
    line(x + 0.17, y + h * 0.3 - 0.1, 0.2, colour, Math.PI / 2);
    line(x, y + h * 0.3 - 0.1, 0.18, COLOURS.graphite);
    if (i < 2) line(x + w * 0.16, y + h * 0.3 - 0.1, w * 0.32 - 0.4, COLOURS.graphite);
  }
  for (let i = 0; i < 4; i++) line(-w * 0.25 + (i % 2) * 0.04, y - h * 0.08 - i * 0.08, 0.34 + random() * 0.3, COLOURS.graphite);
  for (let i = 0; i < 4; i++) {
    m.box(0.14, 0.14, 0.005, -side * (w * 0.12 + i * 0.19), y - h * 0.18 - (i % 2) * 0.1, z, pick(["#F2D675", "#F0A98F", "#A9D2B4", "#A9C6EC"], i), { bevel: 0, rz: (random() - 0.5) * 0.2 });
  }
}

const RUGS: Readonly<Record<string, readonly [string, string]>> = {
  moss: ["#6E9079", "#E3DDCF"],
  sky: ["#7F97B8", "#E4E0D6"],
  clay: ["#BC7F6A", "#EADFD2"],
  amber: ["#CDA767", "#EFE6D3"],
  felt: ["#9AA39C", "#E0DCD2"],
};

export function rug(m: Mold, f: PlanFurniture): void {
  const [main, edge] = RUGS[f.material ?? "felt"] ?? RUGS["felt"]!;
  const { width: w, depth: d } = f;
  if (Math.abs(w - d) < 0.1) {
    const r = w / 2;
    m.lathe([[r, 0], [r - 0.02, 0.014], [r - 0.18, 0.015]], 0, 0, 0, main, { seg: 40 });
    m.lathe([[r - 0.18, 0.015], [r - 0.26, 0.015]], 0, 0, 0, edge, { seg: 40 });
    m.lathe([[r - 0.26, 0.015], [r * 0.5, 0.0152], [0, 0.0152]], 0, 0, 0, main, { seg: 40 });
    return;
  }
  m.box(w, 0.014, d, 0, 0.007, 0, main, { bevel: 0.006 });
  for (const inset of [0.16, 0.3]) {
    for (const s of [-1, 1]) {
      m.box(w - 2 * inset, 0.002, 0.045, 0, 0.0152, s * (d / 2 - inset), edge, { bevel: 0 });
      m.box(0.045, 0.002, d - 2 * inset, s * (w / 2 - inset), 0.0152, 0, edge, { bevel: 0 });
    }
  }
  for (const s of [-1, 1]) m.box(0.05, 0.008, d - 0.01, s * (w / 2 + 0.02), 0.004, 0, edge, { bevel: 0 });
}

/** Its screen looks at who sits at +Z. */
export function laptop(m: Mold, f: PlanFurniture): void {
  const { width: w, depth: d } = f;
  m.box(w, 0.016, d, 0, 0.008, 0.04, COLOURS.metal, { bevel: 0.006 });
  m.box(w * 0.86, 0.003, d * 0.45, 0, 0.017, 0.01, COLOURS.graphite, { bevel: 0 });
  m.at(0, 0.015, 0.04 - d / 2, 0, () => {
    m.box(w, f.height - 0.02, 0.012, 0, f.height / 2 - 0.01, -0.03, COLOURS.metal, { bevel: 0.005, rx: -0.22 });
    m.into("glow").box(w * 0.93, (f.height - 0.02) * 0.88, 0.004, 0, f.height / 2 - 0.01, -0.0225, "#D7E3EE", { bevel: 0, rx: -0.22 });
    m.into("matte");
  });
}

export function coffee(m: Mold, f: PlanFurniture): void {
  const { width: w, depth: d, height: h } = f;
  m.box(w, 0.07, d, 0, 0.035, 0, COLOURS.steel, { bevel: 0.015 });
  m.box(w, h - 0.08, d * 0.5, 0, h / 2 + 0.02, d * 0.24, "#D9DCDA", { bevel: 0.03 });
  m.box(w, 0.15, d * 0.92, 0, h - 0.075, 0, "#E8E9E5", { bevel: 0.035 });
  for (const sx of [-1, 1]) {
    m.rod(0.032, 0.036, 0.05, sx * w * 0.2, h - 0.2, -d * 0.18, COLOURS.graphite, { seg: 10 });
    m.rod(0.011, 0.013, 0.14, sx * w * 0.2, h - 0.185, -d * 0.2, COLOURS.walnut, { seg: 7, rx: -1.5 });
    m.lathe([[0, 0], [0.025, 0], [0.032, 0.06], [0, 0.055]], sx * w * 0.2, 0.075, -d * 0.18, COLOURS.trim, { seg: 9 });
  }
  m.into("glow").box(0.09, 0.02, 0.006, 0, h - 0.06, -d * 0.46, "#BFE3C8", { bevel: 0 });
  m.into("matte");
  for (let i = 0; i < 4; i++) m.lathe([[0, 0], [0.028, 0], [0.036, 0.05]], -w * 0.3 + i * w * 0.2, h, 0.05, pick([COLOURS.trim, COLOURS.terracotta], i), { seg: 8 });
}
