/** Desks, tables, counters, shelves and cabinets. Local axes: the front is -Z; who works at a desk sits at +Z. */
import type { Mold } from "./mold";
import { BOOKS, COLOURS, LEAVES, pick, seeded, seedOf } from "./palette";
import type { PlanFurniture } from "./plan";

export function desk(m: Mold, f: PlanFurniture): void {
  const { width: w, depth: d, height: h } = f;
  const random = seeded(seedOf(f.id));
  m.box(w - 0.02, 0.035, d - 0.01, 0, h - 0.0175, 0, COLOURS.oakLight, { bevel: 0.014 });
  if (h > 0.95) {
    m.box(w - 0.08, h - 0.05, 0.03, 0, (h - 0.05) / 2 + 0.01, -d / 2 + 0.05, COLOURS.oak, { bevel: 0.01 });
    for (const sx of [-1, 1]) m.box(0.035, h - 0.04, d - 0.08, sx * (w / 2 - 0.06), (h - 0.04) / 2, 0, COLOURS.trim, { bevel: 0.012 });
    return;
  }
  for (const sx of [-1, 1]) {
    m.box(0.07, 0.025, d - 0.1, sx * (w / 2 - 0.12), 0.0125, 0, COLOURS.trim, { bevel: 0.01 });
    m.box(0.06, h - 0.06, 0.08, sx * (w / 2 - 0.12), h / 2 - 0.01, 0, COLOURS.trim, { bevel: 0.014 });
  }
  m.box(w - 0.3, 0.05, 0.05, 0, h - 0.07, 0, COLOURS.plasterShade, { bevel: 0.01 });
  // A felt screen along the front edge, shared with the desk opposite.
  m.box(w - 0.06, 0.36, 0.03, 0, h + 0.15, -d / 2 + 0.012, pick([COLOURS.felt, COLOURS.mossLight, COLOURS.feltLight], Math.floor(random() * 3)), { bevel: 0.014 });
  const side = random() < 0.5 ? -1 : 1;
  monitor(m, 0, h, -0.17);
  mug(m, side * (w / 2 - 0.24), h, 0.12, pick([COLOURS.terracotta, COLOURS.sky, COLOURS.trim, COLOURS.ochre], Math.floor(random() * 4)));
  if (random() < 0.6) books(m, -side * (w / 2 - 0.25), h, -0.12, random);
  if (random() < 0.5) sprig(m, side * (w / 2 - 0.2), h, -0.22, random);
  m.box(0.24, 0.008, 0.3, -side * 0.42, h + 0.004, 0.12, COLOURS.paper, { bevel: 0, ry: (random() - 0.5) * 0.5 });
}

function monitor(m: Mold, x: number, y: number, z: number): void {
  m.box(0.2, 0.014, 0.14, x, y + 0.007, z, COLOURS.metal, { bevel: 0.006 });
  m.box(0.03, 0.2, 0.02, x, y + 0.1, z - 0.02, COLOURS.metal, { bevel: 0.006 });
  m.box(0.6, 0.35, 0.028, x, y + 0.35, z, COLOURS.graphite, { bevel: 0.012 });
  m.into("glow").box(0.57, 0.32, 0.004, x, y + 0.35, z + 0.014, "#DCE6F0", { bevel: 0 });
  m.box(0.3, 0.02, 0.005, x - 0.1, y + 0.45, z + 0.016, "#8DA3BD", { bevel: 0 });
  for (let i = 0; i < 4; i++) m.box(0.42 - (i % 3) * 0.09, 0.012, 0.005, x - 0.05 - (i % 3) * 0.045, y + 0.4 - i * 0.035, z + 0.016, "#B4C2D2", { bevel: 0 });
  m.box(0.12, 0.12, 0.005, x + 0.2, y + 0.28, z + 0.016, "#9CC3AC", { bevel: 0 });
  m.into("matte");
}

export function mug(m: Mold, x: number, y: number, z: number, colour: string): void {
  m.lathe([[0.034, 0], [0.038, 0.09], [0.033, 0.09], [0, 0.072]], x, y, z, colour, { seg: 8 });
}

function books(m: Mold, x: number, y: number, z: number, random: () => number): void {
  let top = y;
  for (let i = 0; i < 3; i++) {
    const h = 0.025 + random() * 0.02;
    m.box(0.2 + random() * 0.05, h, 0.15, x, top + h / 2, z, pick(BOOKS, Math.floor(random() * 9)), { bevel: 0, ry: (random() - 0.5) * 0.5 });
    top += h;
  }
}

