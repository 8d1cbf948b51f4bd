/** The floor plan from above, in line and paper colours. */
import { ACCENT, OUTFIT, pick } from "./palette";
import type { PlanJson } from "./plan";
import { bounds, polygonCentre, wallSpans } from "./plan";
import type { PersonView } from "./view";

interface Fit {
  scale: number;
  left: number;
  top: number;
}
interface Tints {
  paper: string;
  ink: string;
  line: string;
  moss: string;
  sky: string;
}

const NEAR = 6;

/** Draws the plan and everyone on it. `selfSlot` is the arrow; -1 for nobody. Crisp at any pixel ratio. */
export function drawMinimap(canvas: HTMLCanvasElement, plan: PlanJson, people: readonly PersonView[], selfSlot: number): void {
  const ratio = Math.min(3, typeof devicePixelRatio === "number" ? devicePixelRatio : 1);
  const width = canvas.clientWidth || canvas.width;
  const height = canvas.clientHeight || canvas.height;
  if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio);
  if (canvas.height !== Math.round(height * ratio)) canvas.height = Math.round(height * ratio);
  const c = canvas.getContext("2d");
  if (c === null) return;
  const tints = tintsOf(canvas);
  const fit = fitOf(plan, width, height);
  c.setTransform(ratio, 0, 0, ratio, 0, 0);
  c.clearRect(0, 0, width, height);
  drawPlan(c, plan, fit, tints);
  const self = people.find((p) => p.slot === selfSlot) ?? null;
  for (const p of people) if (p.slot !== selfSlot) drawDot(c, p, fit, tints, self);
  if (self !== null) drawArrow(c, self, fit, tints);
}

/** The spot of the office under a point of the drawn map, in CSS pixels from its top left. */
export function minimapToWorld(canvas: { clientWidth: number; clientHeight: number }, plan: PlanJson, x: number, y: number): { x: number; z: number } {
  const fit = fitOf(plan, canvas.clientWidth, canvas.clientHeight);
  return { x: (x - fit.left) / fit.scale, z: (y - fit.top) / fit.scale };
}

function fitOf(plan: PlanJson, width: number, height: number): Fit {
  const box = bounds(plan);
  const pad = 6;
  const scale = Math.min((width - 2 * pad) / (box.maxX - box.minX), (height - 2 * pad) / (box.maxZ - box.minZ));
  return {
    scale,
    left: width / 2 - (scale * (box.minX + box.maxX)) / 2,
    top: height / 2 - (scale * (box.minZ + box.maxZ)) / 2,
  };
}

function drawPlan(c: CanvasRenderingContext2D, plan: PlanJson, fit: Fit, tints: Tints): void {
  const at = (x: number, z: number): [number, number] => [fit.left + x * fit.scale, fit.top + z * fit.scale];
  for (const zone of plan.zones) {
    c.beginPath();
    zone.polygon.forEach(([x, z], i) => (i === 0 ? c.moveTo(...at(x, z)) : c.lineTo(...at(x, z))));
    c.closePath();
    c.fillStyle = tints.paper;
    c.fill();
    c.globalAlpha = zone.enclosed ? 0.2 : 0.1;
    c.fillStyle = zone.accent ?? tints.line;
    c.fill();
    c.globalAlpha = 1;
  }
  c.globalAlpha = 0.16;
  c.fillStyle = tints.ink;
  for (const f of plan.furniture) {
    if (!f.solid) continue;
    const [x, y] = at(f.x, f.z);
    c.save();
    c.translate(x, y);
    c.rotate(-f.yaw);
    const [w, d] = [f.width * fit.scale, f.depth * fit.scale];
    c.beginPath();
    if (f.kind === "plant" || f.kind === "round_table" || f.kind === "lamp") c.ellipse(0, 0, w / 2, d / 2, 0, 0, 7);
    else c.rect(-w / 2, -d / 2, w, d);
    c.fill();
    c.restore();
  }
  c.globalAlpha = 1;
  c.lineCap = "round";
  c.strokeStyle = tints.ink;
  for (const wall of plan.walls) {
    const length = Math.hypot(wall.b[0] - wall.a[0], wall.b[1] - wall.a[1]);
    c.globalAlpha = wall.material === "plaster" ? 0.62 : 0.34;
    c.lineWidth = wall.material === "plaster" ? 1.6 : 1;
    for (const span of wallSpans(wall, plan.doors)) {
      const point = (d: number): [number, number] => at(wall.a[0] + ((wall.b[0] - wall.a[0]) * d) / length, wall.a[1] + ((wall.b[1] - wall.a[1]) * d) / length);
      c.beginPath();
      c.moveTo(...point(span.from));
      c.lineTo(...point(span.to));
      c.stroke();
    }
  }
  c.globalAlpha = 0.62;
  c.fillStyle = tints.ink;
  c.font = "500 9px 'Inter Variable', Inter, sans-serif";
  c.textAlign = "center";
  c.textBaseline = "middle";
  for (const zone of plan.zones) {
    const [x] = at(...polygonCentre(zone.polygon));
    const y = at(0, Math.min(...zone.polygon.map((p) => p[1])))[1] + 9;
    const room = (Math.max(...zone.polygon.map((p) => p[0])) - Math.min(...zone.polygon.map((p) => p[0]))) * fit.scale;
    if (c.measureText(zone.name).width < room - 4) c.fillText(zone.name, x, y);
  }
  c.globalAlpha = 1;
}

