/** Plants of several kinds, pots and planters. */
import type { Mold } from "./mold";
import { COLOURS, LEAVES, pick, seeded, seedOf } from "./palette";
import type { PlanFurniture } from "./plan";

const POTS = [COLOURS.terracotta, COLOURS.linen, COLOURS.feltDark, COLOURS.oakLight, "#D9D4C9"] as const;

export function plant(m: Mold, f: PlanFurniture): void {
  const random = seeded(seedOf(f.id));
  const kind = Math.floor(random() * 5);
  const r = Math.min(f.width, f.depth) / 2;
  const pot = 0.32 + r * 0.35;
  const colour = pick(POTS, Math.floor(random() * 5));
  if (random() < 0.4) basket(m, r, pot, colour);
  else m.lathe([[0, 0], [r * 0.62, 0], [r * 0.68, 0.02], [r * 0.92, pot - 0.02], [r * 0.92, pot], [r * 0.8, pot], [r * 0.78, pot - 0.05], [0, pot - 0.05]], 0, 0, 0, colour, { seg: 16 });
  m.lathe([[r * 0.8, pot - 0.05], [0, pot - 0.03]], 0, 0, 0, COLOURS.soil, { seg: 12 });
  const h = f.height;
  if (kind === 0) fiddle(m, pot, h, r, random);
  else if (kind === 1) palm(m, pot, h, r, random);
  else if (kind === 2) snake(m, pot, h, r, random);
  else if (kind === 3) bush(m, pot, h, r, random);
  else monstera(m, pot, h, r, random);
  m.into("matte");
}

function basket(m: Mold, r: number, pot: number, colour: string): void {
  for (const sx of [0, 1, 2]) {
    const a = sx * 2.09;
    m.rod(0.018, 0.012, 0.16, Math.sin(a) * r * 0.6, 0, Math.cos(a) * r * 0.6, COLOURS.oakDark, { seg: 6 });
  }
  m.lathe([[0, 0.12], [r * 0.72, 0.12], [r * 0.86, 0.16], [r * 0.86, pot - 0.01], [r * 0.82, pot], [r * 0.76, pot - 0.04], [0, pot - 0.05]], 0, 0, 0, colour, { seg: 16 });
}

/** Fiddle-leaf fig: a thin trunk and large upright leaves. */
function fiddle(m: Mold, pot: number, h: number, r: number, random: () => number): void {
  m.rod(0.018, 0.026, h * 0.62 - pot + 0.1, 0, pot - 0.05, 0, COLOURS.walnut, { seg: 6, rz: 0.03 });
  m.into("leaf");
  for (let i = 0; i < 18; i++) {
    const t = i / 18;
    const y = pot + (h * 0.82 - pot) * (0.25 + 0.75 * t);
    m.leaf(0.24 + 0.1 * (1 - t) + r * 0.15, 0.17, Math.sin(i) * 0.02, y, Math.cos(i) * 0.02, pick(LEAVES, i % 3), { ry: i * 2.4, rx: 1.15 - t * 0.75 + (random() - 0.5) * 0.2, bend: 0.3 });
  }
}

/** Parlour palm: arching fronds of narrow leaflets. */
function palm(m: Mold, pot: number, h: number, r: number, random: () => number): void {
  for (let i = 0; i < 8; i++) {
    const a = i * 2.4 + random() * 0.4;
    const lean = 0.22 + 0.5 * (i / 9) + random() * 0.1;
    const length = (h - pot) * (1.02 - 0.25 * (i / 9));
    m.into("leaf");
    m.at(0, pot - 0.04, 0, a, () => {
      m.leaf(length * 0.98, 0.035, 0, 0, 0, "#5F8F55", { rx: lean, bend: 0.45 });
      for (let k = 2; k < 7; k++) {
        const t = k / 7;
        // The frond bends as the stem leaf does: the same curve in the same frame.
        const sy = length * t * (1 - 0.126 * t);
        const sz = 0.45 * length * t * t;
        const y = sy * Math.cos(lean) - sz * Math.sin(lean);
        const z = sy * Math.sin(lean) + sz * Math.cos(lean);
        for (const side of [-1, 1]) m.leaf(0.24 * (1.15 - 0.6 * t) + r * 0.1, 0.05, 0, y, z, pick(LEAVES, k % 2 ? 0 : 2), { ry: side * 1.05, rx: lean + 0.75, bend: 0.55 });
      }
    });
  }
}

