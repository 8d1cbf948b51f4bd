/** Screens and signs that show what is: one canvas for all of them, and one for the task board. */
import * as THREE from "three";
import { Layer, Mold } from "./mold";
import { COLOURS } from "./palette";
import type { PlanJson, PlanZone } from "./plan";
import { polygonCentre, zoneAt } from "./plan";
import { accentOf, DOOR_HEIGHT } from "./shell";
import type { CardView, MeetingView, PersonView } from "./view";

export const FONT = "'Inter Variable', Inter, 'Helvetica Neue', 'DejaVu Sans', sans-serif";
const ATLAS = 1024;
const SIGN = { w: 256, h: 64 };
const SCREEN = { w: 512, h: 256 };

interface Slot {
  x: number;
  y: number;
  w: number;
  h: number;
  zone: PlanZone;
  kind: "sign" | "screen";
}

export class Pictures {
  readonly mesh: THREE.Mesh;
  private readonly canvas = document.createElement("canvas");
  private readonly texture: THREE.CanvasTexture;
  private readonly slots: Slot[] = [];
  private readonly shown = new Map<Slot, string>();

  constructor(private readonly plan: PlanJson) {
    this.canvas.width = this.canvas.height = ATLAS;
    this.texture = new THREE.CanvasTexture(this.canvas);
    this.texture.colorSpace = THREE.SRGBColorSpace;
    this.texture.anisotropy = 4;
    const m = new Mold();
    m.into("pictures");
    let screens = 0;
    for (const f of plan.furniture) {
      if (f.kind !== "screen" || screens >= 6) continue;
      const zone = zoneAt(plan, f.x - Math.sin(f.yaw) * 0.3, f.z - Math.cos(f.yaw) * 0.3);
      if (zone === null) continue;
      const slot: Slot = { x: (screens % 2) * SCREEN.w, y: Math.floor(screens / 2) * SCREEN.h, ...SCREEN, zone, kind: "screen" };
      screens++;
      this.slots.push(slot);
      m.at(f.x, zone.floor_height + (f.elevation ?? 0), f.z, f.yaw, () =>
        m.panel(f.width - 0.07, f.height - 0.07, 0, f.height / 2, -f.depth * 0.35 - 0.004, "#FFFFFF", uvOf(slot)));
    }
    let signs = 0;
    const top = Math.ceil(screens / 2) * SCREEN.h;
    for (const door of plan.doors) {
      const zone = plan.zones.find((z) => z.id === door.zone);
      if (zone === undefined || !zone.enclosed) continue;
      const slot: Slot = { x: (signs % 4) * SIGN.w, y: top + Math.floor(signs / 4) * SIGN.h, ...SIGN, zone, kind: "sign" };
      if (slot.y + SIGN.h > ATLAS) break;
      signs++;
      this.slots.push(slot);
      const mid = [(door.a[0] + door.b[0]) / 2, (door.a[1] + door.b[1]) / 2] as const;
      const dx = door.b[0] - door.a[0];
      const dz = door.b[1] - door.a[1];
      const length = Math.hypot(dx, dz);
      const centre = polygonCentre(zone.polygon);
      // The way out of the room, across the door.
      let nx = -dz / length;
      let nz = dx / length;
      if ((centre[0] - mid[0]) * nx + (centre[1] - mid[1]) * nz > 0) {
        nx = -nx;
        nz = -nz;
      }
      m.at(mid[0] + nx * 0.09, DOOR_HEIGHT + 0.175, mid[1] + nz * 0.09, Math.atan2(-nx, -nz), () => m.panel(1.12, 0.28, 0, 0, 0, "#FFFFFF", uvOf(slot)));
    }
    const g = (m.layers.get("pictures") ?? new Layer()).geometry(false, true);
    this.mesh = new THREE.Mesh(g, new THREE.MeshBasicMaterial({ map: this.texture, toneMapped: false }));
    this.mesh.name = "pictures";
  }

  update(people: readonly PersonView[], meetings: readonly MeetingView[]): void {
    let changed = false;
    for (const slot of this.slots) {
      const here = people.filter((p) => zoneAt(this.plan, p.x, p.z)?.id === slot.zone.id).length;
      const meeting = meetings.find((m) => m.zone === slot.zone.id);
      const state = `${here}|${meeting?.title ?? ""}`;
      if (this.shown.get(slot) === state) continue;
      this.shown.set(slot, state);
      changed = true;
      const c = this.canvas.getContext("2d")!;
      c.save();
      c.translate(slot.x, slot.y);
      c.beginPath();
      c.rect(0, 0, slot.w, slot.h);
      c.clip();
      if (slot.kind === "sign") drawSign(c, slot.zone, here, meeting !== undefined);
      else drawScreen(c, slot.zone, here, meeting?.title ?? null);
      c.restore();
    }
    if (changed) this.texture.needsUpdate = true;
  }

  redraw(): void {
    this.shown.clear();
  }

  dispose(): void {
    this.texture.dispose();
    this.mesh.geometry.dispose();
  }
}

