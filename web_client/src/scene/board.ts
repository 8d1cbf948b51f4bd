/** The wall where everybody's tasks hang, and what waits for whoever looks at it; drawn onto one canvas. */
import * as THREE from "three";
import { type BoardSpot, type Column, columns, NOTE, noteAt, spotAt } from "./boardLayout";
import { COLOURS } from "./palette";
import { FONT, wrapText } from "./lettering";
import type { PlanJson } from "./plan";
import type { CardView, QuestionView } from "./view";

type Standing = readonly [title: string, states: readonly string[]];
const PROPOSED: Standing = ["Proposed", ["proposed"]];
const COLUMNS: readonly Standing[] = [
  ["Open", ["open", "overdue"]],
  ["Doing", ["accepted"]],
  ["Done", ["done"]],
];

/** What was heard and nobody has looked at has a column while there is any. */
function standings(cards: readonly CardView[]): readonly Standing[] {
  return cards.some((card) => card.state === "proposed") ? [PROPOSED, ...COLUMNS] : COLUMNS;
}

/** The wall where everybody's tasks hang. */
export class BoardWall {
  readonly mesh: THREE.Mesh | null = null;
  private readonly canvas = document.createElement("canvas");
  private readonly texture: THREE.CanvasTexture;
  private shown = "";
  private questions: readonly QuestionView[] = [];
  private columns = COLUMNS.length;

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

  update(cards: readonly CardView[], questions: readonly QuestionView[]): void {
    if (this.mesh === null) return;
    const state = JSON.stringify([questions, cards.map((c) => [c.id, c.text, c.owner_name, c.due, c.state])]);
    if (state === this.shown) return;
    this.shown = state;
    this.questions = questions;
    this.columns = standings(cards).length;
    drawBoard(this.canvas, cards, questions);
    this.texture.needsUpdate = true;
  }

  /** The question that hangs at a spot, `u` to the right and `v` up; "" beside the notes of their column; null: tasks. */
  questionAt(u: number, v: number): string | null {
    const spot = this.spotAt(u, v);
    return spot.kind === "tasks" ? null : spot.index === null ? "" : this.questions[spot.index]!.id;
  }

  private spotAt(u: number, v: number): BoardSpot {
    const count = this.questions.length;
    return spotAt(u, v, this.canvas, count === 0 ? null : columns(this.canvas, this.columns + 1, TOP)[0]!, count);
  }

  redraw(): void {
    this.shown = "";
  }

  dispose(): void {
    this.texture.dispose();
    this.mesh?.geometry.dispose();
  }
}

/** Where columns begin: below the title, or below the hint as well. */
const TOP = 96;
const TOP_EMPTY = 150;

function drawBoard(canvas: HTMLCanvasElement, cards: readonly CardView[], questions: readonly QuestionView[]): void {
  const c = canvas.getContext("2d")!;
  c.fillStyle = "#F4F0E7";
  c.fillRect(0, 0, canvas.width, canvas.height);
  c.textBaseline = "alphabetic";
  c.fillStyle = COLOURS.ink;
  c.font = `680 40px ${FONT}`;
  c.fillText("Tasks", 36, 62);
  const bare = cards.length === 0 && questions.length === 0;
  if (bare) {
    c.font = `480 28px ${FONT}`;
    c.fillStyle = "rgba(30,35,41,0.68)";
    c.fillText("No tasks yet. Say “Ada, note that …” or press N.", 36, 112);
  }
  const standing = standings(cards);
  const places = columns(canvas, standing.length + (questions.length > 0 ? 1 : 0), bare ? TOP_EMPTY : TOP);
  if (questions.length > 0) {
    const notes = questions.map(({ title, about, due }) => ({ text: title, below: [about, due].filter(Boolean).join(" · "), bar: AMBER, done: false, proposed: false }));
    drawColumn(c, places.shift()!, "Waits for you", "#F6E8CC", notes);
  }
  standing.forEach(([title, states], k) => {
    drawColumn(c, places[k]!, title, "#EAE4D7", cards.filter((card) => states.includes(card.state)).map(noteOf));
  });
}

interface Note {
  text: string;
  below: string;
  bar: string;
  done: boolean;
  proposed: boolean;
}

function drawColumn(c: CanvasRenderingContext2D, place: Column, title: string, ground: string, notes: readonly Note[]): void {
  const { x, y, width, height, room } = place;
  c.fillStyle = ground;
  round(c, x, y, width, height, 18);
  c.fillStyle = COLOURS.ink;
  c.font = `620 26px ${FONT}`;
  c.fillText(title, x + 20, y + 38);
  c.fillStyle = "rgba(30,35,41,0.6)";
  c.font = `500 24px ${FONT}`;
  c.textAlign = "right";
  c.fillText(String(notes.length), x + width - 20, y + 38);
  c.textAlign = "left";
  notes.slice(0, room).forEach((note, i) => drawNote(c, note, noteAt(place, i)));
  if (notes.length > room) {
    c.fillStyle = "rgba(30,35,41,0.68)";
    c.font = `500 20px ${FONT}`;
    c.fillText(`and ${notes.length - room} more`, x + 20, y + height - 10);
  }
}

const AMBER = "#B7791F";
const BARS: Readonly<Record<string, string>> = { overdue: "#B4493A", done: "#3F7D58", accepted: "#3B6FB6" };

function noteOf(card: CardView): Note {
  const due = card.state === "done" ? "done" : card.due === null ? "" : `${card.state === "overdue" ? "overdue, " : ""}${shortDate(card.due)}`;
  const below = [card.owner_name ?? "nobody yet", due].filter(Boolean).join(" · ");
  return { text: card.text, below, bar: BARS[card.state] ?? "#D2A24C", done: card.state === "done", proposed: card.state === "proposed" };
}

function drawNote(c: CanvasRenderingContext2D, note: Note, { x, y, width }: { x: number; y: number; width: number }): void {
  if (note.proposed) dashed(c, x, y, width);
  else sheet(c, note.bar, x, y, width);
  c.fillStyle = note.done ? "rgba(30,35,41,0.62)" : COLOURS.ink;
  c.font = `560 23px ${FONT}`;
  wrapText(c, note.text, x + 22, y + 32, width - 38, 27, 2);
  c.font = `480 19px ${FONT}`;
  c.fillStyle = "rgba(30,35,41,0.66)";
  c.fillText(note.below, x + 22, y + 88, width - 38);
}

function sheet(c: CanvasRenderingContext2D, bar: string, x: number, y: number, width: number): void {
  c.shadowColor = "rgba(60,48,30,0.18)";
  c.shadowBlur = 8;
  c.shadowOffsetY = 2;
  c.fillStyle = "#FFFEFB";
  round(c, x, y, width, NOTE.height, 12);
  c.shadowColor = "transparent";
  c.fillStyle = bar;
  round(c, x, y, 7, NOTE.height, 3);
}

/** Not stuck on yet: an outline, and no sheet. */
function dashed(c: CanvasRenderingContext2D, x: number, y: number, width: number): void {
  c.strokeStyle = "rgba(30,35,41,0.5)";
  c.lineWidth = 2.5;
  c.setLineDash([10, 7]);
  c.beginPath();
  c.roundRect(x + 1.5, y + 1.5, width - 3, NOTE.height - 3, 12);
  c.stroke();
  c.setLineDash([]);
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