function sprig(m: Mold, x: number, y: number, z: number, random: () => number): void {
  m.rod(0.05, 0.04, 0.08, x, y, z, COLOURS.terracotta, { seg: 9 });
  m.into("leaf");
  for (let i = 0; i < 7; i++) m.leaf(0.14 + random() * 0.06, 0.05, x, y + 0.07, z, pick(LEAVES, i), { ry: i * 0.95, rx: 0.4 + random() * 0.4, bend: 0.5 });
  m.into("matte");
}

export function table(m: Mold, f: PlanFurniture): void {
  const { width: w, depth: d, height: h } = f;
  m.box(w, 0.045, d, 0, h - 0.0225, 0, COLOURS.oakLight, { bevel: 0.02 });
  const insetX = w > 1 ? Math.min(0.35, w * 0.14) : 0.1;
  for (const sx of [-1, 1]) {
    if (d > 0.9) {
      for (const sz of [-1, 1]) m.rod(0.035, 0.024, h - 0.04, sx * (w / 2 - insetX), 0, sz * (d / 2 - 0.18), COLOURS.oak, { seg: 8 });
      m.box(0.06, 0.06, d - 0.4, sx * (w / 2 - insetX), h - 0.075, 0, COLOURS.oak, { bevel: 0.014 });
    } else {
      m.box(0.06, h - 0.05, d * 0.7, sx * (w / 2 - insetX), (h - 0.05) / 2, 0, h > 0.9 ? COLOURS.oak : COLOURS.oakDark, { bevel: 0.02 });
    }
  }
  if (h > 0.9) m.box(w - 2 * insetX, 0.05, 0.04, 0, 0.22, 0, COLOURS.brass, { bevel: 0.014 });
  const random = seeded(seedOf(f.id));
  if (h < 0.5) {
    books(m, -w * 0.2, h, 0.05, random);
    bowl(m, w * 0.18, h, -0.02);
  } else if (h < 0.9) {
    for (let i = 0; i < Math.round(w / 1.1); i++) {
      const x = -w / 2 + (i + 0.5) * (w / Math.round(w / 1.1)) + (random() - 0.5) * 0.2;
      m.box(0.21, 0.008, 0.29, x, h + 0.004, (i % 2 ? -1 : 1) * d * 0.27, COLOURS.paper, { bevel: 0, ry: (random() - 0.5) * 0.6 });
      mug(m, x + 0.22, h, (i % 2 ? -1 : 1) * d * 0.2, pick([COLOURS.trim, COLOURS.sky, COLOURS.terracotta], i));
    }
    vase(m, 0, h, 0, random);
  } else {
    mug(m, w * 0.2, h, 0.05, COLOURS.terracotta);
    books(m, -w * 0.3, h, 0, random);
  }
}

export function roundTable(m: Mold, f: PlanFurniture): void {
  const { width: w, height: h } = f;
  const r = w / 2;
  m.lathe([[0, h - 0.04], [r - 0.03, h - 0.04], [r, h - 0.02], [r - 0.014, h], [0, h]], 0, 0, 0, COLOURS.oakLight, { seg: 28 });
  m.lathe([[r * 0.5, 0], [r * 0.5, 0.02], [0.06, 0.05], [0.045, 0.1], [0.045, h - 0.04]], 0, 0, 0, h < 0.5 ? COLOURS.oakDark : COLOURS.trim, { seg: 16 });
  const random = seeded(seedOf(f.id));
  if (h < 0.5) books(m, 0.1, h, 0.08, random);
  if (r > 0.6 || random() < 0.6) vase(m, -0.1, h, -0.05, random);
  else mug(m, -0.12, h, 0.1, COLOURS.trim);
}

function vase(m: Mold, x: number, y: number, z: number, random: () => number): void {
  m.lathe([[0, 0], [0.05, 0], [0.07, 0.05], [0.05, 0.13], [0.028, 0.16], [0.034, 0.18]], x, y, z, COLOURS.linen, { seg: 12 });
  m.into("leaf");
  for (let i = 0; i < 6; i++) m.leaf(0.22 + random() * 0.12, 0.06, x, y + 0.16, z, pick(LEAVES, i), { ry: i * 1.1, rx: 0.2 + random() * 0.35, bend: 0.4 });
  m.into("matte");
}

function bowl(m: Mold, x: number, y: number, z: number): void {
  m.lathe([[0, 0], [0.06, 0], [0.13, 0.06], [0.125, 0.065], [0.05, 0.015], [0, 0.015]], x, y, z, COLOURS.trim, { seg: 12 });
  for (let i = 0; i < 4; i++) m.ball(0.04, 0.04, 0.04, x + Math.sin(i * 1.6) * 0.05, y + 0.055, z + Math.cos(i * 1.6) * 0.05, pick([COLOURS.ochre, COLOURS.terracotta, "#A9B95B"], i), { seg: 7 });
}

