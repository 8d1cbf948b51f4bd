/** Name tags, what is said, and reactions: plain elements over the picture, moved by transforms. Decoration for eyes; lists say the same in words. */
import * as THREE from "three";
import { type Moving, play } from "../net/playing";
import { type Box, Bubbles } from "./bubbles";
import type { HeadSpot } from "./people";
import type { Sight } from "./sight";
import type { PlanJson } from "./plan";
import { polygonCentre } from "./plan";
import type { PersonView } from "./view";

const FAR = 26;
/** From above one sees farther. */
const FAR_ABOVE = 48;
const NEAR_LIMIT = 1.05;
const FAR_LIMIT = 0.8;
const REACTION_MS = 2600;
/** Of a camera's round picture, pixels at scale 1, with its distance from the pill; `styles/video.css` says the same. */
const CAMERA = 96;
const CAMERA_GAP = 6;
const MUTED = '<svg class="scene-muted" viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.7" stroke-linecap="round"><path d="M6 4a2 2 0 0 1 4 0v3.2M6 6.5V8a2 2 0 0 0 2.6 1.9M4 8a4 4 0 0 0 5.6 3.7M8 12v2M2.5 2l11 12"/></svg>';

const HAND = '<svg class="scene-hand" viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round"><path d="M5 8V4a1 1 0 0 1 2 0v3-4a1 1 0 0 1 2 0v4-3a1 1 0 0 1 2 0v3.5-1.5a1 1 0 0 1 2 0V10a4.5 4.5 0 0 1-8.2 2.6L2.6 9.4a1 1 0 0 1 1.6-1.2L5 9"/></svg>';

interface Tag {
  root: HTMLDivElement;
  pill: HTMLDivElement;
  bars: HTMLElement[];
  barBox: HTMLElement;
  state: string;
  seen: boolean;
  width: number;
  camera: { moving: Moving; stop: () => void } | null;
}
export class Tags {
  readonly root = document.createElement("div");
  private readonly bubbles = new Bubbles(this.root);
  private readonly tags = new Map<number, Tag>();
  private readonly reactions = new Map<string, HTMLDivElement>();
  private readonly v = new THREE.Vector3();
  private readonly rooms: { element: HTMLDivElement; x: number; z: number }[];

  constructor(
    private readonly sight: Sight,
    plan: PlanJson,
    private readonly still: boolean,
  ) {
    this.root.className = "scene-tags";
    this.root.setAttribute("aria-hidden", "true");
    this.rooms = plan.zones.map((zone) => {
      const element = document.createElement("div");
      element.className = "scene-room";
      element.textContent = zone.name;
      element.hidden = true;
      this.root.append(element);
      const [x, z] = polygonCentre(zone.polygon);
      return { element, x, z };
    });
  }