function drawDot(c: CanvasRenderingContext2D, p: PersonView, fit: Fit, tints: Tints, self: PersonView | null): void {
  const x = fit.left + p.x * fit.scale;
  const y = fit.top + p.z * fit.scale;
  const near = self !== null && Math.hypot(p.x - self.x, p.z - self.z) < NEAR;
  const r = near ? 7 : 3.6;
  if (p.level > 0.06) {
    c.globalAlpha = 0.35;
    c.fillStyle = p.kind === "avatar" ? tints.sky : tints.moss;
    c.beginPath();
    c.arc(x, y, r + 2 + p.level * 4, 0, 7);
    c.fill();
  }
  c.globalAlpha = p.present ? 1 : 0.45;
  c.fillStyle = p.kind === "avatar" ? tints.sky : pick(OUTFIT, p.look[3]);
  c.strokeStyle = tints.paper;
  c.lineWidth = 1.2;
  c.beginPath();
  // AI colleagues are rounded squares, people are dots: not by colour alone.
  if (p.kind === "avatar") c.roundRect(x - r, y - r, 2 * r, 2 * r, r * 0.45);
  else c.arc(x, y, r, 0, 7);
  c.fill();
  c.stroke();
  if (near) {
    c.fillStyle = p.kind === "avatar" ? "#FFFFFF" : pick(["#1E2329", "#10202F", "#1E2329", "#1E2329", pick(ACCENT, 0), "#1E2329"], p.look[3]);
    c.font = "620 7.5px 'Inter Variable', Inter, sans-serif";
    c.textAlign = "center";
    c.textBaseline = "middle";
    c.fillText(initials(p.name), x, y + 0.5);
  }
  c.globalAlpha = 1;
}

export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const first = words[0] ?? "?";
  const last = words.length > 1 ? words[words.length - 1]! : "";
  return ([...first][0]! + ([...last][0] ?? "")).toUpperCase();
}

function drawArrow(c: CanvasRenderingContext2D, p: PersonView, fit: Fit, tints: Tints): void {
  c.save();
  c.translate(fit.left + p.x * fit.scale, fit.top + p.z * fit.scale);
  c.rotate(-p.yaw);
  c.beginPath();
  c.moveTo(0, -8);
  c.lineTo(5.5, 6);
  c.lineTo(0, 3);
  c.lineTo(-5.5, 6);
  c.closePath();
  c.fillStyle = tints.moss;
  c.strokeStyle = tints.paper;
  c.lineWidth = 1.6;
  c.lineJoin = "round";
  c.stroke();
  c.fill();
  c.restore();
}

const known = new WeakMap<HTMLCanvasElement, { at: number; tints: Tints }>();

/** The page's colours, asked for at most once a second. */
function tintsOf(canvas: HTMLCanvasElement): Tints {
  const cached = known.get(canvas);
  if (cached !== undefined && performance.now() - cached.at < 1000) return cached.tints;
  const style = getComputedStyle(canvas);
  const read = (name: string, fallback: string): string => style.getPropertyValue(name).trim() || fallback;
  const tints: Tints = {
    paper: read("--paper", "#FBFAF7"), ink: read("--ink", "#1E2329"), line: read("--line", "#E4E0D8"),
    moss: read("--moss", "#3F7D58"), sky: read("--sky", "#3B6FB6"),
  };
  known.set(canvas, { at: performance.now(), tints });
  return tints;
}
