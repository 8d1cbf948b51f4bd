/** Looks at the scene without a server: `npx vite`, then /dev/gallery.html?view=entry. */
import "@fontsource-variable/inter/index.css";
import plan from "../../assets/rooms/hq.json";
import type { PlanJson } from "../src/scene/plan";
import type { PersonView } from "../src/scene/stage";
import { Stage } from "../src/scene/stage";

const query = new URLSearchParams(location.search);
const office = plan as unknown as PlanJson;
let next = 1;
function person(name: string, x: number, z: number, yaw: number, more: Partial<PersonView> = {}): PersonView {
  const i = next++;
  return {
    slot: i, id: `p${i}`, name, kind: "human", look: [i % 6, (i * 5 + 1) % 6, i % 6, (i * 7) % 6, (i * 3) % 6], x, z, yaw, motion: 0, seat: null,
    muted: false, level: 0, state: "", hand: false, status: "available", reaction: null, self: false, present: true, ...more,
  };
}
const sit = (name: string, id: string, more: Partial<PersonView> = {}): PersonView => {
  const s = office.seats.find((seat) => seat.id === id)!;
  return person(name, s.x, s.z, s.yaw, { motion: 3, seat: id, ...more });
};
const me = (x: number, z: number, yaw: number, more: Partial<PersonView> = {}): PersonView => person("You", x, z, yaw, { self: true, ...more });