  /** @param above Whether one looks down on the office: then rooms have their names too, and oneself a tag. */
  update(heads: readonly HeadSpot[], camera: THREE.PerspectiveCamera, width: number, height: number, now: number, above: boolean): void {
    this.nameRooms(camera, width, height, above);
    for (const tag of this.tags.values()) tag.seen = false;
    const floating = new Set<string>();
    const seen = heads
      .map((h) => ({ h, distance: Math.hypot(h.x - camera.position.x, h.y - camera.position.y, h.z - camera.position.z) }))
      .sort((a, b) => a.distance - b.distance);
    const taken: Box[] = [];
    let own: Box | null = null;
    const speaking: { person: PersonView; x: number; chin: number; alpha: number }[] = [];
    for (const { h, distance } of seen) {
      const at = this.project(h.x, h.y, h.z, camera, width, height);
      if (at === null) continue;
      // The head itself, so that tags of those behind do not cover it.
      const r = (0.24 * height) / (2 * Math.tan((camera.fov * Math.PI) / 360) * distance);
      const head = { left: at[0] - r, right: at[0] + r, top: at[1] - r, bottom: at[1] + r };
      if (distance < 16) taken.push(head);
      if (h.person.self) own = head;
      this.react(h, at, r, now, floating);
      if (h.person.self && !above) continue;
      const clear = this.sight.opaqueBetween(camera.position.x, camera.position.y, camera.position.z, h.x, h.y, h.z) ? 0 : 1;
      const alpha = clear * Math.max(0, Math.min(1, ((above ? FAR_ABOVE : FAR) - distance) / 8));
      if (alpha < 0.03) continue;
      this.place(h.person, at[0], at[1] - r * 1.34 - 4, distance, alpha, taken);
      if (h.person.said !== null) speaking.push({ person: h.person, x: at[0], chin: at[1] + r, alpha });
    }
    // When every face and name has its place: words give way to them, but not to the back of one's own head.
    const shown = taken.filter((box) => box !== own);
    this.bubbles.begin();
    for (const { person, x, chin, alpha } of speaking) this.bubbles.place(person, x, chin, alpha, width, shown);
    this.bubbles.end();
    for (const [slot, tag] of this.tags) {
      if (tag.seen) continue;
      tag.camera?.stop();
      tag.root.remove();
      this.tags.delete(slot);
    }
    for (const [key, element] of this.reactions) {
      if (floating.has(key)) continue;
      element.remove();
      this.reactions.delete(key);
    }
  }

  dispose(): void {
    for (const tag of this.tags.values()) tag.camera?.stop();
    this.root.remove();
  }

  private nameRooms(camera: THREE.Camera, width: number, height: number, above: boolean): void {
    for (const { element, x, z } of this.rooms) {
      const at = above ? this.project(x, 3.2, z, camera, width, height) : null;
      element.hidden = at === null;
      if (at !== null) element.style.transform = `translate(${at[0].toFixed(1)}px, ${at[1].toFixed(1)}px)`;
    }
  }

  private project(x: number, y: number, z: number, camera: THREE.Camera, width: number, height: number): [number, number] | null {
    this.v.set(x, y, z).project(camera);
    if (this.v.z > 1 || this.v.z < -1 || Math.abs(this.v.x) > 1.2 || Math.abs(this.v.y) > 1.3) return null;
    return [(this.v.x * 0.5 + 0.5) * width, (0.5 - this.v.y * 0.5) * height];
  }

  private place(p: PersonView, x: number, y: number, distance: number, alpha: number, taken: Box[]): void {
    const tag = this.tagOf(p);
    tag.seen = true;
    const scale = Math.max(FAR_LIMIT, Math.min(NEAR_LIMIT, 7.5 / distance));
    const w = (tag.camera === null ? tag.width : Math.max(tag.width, CAMERA)) * scale;
    const h = (tag.camera === null ? 26 : 26 + CAMERA_GAP + CAMERA) * scale;
    let top = y;
    for (let pass = 0; pass < 4; pass++) {
      const hit = taken.find((b) => b.left < x + w / 2 && b.right > x - w / 2 && b.top < top && b.bottom > top - h);
      if (hit === undefined) break;
      top = hit.top - 3;
    }
    // Pushed far from its owner, a tag no longer tells whose it is: fade it instead.
    const strayed = (y - top) / 90;
    taken.push({ left: x - w / 2, right: x + w / 2, top: top - h, bottom: top });
    tag.root.style.transform = `translate(${x.toFixed(1)}px, ${top.toFixed(1)}px) scale(${scale.toFixed(3)})`;
    tag.root.style.opacity = (alpha * Math.max(0, Math.min(1, 1.6 - strayed))).toFixed(2);
    tag.root.style.zIndex = String(Math.max(0, 1000 - Math.round(distance * 10)));
    const speaking = p.level > 0.05 && !(p.muted && p.kind === "human");
    if (speaking) {
      const t = performance.now() / 1000;
      tag.bars.forEach((bar, i) => {
        const wave = this.still ? 1 : 0.7 + 0.3 * Math.sin(t * (11 + i * 3) + i * 2);
        bar.style.transform = `scaleY(${Math.max(0.25, Math.min(1, (0.35 + p.level * 1.1) * wave)).toFixed(2)})`;
      });
    }
  }