export function counter(m: Mold, f: PlanFurniture): void {
  const { width: w, depth: d, height: h } = f;
  m.box(w - 0.06, 0.08, d - 0.12, 0, 0.04, 0.02, COLOURS.graphite, { bevel: 0.01 });
  m.box(w, h - 0.12, d - 0.06, 0, 0.08 + (h - 0.12) / 2, 0.02, COLOURS.oak, { bevel: 0.02 });
  m.box(w + 0.04, 0.04, d, 0, h - 0.02, 0, COLOURS.trim, { bevel: 0.016 });
  // Upright slats along the front.
  const slats = Math.max(4, Math.round(w / 0.1));
  for (let i = 0; i < slats; i++) m.box(0.045, h - 0.16, 0.025, -w / 2 + (i + 0.5) * (w / slats), 0.1 + (h - 0.16) / 2, -d / 2 + 0.042, i % 2 ? COLOURS.oakLight : COLOURS.oak, { bevel: 0 });
  const random = seeded(seedOf(f.id));
  vase(m, w * 0.36, h, -0.05, random);
  if (w > 4) {
    m.box(0.62, 0.03, 0.42, w * 0.12, h - 0.003, 0.02, COLOURS.steel, { bevel: 0.01 });
    m.box(0.52, 0.012, 0.32, w * 0.12, h + 0.008, 0.02, "#707878", { bevel: 0 });
    m.rod(0.014, 0.016, 0.3, w * 0.12, h, 0.2, COLOURS.metal, { seg: 8 });
    m.rod(0.011, 0.011, 0.2, w * 0.12, h + 0.29, 0.2, COLOURS.metal, { seg: 7, rx: -1.5 });
    for (let i = 0; i < 5; i++) mug(m, -w * 0.1 + i * 0.1, h, 0.12, pick([COLOURS.trim, COLOURS.terracotta, COLOURS.mossLight, COLOURS.ochre], i));
    bowl(m, -w * 0.42, h, 0.02);
    for (const y of [0.62, 0.98]) {
      m.box(w * 0.55, 0.035, 0.24, w * 0.12, h + y, d / 2 - 0.12, COLOURS.oak, { bevel: 0.01 });
      for (let i = 0; i < 9; i++) {
        const x = w * 0.12 - w * 0.25 + i * (w * 0.5 / 8);
        if (i % 3 === 2) m.lathe([[0, 0], [0.05, 0], [0.05, 0.14], [0.035, 0.16], [0.035, 0.18], [0, 0.18]], x, h + y + 0.018, d / 2 - 0.12, pick([COLOURS.ochre, COLOURS.linen, COLOURS.terracotta], i), { seg: 9 });
        else mug(m, x, h + y + 0.018, d / 2 - 0.12, pick([COLOURS.trim, COLOURS.skyLight, COLOURS.mossLight, COLOURS.terracotta], i + (y > 0.7 ? 1 : 0)));
      }
    }
  } else {
    m.box(0.3, 0.02, 0.22, -w * 0.3, h + 0.01, -0.1, COLOURS.paper, { bevel: 0.004, ry: 0.2 });
  }
}

export function podium(m: Mold, f: PlanFurniture): void {
  const { width: w, depth: d, height: h } = f;
  m.box(w * 0.9, 0.05, d * 0.9, 0, 0.025, 0, COLOURS.oakDark, { bevel: 0.016 });
  m.box(w * 0.62, h - 0.14, d * 0.45, 0, (h - 0.14) / 2 + 0.03, 0.02, COLOURS.oak, { bevel: 0.03 });
  m.box(w * 0.4, 0.22, 0.012, 0, h * 0.62, -d * 0.225, COLOURS.moss, { bevel: 0.005 });
  m.box(w, 0.04, d, 0, h - 0.06, 0, COLOURS.oakLight, { bevel: 0.016, rx: -0.2 });
  m.rod(0.008, 0.008, 0.26, w * 0.2, h - 0.04, -d * 0.2, COLOURS.graphite, { seg: 6, rx: 0.5 });
  m.ball(0.022, 0.035, 0.022, w * 0.2, h + 0.2, -d * 0.2 + 0.13, COLOURS.graphite, { seg: 7 });
}

