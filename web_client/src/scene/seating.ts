/** Chairs, stools, sofas and booths. Local axes: the sitter looks along -Z. */
import type { Mold } from "./mold";
import { COLOURS, pick } from "./palette";
import type { PlanFurniture, PlanSeat } from "./plan";

export const CLOTH: Readonly<Record<string, readonly [body: string, cushion: string]>> = {
  moss: ["#6A9A7E", "#7CAB8F"],
  sky: ["#7793BD", "#8BA6CC"],
  clay: ["#C47F69", "#D2937D"],
  amber: ["#D6AE68", "#E2C080"],
  felt: ["#A3ACA6", "#B6BEB8"],
  linen: ["#D9CFBC", "#E7DFCE"],
};

export function clothOf(material: string | undefined): readonly [string, string] {
  return CLOTH[material ?? "felt"] ?? CLOTH["felt"]!;
}

/** Where a chair stands decides what chair it is. */
export type ChairStyle = "task" | "shell" | "wood";

export function seat(m: Mold, s: PlanSeat, floor: number, style: ChairStyle, colour: number): void {
  m.at(s.x, floor, s.z, s.yaw, () => {
    if (s.kind === "stool") stool(m, s.height, colour);
    else if (s.kind === "chair") chair(m, s.height, style, colour);
  });
}

const SHELLS = ["#E9E4DA", "#7FA98B", "#D2A24C", "#8FA9C9", "#C98A72"] as const;

function chair(m: Mold, h: number, style: ChairStyle, colour: number): void {
  const shell = pick(SHELLS, colour);
  if (style === "task") {
    for (let i = 0; i < 5; i++) {
      const a = (i / 5) * Math.PI * 2 + 0.3;
      m.box(0.05, 0.03, 0.27, Math.sin(a) * 0.14, 0.075, Math.cos(a) * 0.14, COLOURS.steel, { ry: a, bevel: 0.01 });
      m.box(0.03, 0.06, 0.06, Math.sin(a) * 0.27, 0.03, Math.cos(a) * 0.27, COLOURS.graphite, { bevel: 0, ry: a });
    }
    m.rod(0.025, 0.025, h - 0.12, 0, 0.08, 0, COLOURS.steel, { seg: 8 });
    m.box(0.47, 0.075, 0.46, 0, h - 0.035, 0, COLOURS.feltDark, { bevel: 0.034 });
    m.box(0.44, 0.46, 0.06, 0, h + 0.33, 0.25, COLOURS.felt, { bevel: 0.03, rx: 0.14 });
    m.box(0.06, 0.3, 0.03, 0, h + 0.07, 0.255, COLOURS.steel, { bevel: 0.01, rx: 0.1 });
    for (const sx of [-1, 1]) {
      m.box(0.04, 0.18, 0.04, sx * 0.255, h + 0.08, 0.05, COLOURS.steel, { bevel: 0.012 });
      m.box(0.065, 0.03, 0.25, sx * 0.255, h + 0.185, 0.02, COLOURS.graphite, { bevel: 0.014 });
    }
    return;
  }
  const leg = style === "wood" ? COLOURS.oakDark : COLOURS.oak;
  for (const sx of [-1, 1]) {
    for (const sz of [-1, 1]) {
      m.rod(0.02, 0.014, h - 0.03, sx * 0.2, 0, sz * 0.19, leg, { seg: 6, rx: sz * 0.06, rz: -sx * 0.06 });
    }
  }
  if (style === "wood") {
    m.box(0.43, 0.04, 0.42, 0, h - 0.02, 0, COLOURS.oak, { bevel: 0.018 });
    m.box(0.4, 0.03, 0.39, 0, h + 0.012, 0, shell, { bevel: 0.014 });
    for (const sx of [-1, 1]) m.rod(0.015, 0.018, 0.38, sx * 0.185, h, 0.19, leg, { seg: 6, rx: 0.12 });
    m.box(0.42, 0.16, 0.028, 0, h + 0.33, 0.235, COLOURS.oak, { bevel: 0.013, rx: 0.12 });
    return;
  }
  m.box(0.45, 0.05, 0.44, 0, h - 0.02, 0, shell, { bevel: 0.024 });
  m.box(0.44, 0.09, 0.05, 0, h + 0.035, 0.215, shell, { bevel: 0.024, rx: 0.5 });
  m.box(0.44, 0.36, 0.04, 0, h + 0.22, 0.255, shell, { bevel: 0.019, rx: 0.16 });
}