function uvOf(s: Slot): [number, number, number, number] {
  return [(s.x + 1) / ATLAS, 1 - (s.y + s.h - 1) / ATLAS, (s.x + s.w - 1) / ATLAS, 1 - (s.y + 1) / ATLAS];
}

function drawSign(c: CanvasRenderingContext2D, zone: PlanZone, here: number, meeting: boolean): void {
  c.fillStyle = "#FBFAF7";
  c.fillRect(0, 0, SIGN.w, SIGN.h);
  c.fillStyle = accentOf(zone);
  c.fillRect(0, 0, 10, SIGN.h);
  c.textBaseline = "middle";
  c.fillStyle = COLOURS.ink;
  c.font = `650 30px ${FONT}`;
  c.fillText(zone.name, 24, 34, 120);
  c.textAlign = "right";
  c.font = `500 21px ${FONT}`;
  c.fillStyle = meeting ? "#8F5A0C" : "rgba(30,35,41,0.72)";
  c.fillText(meeting ? `Meeting · ${here}` : `${here} of ${zone.capacity}`, SIGN.w - 14, 34, 110);
}

function drawScreen(c: CanvasRenderingContext2D, zone: PlanZone, here: number, title: string | null): void {
  const { w, h } = SCREEN;
  const sky = c.createLinearGradient(0, 0, w, h);
  sky.addColorStop(0, "#F7F5EF");
  sky.addColorStop(1, "#E7EDE8");
  c.fillStyle = sky;
  c.fillRect(0, 0, w, h);
  const accent = accentOf(zone);
  // Hills, the same for each room but in its colour.
  for (const [y, amplitude, alpha] of [[0.78, 16, 0.22], [0.86, 12, 0.34], [0.94, 8, 0.5]] as const) {
    c.globalAlpha = alpha;
    c.fillStyle = accent;
    c.beginPath();
    c.moveTo(0, h);
    for (let x = 0; x <= w; x += 8) c.lineTo(x, h * y + Math.sin(x / 70 + y * 20) * amplitude);
    c.lineTo(w, h);
    c.fill();
  }
  c.globalAlpha = 1;
  c.textBaseline = "alphabetic";
  c.fillStyle = "rgba(30,35,41,0.68)";
  c.font = `550 21px ${FONT}`;
  c.fillText(zone.name, 32, 50);
  c.fillStyle = COLOURS.ink;
  if (title !== null) {
    c.fillStyle = "#B4493A";
    c.beginPath();
    c.arc(40, 83, 6, 0, 7);
    c.fill();
    c.font = `550 19px ${FONT}`;
    c.fillText("Meeting, being transcribed", 56, 90);
    c.fillStyle = COLOURS.ink;
    c.font = `680 40px ${FONT}`;
    wrapText(c, title, 32, 138, w - 64, 44, 2);
  } else {
    c.font = `680 42px ${FONT}`;
    c.fillText(zone.enclosed ? "Free" : zone.kind === "reception" ? "Welcome" : zone.name, 32, 116);
    c.font = `480 21px ${FONT}`;
    c.fillStyle = "rgba(30,35,41,0.72)";
    const words = zone.enclosed ? "Start a meeting here to take minutes." : zone.kind === "reception" ? "Walk in. Ada is at her desk on the open floor." : "Nothing is being shown.";
    c.fillText(words, 32, 150);
  }
  c.font = `500 19px ${FONT}`;
  c.fillStyle = "rgba(30,35,41,0.72)";
  c.textAlign = "right";
  c.fillText(here === 1 ? "1 person here" : `${here} people here`, w - 30, 50);
}

/** Writes words in lines; returns the number of lines used. */
export function wrapText(c: CanvasRenderingContext2D, text: string, x: number, y: number, width: number, line: number, most: number): number {
  const words = text.split(/\s+/).filter(Boolean);
  let row = "";
  let lines = 0;
  for (let i = 0; i < words.length; i++) {
    const next = row === "" ? words[i]! : `${row} ${words[i]!}`;
    if (c.measureText(next).width <= width || row === "") {
      row = next;
      continue;
    }
    if (lines === most - 1) {
      while (row.length > 1 && c.measureText(`${row}…`).width > width) row = row.slice(0, -1);
      c.fillText(`${row}…`, x, y + lines * line);
      return most;
    }
    c.fillText(row, x, y + lines * line);
    lines++;
    row = words[i]!;
  }
  if (row !== "") c.fillText(row, x, y + lines++ * line, width);
  return lines;
}

const COLUMNS: readonly (readonly [title: string, states: readonly string[]])[] = [
  ["Open", ["open", "overdue"]],
  ["Doing", ["accepted"]],
  ["Done", ["done"]],
];

/** The wall where everybody's tasks hang. */
export class BoardWall {
  readonly mesh: THREE.Mesh | null = null;
  private readonly canvas = document.createElement("canvas");
  private readonly texture: THREE.CanvasTexture;
  private shown = "";

