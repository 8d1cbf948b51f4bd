/** Screens and signs that show what is: one canvas for all of them, and one for the task board. */
import * as THREE from "three";
import { Layer, Mold } from "./mold";
import { FONT, wrapText } from "./lettering";
import { COLOURS } from "./palette";
import type { PlanJson, PlanZone } from "./plan";
import { polygonCentre, zoneAt } from "./plan";
import { accentOf, DOOR_HEIGHT } from "./shell";
import type { MeetingView, PersonView } from "./view";

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

  constructor(private readonly plan: PlanJson, tint: string) {
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
    this.mesh = new THREE.Mesh(g, new THREE.MeshBasicMaterial({ map: this.texture, color: tint, toneMapped: false }));
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