function stool(m: Mold, h: number, colour: number): void {
  if (h < 0.55) {
    const [body, cushion] = pick([CLOTH["moss"]!, CLOTH["amber"]!, CLOTH["clay"]!, CLOTH["sky"]!], colour);
    m.lathe([[0, 0], [0.2, 0], [0.215, 0.03], [0.22, h - 0.12], [0.21, h - 0.1]], 0, 0, 0, body, { seg: 14 });
    m.lathe([[0.21, h - 0.1], [0.232, h - 0.06], [0.215, h - 0.01], [0, h + 0.004]], 0, 0, 0, cushion, { seg: 14 });
    return;
  }
  for (let i = 0; i < 4; i++) {
    const a = (i / 4) * Math.PI * 2 + Math.PI / 4;
    m.rod(0.018, 0.014, h - 0.02, Math.sin(a) * 0.19, 0, Math.cos(a) * 0.19, COLOURS.oakDark, { seg: 6, rx: -Math.cos(a) * 0.12, rz: Math.sin(a) * 0.12 });
  }
  m.lathe([[0.185, 0.24], [0.2, 0.25], [0.185, 0.26]], 0, 0, 0, COLOURS.brass, { seg: 12 });
  m.lathe([[0, h - 0.045], [0.16, h - 0.045], [0.185, h - 0.02], [0.165, h], [0, h - 0.008]], 0, 0, 0, COLOURS.oak, { seg: 14 });
}

export function sofa(m: Mold, f: PlanFurniture): void {
  const [body, cushion] = clothOf(f.material);
  const { width: w, depth: d, height: h } = f;
  const seatHeight = 0.42;
  const arm = w > 1.2 ? 0.17 : 0.13;
  for (const sx of [-1, 1]) for (const sz of [-1, 1]) m.rod(0.022, 0.016, 0.14, sx * (w / 2 - 0.1), 0, sz * (d / 2 - 0.1), COLOURS.oakDark, { seg: 7 });
  m.box(w - 0.04, 0.16, d - 0.04, 0, 0.2, 0, body, { bevel: 0.035 });
  m.box(w, h - 0.16, 0.2, 0, 0.12 + (h - 0.12) / 2, d / 2 - 0.12, body, { bevel: 0.07, rx: 0.06 });
  for (const sx of [-1, 1]) m.box(arm, 0.44, d - 0.06, sx * (w / 2 - arm / 2), 0.36, -0.01, body, { bevel: 0.06 });
  const inner = w - 2 * arm;
  const seats = Math.max(1, Math.round(inner / 0.9));
  const each = inner / seats;
  for (let i = 0; i < seats; i++) {
    const x = -inner / 2 + each * (i + 0.5);
    m.box(each - 0.015, 0.17, d - 0.26, x, seatHeight - 0.085, -0.09, cushion, { bevel: 0.055 });
    m.box(each - 0.03, 0.36, 0.16, x, seatHeight + 0.18, d / 2 - 0.26, cushion, { bevel: 0.065, rx: 0.2 });
  }
  if (w > 1.2) {
    const pillow = f.material === "moss" ? COLOURS.ochre : f.material === "sky" ? COLOURS.linen : COLOURS.mossLight;
    m.box(0.4, 0.36, 0.14, -inner / 2 + 0.2, seatHeight + 0.2, d / 2 - 0.4, pillow, { bevel: 0.06, rx: 0.3, rz: 0.12, ry: -0.25 });
    m.box(0.36, 0.32, 0.13, inner / 2 - 0.18, seatHeight + 0.18, d / 2 - 0.4, COLOURS.linen, { bevel: 0.055, rx: 0.32, rz: -0.1, ry: 0.25 });
  }
}

/** A felt booth for one to think or call in, open towards -Z. */
export function booth(m: Mold, f: PlanFurniture): void {
  const [body, cushion] = clothOf(f.material);
  const { width: w, depth: d, height: h } = f;
  const t = 0.07;
  m.box(w, h, t, 0, h / 2, d / 2 - t / 2, body, { bevel: 0.03 });
  for (const sx of [-1, 1]) m.box(t, h, d, sx * (w / 2 - t / 2), h / 2, 0, body, { bevel: 0.03 });
  m.box(w, t, d, 0, h - t / 2, 0, COLOURS.feltDark, { bevel: 0.03 });
  m.box(w - 2 * t, 0.3, 0.55, 0, 0.15, d / 2 - t - 0.275, COLOURS.oak, { bevel: 0.012 });
  m.box(w - 2 * t - 0.02, 0.13, 0.56, 0, 0.36, d / 2 - t - 0.285, CLOTH["amber"]![0], { bevel: 0.05 });
  for (let i = 0; i < 3; i++) m.box((w - 2 * t) / 3 - 0.015, 0.62, 0.1, (i - 1) * ((w - 2 * t) / 3), 0.86, d / 2 - t - 0.04, cushion, { bevel: 0.045 });
  m.box(w - 2 * t, 0.035, 0.32, 0, 0.72, -d / 2 + 0.22, COLOURS.oak, { bevel: 0.014 });
  m.into("glow").box(0.5, 0.02, 0.06, 0, h - t - 0.012, 0, "#FFF3D6", { bevel: 0 });
  m.into("matte");
}