export function shelf(m: Mold, f: PlanFurniture): void {
  const { width: w, depth: d, height: h } = f;
  const t = 0.03;
  const random = seeded(seedOf(f.id));
  const levels = Math.max(2, Math.round(h / 0.4));
  const step = (h - t - 0.06) / levels;
  const bays = Math.max(1, Math.round(w / 0.85));
  const bay = (w - t) / bays;
  m.box(w, h - 0.05, 0.015, 0, h / 2, d / 2 - 0.01, COLOURS.oakDark, { bevel: 0 });
  for (let b = 0; b <= bays; b++) m.box(t, h, d, -w / 2 + t / 2 + b * bay, h / 2, 0, COLOURS.oak, { bevel: 0.008 });
  for (let l = 0; l <= levels; l++) m.box(w, t, d - 0.005, 0, 0.06 + t / 2 + l * step - (l === levels ? 0 : 0), 0, COLOURS.oakLight, { bevel: 0.008 });
  for (let l = 0; l < levels; l++) {
    for (let b = 0; b < bays; b++) {
      const left = -w / 2 + t + b * bay + 0.02;
      const room = bay - t - 0.04;
      const y = 0.06 + t + l * step;
      const kind = random();
      if (kind < 0.14) {
        m.box(room * 0.9, step * 0.62, d * 0.7, left + room / 2, y + step * 0.31, 0, pick([COLOURS.linen, COLOURS.feltLight, COLOURS.blush], Math.floor(random() * 3)), { bevel: 0.02 });
        continue;
      }
      const fill = kind < 0.3 ? 0.45 : kind < 0.65 ? 0.75 : 0.98;
      let x = left;
      while (x < left + room * fill - 0.05) {
        const bw = 0.03 + random() * 0.042;
        const bh = Math.min(step * 0.9 - t, 0.19 + random() * 0.11);
        m.book(bw, bh, d * 0.62, x + bw / 2, y + bh / 2, -d * 0.08, pick(BOOKS, Math.floor(random() * 40)));
        x += bw + 0.003;
      }
      if (fill < 0.6) ornament(m, left + room * 0.78, y, -d * 0.05, random);
    }
  }
  if (h < 1.2) {
    for (let b = 0; b < bays; b++) {
      const x = -w / 2 + (b + 0.5) * (w / bays);
      if (random() < 0.75) ornament(m, x + (random() - 0.5) * 0.3, h, 0, random);
    }
  }
}

function ornament(m: Mold, x: number, y: number, z: number, random: () => number): void {
  const kind = random();
  if (kind < 0.5) sprig(m, x, y, z, random);
  else if (kind < 0.75) m.ball(0.07, 0.07, 0.07, x, y + 0.07, z, pick([COLOURS.ochre, COLOURS.terracotta, COLOURS.skyLight], Math.floor(random() * 3)), { seg: 10 });
  else {
    m.box(0.2, 0.24, 0.02, x, y + 0.12, z, COLOURS.oakDark, { bevel: 0.006, rx: 0.15 });
    m.box(0.16, 0.2, 0.006, x, y + 0.12, z - 0.013, pick([COLOURS.blush, COLOURS.skyLight, COLOURS.linen], Math.floor(random() * 3)), { bevel: 0, rx: 0.15 });
  }
}

export function cabinet(m: Mold, f: PlanFurniture): void {
  const { width: w, depth: d, height: h } = f;
  const tall = h > 1.5;
  m.box(w - 0.04, 0.06, d - 0.06, 0, 0.03, 0.02, COLOURS.graphite, { bevel: 0.01 });
  m.box(w, h - 0.06, d, 0, 0.06 + (h - 0.06) / 2, 0, tall ? COLOURS.trim : COLOURS.oak, { bevel: 0.014 });
  const doors = Math.max(1, Math.round(w / 0.55));
  for (let i = 0; i < doors; i++) {
    const x = -w / 2 + (i + 0.5) * (w / doors);
    const parts = tall ? [[0.1, 0.7], [0.74, 1]] : [[0.06, 0.97]];
    for (const [lo, hi] of parts) {
      const top = 0.06 + (h - 0.06) * hi!;
      const foot = 0.06 + (h - 0.06) * lo!;
      m.box(w / doors - 0.025, top - foot - 0.02, 0.02, x, (top + foot) / 2, -d / 2 - 0.006, tall ? COLOURS.plaster : COLOURS.oakLight, { bevel: 0.008 });
      m.box(0.018, 0.12, 0.02, x + w / doors / 2 - 0.05, Math.min(top - 0.12, 1.1), -d / 2 - 0.022, COLOURS.brass, { bevel: 0.006 });
    }
  }
  if (!tall) {
    const random = seeded(seedOf(f.id));
    ornament(m, -w * 0.25, h, 0, random);
    books(m, w * 0.2, h, 0.02, random);
  }
}