  constructor(plan: PlanJson) {
    this.texture = new THREE.CanvasTexture(this.canvas);
    this.texture.colorSpace = THREE.SRGBColorSpace;
    this.texture.anisotropy = 8;
    const b = plan.board;
    if (b === undefined || b === null) return;
    this.canvas.width = 1536;
    this.canvas.height = Math.round((1536 * b.height) / b.width);
    const mesh = new THREE.Mesh(new THREE.PlaneGeometry(b.width - 0.1, b.height - 0.1), new THREE.MeshBasicMaterial({ map: this.texture, toneMapped: false }));
    mesh.position.set(b.x - Math.sin(b.yaw) * 0.035, 0.75 + b.height / 2, b.z - Math.cos(b.yaw) * 0.035);
    mesh.rotation.y = b.yaw + Math.PI;
    mesh.name = "board";
    this.mesh = mesh;
  }

  update(cards: readonly CardView[]): void {
    if (this.mesh === null) return;
    const state = JSON.stringify(cards.map((c) => [c.id, c.text, c.owner_name, c.due, c.state]));
    if (state === this.shown) return;
    this.shown = state;
    drawBoard(this.canvas, cards);
    this.texture.needsUpdate = true;
  }

  redraw(): void {
    this.shown = "";
  }

  dispose(): void {
    this.texture.dispose();
    this.mesh?.geometry.dispose();
  }
}

function drawBoard(canvas: HTMLCanvasElement, cards: readonly CardView[]): void {
  const c = canvas.getContext("2d")!;
  const { width: w, height: h } = canvas;
  c.fillStyle = "#F4F0E7";
  c.fillRect(0, 0, w, h);
  c.textBaseline = "alphabetic";
  c.fillStyle = COLOURS.ink;
  c.font = `680 40px ${FONT}`;
  c.fillText("Tasks", 36, 62);
  if (cards.length === 0) {
    c.font = `480 28px ${FONT}`;
    c.fillStyle = "rgba(30,35,41,0.68)";
    c.fillText("No tasks yet. Say “Ada, note that …” or press N.", 36, 112);
  }
  const gap = 28;
  const column = (w - gap * 4) / 3;
  COLUMNS.forEach(([title, states], k) => {
    const list = cards.filter((card) => states.includes(card.state));
    const x = gap + k * (column + gap);
    const y = cards.length === 0 ? 150 : 96;
    c.fillStyle = "#EAE4D7";
    round(c, x, y, column, h - y - 28, 18);
    c.fillStyle = COLOURS.ink;
    c.font = `620 26px ${FONT}`;
    c.fillText(title, x + 20, y + 38);
    c.fillStyle = "rgba(30,35,41,0.6)";
    c.font = `500 24px ${FONT}`;
    c.textAlign = "right";
    c.fillText(String(list.length), x + column - 20, y + 38);
    c.textAlign = "left";
    const room = Math.floor((h - y - 28 - 60) / 112);
    list.slice(0, room).forEach((card, i) => note(c, card, x + 14, y + 56 + i * 112, column - 28));
    if (list.length > room) {
      c.fillStyle = "rgba(30,35,41,0.68)";
      c.font = `500 20px ${FONT}`;
      c.fillText(`and ${list.length - room} more`, x + 20, h - 38);
    }
  });
}

function note(c: CanvasRenderingContext2D, card: CardView, x: number, y: number, w: number): void {
  c.shadowColor = "rgba(60,48,30,0.18)";
  c.shadowBlur = 8;
  c.shadowOffsetY = 2;
  c.fillStyle = "#FFFEFB";
  round(c, x, y, w, 102, 12);
  c.shadowColor = "transparent";
  c.fillStyle = card.state === "overdue" ? "#B4493A" : card.state === "done" ? "#3F7D58" : card.state === "accepted" ? "#3B6FB6" : "#D2A24C";
  round(c, x, y, 7, 102, 3);
  c.fillStyle = card.state === "done" ? "rgba(30,35,41,0.62)" : COLOURS.ink;
  c.font = `560 23px ${FONT}`;
  wrapText(c, card.text, x + 22, y + 32, w - 38, 27, 2);
  c.font = `480 19px ${FONT}`;
  c.fillStyle = "rgba(30,35,41,0.66)";
  const done = card.state === "done" ? "done" : card.due === null ? "" : `${card.state === "overdue" ? "overdue, " : ""}${shortDate(card.due)}`;
  c.fillText([card.owner_name ?? "nobody yet", done].filter(Boolean).join(" · "), x + 22, y + 88, w - 38);
}

export function shortDate(iso: string): string {
  const date = new Date(`${iso.slice(0, 10)}T12:00:00Z`);
  if (Number.isNaN(date.getTime())) return iso;
  return date.toLocaleDateString("en-GB", { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" });
}

function round(c: CanvasRenderingContext2D, x: number, y: number, w: number, h: number, r: number): void {
  c.beginPath();
  c.roundRect(x, y, w, h, r);
  c.fill();
}