/** Snake plant: stiff upright blades. */
function snake(m: Mold, pot: number, h: number, r: number, random: () => number): void {
  m.into("leaf");
  for (let i = 0; i < 15; i++) {
    const a = i * 2.4;
    const d = r * 0.5 * Math.sqrt(i / 15);
    const length = (h - pot) * (0.62 + random() * 0.42);
    m.leaf(length, 0.075, Math.sin(a) * d, pot - 0.04, Math.cos(a) * d, i % 3 === 0 ? "#8FA865" : pick(LEAVES, i % 2), { ry: a, rx: 0.05 + d * 0.7, bend: 0.08 });
  }
}

/** A small tree: a trunk and soft round crowns. */
function bush(m: Mold, pot: number, h: number, r: number, random: () => number): void {
  m.rod(0.022, 0.03, h * 0.6 - pot + 0.12, 0, pot - 0.05, 0, COLOURS.walnut, { seg: 7 });
  m.into("leaf");
  const top = h * 0.74;
  for (let i = 0; i < 34; i++) {
    const t = i / 34;
    const a = i * 2.39996;
    const up = 1 - 2 * t;
    const ring = Math.sqrt(1 - up * up);
    const size = r * 0.72 + 0.05;
    m.leaf(0.17 + random() * 0.06, 0.095, Math.sin(a) * ring * size * 0.7, top + up * (h - top) * 0.7, Math.cos(a) * ring * size * 0.7, pick(LEAVES, Math.floor(random() * 5)), { ry: a, rx: Math.acos(Math.max(-1, Math.min(1, up * 0.9))) * 0.9, bend: 0.4 });
  }
}

/** Monstera: wide leaves on long stems. */
function monstera(m: Mold, pot: number, h: number, r: number, random: () => number): void {
  for (let i = 0; i < 12; i++) {
    const a = i * 2.4;
    const stem = (h - pot) * (0.45 + 0.4 * random());
    const lean = 0.15 + 0.45 * (i / 12);
    m.into("matte").rod(0.008, 0.012, stem, 0, pot - 0.05, 0, "#5F8F55", { seg: 5, ry: a, rx: lean });
    const y = pot - 0.05 + stem * Math.cos(lean);
    const out = stem * Math.sin(lean);
    m.into("leaf").leaf(0.27 + r * 0.2, 0.26, Math.sin(a) * out, y, Math.cos(a) * out, pick(LEAVES, i % 2 ? 1 : 0), { ry: a, rx: 1.15 + random() * 0.3, bend: 0.45 });
  }
}

export function planter(m: Mold, f: PlanFurniture): void {
  const { width: w, depth: d, height: h } = f;
  const random = seeded(seedOf(f.id));
  const box = Math.min(h, 0.5) * 0.86;
  m.box(w - 0.04, 0.05, d - 0.06, 0, 0.025, 0, COLOURS.graphite, { bevel: 0.008 });
  m.box(w, box - 0.04, d, 0, 0.04 + (box - 0.04) / 2, 0, COLOURS.oak, { bevel: 0.018 });
  const slats = Math.round(w / 0.24);
  for (let i = 0; i < slats; i++) for (const sz of [-1, 1]) m.box(0.2, box - 0.1, 0.014, -w / 2 + (i + 0.5) * (w / slats), box / 2 + 0.02, sz * (d / 2 + 0.004), i % 2 ? COLOURS.oakLight : COLOURS.oak, { bevel: 0 });
  m.box(w - 0.05, 0.02, d - 0.05, 0, box - 0.005, 0, COLOURS.soil, { bevel: 0 });
  m.into("leaf");
  const clumps = Math.round(w / 0.4);
  for (let c = 0; c < clumps; c++) {
    const x = -w / 2 + (c + 0.5) * (w / clumps) + (random() - 0.5) * 0.08;
    const z = (random() - 0.5) * d * 0.35;
    const tall = (h - box) * (0.9 + random() * 1.1) + 0.12;
    const kind = Math.floor(random() * 3);
    const leaves = kind === 0 ? 8 : 9;
    for (let i = 0; i < leaves; i++) {
      const a = i * 2.4 + c;
      if (kind === 0) m.leaf(tall * 1.15, 0.05, x, box - 0.02, z, pick(LEAVES, i % 2 ? 2 : 4), { ry: a, rx: 0.12 + random() * 0.3, bend: 0.35 });
      else if (kind === 1) m.leaf(tall * 0.8, 0.12, x, box - 0.02, z, pick(LEAVES, i % 2), { ry: a, rx: 0.35 + random() * 0.5, bend: 0.55 });
      else m.leaf(tall * 0.95, 0.09, x, box - 0.02, z, pick(LEAVES, 3 - (i % 2)), { ry: a, rx: 0.2 + random() * 0.7, bend: 0.7 });
    }
  }
  m.into("matte");
}