  private tagOf(p: PersonView): Tag {
    let tag = this.tags.get(p.slot);
    if (tag === undefined) {
      const root = document.createElement("div");
      root.className = "scene-tag";
      const pill = document.createElement("div");
      pill.className = "scene-pill";
      root.append(pill);
      this.root.append(root);
      const barBox = document.createElement("span");
      barBox.className = "scene-bars";
      const bars = [0, 1, 2].map(() => document.createElement("i"));
      barBox.append(...bars);
      tag = { root, pill, bars, barBox, state: "", seen: true, width: 60, camera: null };
      this.tags.set(p.slot, tag);
    }
    if (p.camera !== (tag.camera?.moving ?? null)) this.showCamera(tag, p.camera);
    const speaking = p.level > 0.05 && !(p.muted && p.kind === "human");
    const state = [p.name, p.kind, p.muted, p.hand, p.status, p.state, p.present, speaking].join("\u0001");
    if (state !== tag.state) {
      tag.state = state;
      this.fill(tag, p, speaking);
      tag.width = tag.pill.offsetWidth || tag.width;
    }
    return tag;
  }

  /** A small round picture above the name. */
  private showCamera(tag: Tag, moving: Moving | null): void {
    tag.camera?.stop();
    tag.camera = null;
    tag.root.querySelector(".scene-camera")?.remove();
    if (moving === null) return;
    const round = document.createElement("div");
    round.className = "scene-camera";
    round.hidden = true;
    const video = document.createElement("video");
    video.className = "live";
    round.append(video);
    tag.root.append(round);
    tag.camera = { moving, stop: play(video, moving, () => (round.hidden = false)) };
  }

  private fill(tag: Tag, p: PersonView, speaking: boolean): void {
    const { pill } = tag;
    pill.dataset["kind"] = p.kind;
    pill.dataset["speaking"] = String(speaking);
    pill.dataset["present"] = String(p.present);
    pill.replaceChildren();
    const add = (className: string, text: string): void => {
      const element = document.createElement("span");
      element.className = className;
      element.textContent = text;
      pill.append(element);
    };
    if (p.hand) pill.insertAdjacentHTML("beforeend", HAND);
    if (p.kind === "avatar") add("scene-ai", "AI");
    if (p.status === "away" || p.status === "busy") {
      const dot = document.createElement("span");
      dot.className = "scene-dot";
      dot.dataset["status"] = p.status;
      pill.append(dot);
    }
    add("scene-name", p.name);
    if (!p.present) add("scene-note", "reconnecting");
    else if (speaking) pill.append(tag.barBox);
    else if (p.kind === "human" && p.muted) pill.insertAdjacentHTML("beforeend", MUTED);
    else if (p.state === "thinking") add("scene-note", "thinking");
    else if (p.status === "away") add("scene-note", "away");
    else if (p.status === "busy") add("scene-note", "busy");
  }

  private react(h: HeadSpot, at: readonly [number, number], r: number, now: number, floating: Set<string>): void {
    const reaction = h.person.reaction;
    if (reaction === null) return;
    const t = (now - reaction.at) / REACTION_MS;
    if (t < 0 || t > 1) return;
    const key = `${h.person.slot}:${reaction.at}`;
    floating.add(key);
    let element = this.reactions.get(key);
    if (element === undefined) {
      element = document.createElement("div");
      element.className = "scene-reaction";
      element.textContent = reaction.emoji;
      this.root.append(element);
      this.reactions.set(key, element);
    }
    const rise = this.still ? 30 : 20 + 80 * (1 - (1 - t) ** 2);
    const sway = this.still ? 0 : Math.sin(t * 7) * 7;
    element.style.transform = `translate(${(at[0] + r + 4 + sway).toFixed(1)}px, ${(at[1] - r - rise).toFixed(1)}px)`;
    element.style.opacity = String(t < 0.7 ? 1 : (1 - t) / 0.3);
  }
}
