/** The wall where everybody's tasks hang, drawn onto one canvas. */
import * as THREE from "three";
import { COLOURS } from "./palette";
import { FONT, wrapText } from "./lettering";
import type { PlanJson } from "./plan";
import type { CardView } from "./view";

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

  constructor(plan: PlanJson, tint: string) {
    this.texture = new THREE.CanvasTexture(this.canvas);
    this.texture.colorSpace = THREE.SRGBColorSpace;
    this.texture.anisotropy = 8;
    const b = plan.board;
    if (b === undefined || b === null) return;
    this.canvas.width = 1536;
    this.canvas.height = Math.round((1536 * b.height) / b.width);
    const mesh = new THREE.Mesh(new THREE.PlaneGeometry(b.width - 0.1, b.height - 0.1), new THREE.MeshBasicMaterial({ map: this.texture, color: tint, toneMapped: false }));
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