const crowd = (): PersonView[] => [
  person("Ada", 1.1, 2.35, Math.PI, { kind: "avatar", state: "listening" }),
  person("Ben", -0.6, -1.2, -0.6, { level: 0.5 }),
  person("Chiara", 0.7, -1.9, 1.2),
  person("Dmitri", -0.9, -2.6, -2.4, { muted: true }),
  sit("Esi", "chair-pod1-s1"), sit("Farid", "chair-team1", { hand: true }),
  person("Grace Hopewell", 3.3, -7.4, 0.3, { motion: 1 }),
  person("Hiro", -1.6, 1.5, 0.4, { motion: 16, reaction: { emoji: "👋", at: 400 } }),
  sit("Ines", "chair-pod3-n1", { status: "away" }),
];
const forum = office.seats.filter((s) => s.id.startsWith("forum-"));
const views: Record<string, () => { people: PersonView[]; mode: "third" | "first" | "high" | "orbit"; yaw?: number; pitch?: number; zoom?: number }> = {
  entry: () => ({ people: [...crowd(), person("Kofi", -2.2, 4.6, 2.6, { motion: 1 }), person("Lena", 2.6, 5.4, -2.2)], mode: "orbit" }),
  floor: () => ({ people: [me(-0.2, 1.6, 0), ...crowd()], mode: "third", yaw: 0.1 }),
  meeting: () => ({ people: [me(-9.4, -7.7, Math.PI / 2), sit("Ben", "chair-birch-n2", { level: 0.6 }), sit("Chiara", "chair-birch-s1"), sit("Dmitri", "chair-birch-s3", { hand: true }), sit("Esi", "chair-birch-n4"), person("Ada", -14.9, -6.4, -1.2, { kind: "avatar", state: "speaking", level: 0.5 })], mode: "third", yaw: Math.PI / 2 }),
  lounge: () => ({ people: [me(-8.9, 6.4, Math.PI / 2), sit("Ben", "sofa-lounge-south1"), sit("Chiara", "armchair-lounge-west-seat", { level: 0.4 }), sit("Dmitri", "chair-lounge-e3"), person("Esi", -12.9, 1.5, 0)], mode: "third", yaw: 1.75 }),
  stage: () => ({ people: [me(11.6, 1.0, Math.PI), person("Ben", 9.9, 9.75, 0, { level: 0.7 }), person("Ada", 13.2, 9.8, 0.2, { kind: "avatar", state: "thinking" }), ...forum.slice(0, 12).map((s, i) => sit(`P${i}`, s.id))], mode: "third", yaw: Math.PI + 0.1 }),
  faces: () => ({ people: [me(0, -0.6, 0), person("Mira", -0.42, -2.1, Math.PI - 0.15, { look: [2, 0, 5, 1, 1], level: 0.55 }), person("Ada", 0.5, -2.15, Math.PI + 0.2, { kind: "avatar", state: "speaking", look: [1, 1, 2, 0, 0] })], mode: "first" }),
  hair: () => ({ people: [me(0.2, 6.6, 0), ...[0, 1, 2, 3, 4, 5].map((i) => person(`Hair ${i}`, -1.5 + i * 0.62, 4.3 + (i % 2) * 0.25, Math.PI + (i % 2 ? 0.3 : -0.3), { look: [i, i, i, i, i] }))], mode: "first" }),
  high: () => ({ people: [me(-1, 2, 0), ...crowd(), ...forum.map((s, i) => sit(`P${i}`, s.id))], mode: "high", yaw: 0 }),
  library: () => ({ people: [me(12.6, -4.2, 0.5), sit("Ben", "sofa-library1"), sit("Chiara", "booth-1-seat"), person("Dmitri", 11.2, -9.6, 0)], mode: "third", yaw: 0.5 }),
  reception: () => ({ people: [me(0.4, 9.2, 0.2), sit("Ben", "chair-reception"), sit("Chiara", "sofa-reception1", { level: 0.3 }), person("Kofi", 2.6, 7.1, -1.5)], mode: "third", yaw: -0.25 }),
  corner: () => ({ people: [me(-15.2, -0.9, 0.6)], mode: "third", yaw: 0.6 }),
  desks: () => ({ people: [me(-6.4, -2.2, -0.9), sit("Esi", "chair-pod1-s1"), sit("Farid", "chair-pod1-n2", { level: 0.4 }), sit("Ines", "chair-pod3-n1")], mode: "third", yaw: -0.9 }),
  board: () => ({ people: [me(0.6, -6.6, 0), person("Ben", -1.3, -9.6, 0.3), sit("Chiara", "stool-board1")], mode: "third", yaw: 0.1 }),
  door: () => ({ people: [me(-5.4, -5.2, 1.35), person("Ben", -7.2, -6.0, Math.PI / 2, { motion: 1 }), sit("Chiara", "chair-birch-n4")], mode: "third", yaw: 1.45 }),
  lost: () => ({ people: [me(0, 1, 0), person("Gone", -0.5, -1.4, Math.PI, { present: false }), person("Running", 0.8, -1.8, 1.8, { motion: 2 })], mode: "third" }),
};
const cards = [
  { id: "1", text: "Send the budget to the board", owner_name: "Ben", due: "2026-11-27", state: "open" },
  { id: "2", text: "Write the release notes for the fifteenth", owner_name: "Chiara", due: "2026-11-21", state: "accepted" },
  { id: "3", text: "Book the large room for the workshop with the architects on Thursday", owner_name: null, due: null, state: "open" },
  { id: "4", text: "Ask the supplier for a second offer", owner_name: "Dmitri", due: "2026-11-18", state: "overdue" },
  { id: "5", text: "Order two standing desks", owner_name: "Esi", due: null, state: "done" },
];
await Promise.all(["400", "500", "600", "680"].map((w) => document.fonts.load(`${w} 20px "Inter Variable"`)));
const view = views[query.get("view") ?? "entry"]!();
const stage = new Stage(document.getElementById("host")!, office, {
  reducedMotion: query.has("still"), theme: query.get("theme") === "dark" ? "dark" : "light", quality: (query.get("quality") ?? "high") as "high",
});
stage.setMode(view.mode);
if (view.mode !== "orbit") stage.setFrame({ now: 0, people: view.people, doors: new Map(), cards, meetings: [] }), stage.renderOnce(0, 0.01);
if (view.yaw !== undefined) stage.setYaw(view.yaw);
const doors = new Map(office.doors.map((d) => [d.id, query.get("view") === "door" && d.id === "birch-door"]));
const start = performance.now();
for (let i = 0; i <= 14; i++) {
  const now = i * 55;
  for (const p of view.people) if ((p.motion & 15) === 1 || (p.motion & 15) === 2) {
    const v = (p.motion & 15) === 1 ? 1.6 : 3.6;
    p.x -= Math.sin(p.yaw) * v * 0.055;
    p.z -= Math.cos(p.yaw) * v * 0.055;
  }
  stage.setFrame({ now, people: view.people, doors, cards, meetings: [{ id: "m", zone: "birch", title: "Release planning" }] });
  if (i < 13 && !query.has("slow")) Reflect.get(stage, "people").update(view.people, now, 0.055, []), Reflect.get(stage, "doors").update(doors, 0.055);
  else stage.renderOnce(now, 0.055);
}
Object.assign(window, { stage, ready: true, took: performance.now() - start });
