/** Everyone in the office: each body part of all people is one draw call. */
import * as THREE from "three";
import { blobMaterial, disc, ringMaterial } from "./discs";
import type { Joint, Limbs } from "./gait";
import { limbs } from "./gait";
import { ACCENT, COLLAR, HAIR, OUTFIT, pick, SKIN, TROUSERS } from "./palette";
import {
  ballGeometry, collarLightShape, eyeShape, hairShapes, headShape, limbShape, mouthShape, Part, peopleMaterial, pupilShape,
  farHeadShape, shoeShape, smileShape, torsoShape,
} from "./parts";
import type { PlanJson } from "./plan";
import { floorAt } from "./plan";
import type { PersonView } from "./view";

/** What is remembered of a person from frame to frame. */
interface Life {
  x: number;
  z: number;
  y: number;
  yaw: number;
  speed: number;
  phase: number;
  sit: number;
  wave: number;
  raise: number;
  talk: number;
  mouth: number;
  headYaw: number;
  headPitch: number;
  blinkAt: number;
  seen: number;
  offset: number;
}

/** Where a person's head is, for name tags, clicks and the camera. */
export interface HeadSpot {
  person: PersonView;
  x: number;
  y: number;
  z: number;
}

/** Faces farther than this are a few pixels: eyes and mouths are left out, limbs are plainer. */
const FACES_WITHIN = 11;
const WHITE = new THREE.Color("#FFFFFF");
const EYE = new THREE.Color("#F8F6F2");
const colours = (list: readonly string[]): THREE.Color[] => list.map((c) => new THREE.Color(c));

export class People {
  readonly group = new THREE.Group();
  readonly heads: HeadSpot[] = [];
  private readonly lives = new Map<number, Life>();
  private readonly parts: Record<"torso" | "limb" | "limbFar" | "headFar" | "ball" | "shoe" | "head" | "eye" | "pupil" | "mouth" | "smile" | "light" | "blob" | "ring", Part>;
  private readonly hair: Part[];
  private readonly skin = colours(SKIN);
  private readonly hairColours = colours(HAIR);
  private readonly outfit = colours(OUTFIT);
  private readonly accent = colours(ACCENT);
  private readonly trousers = colours(TROUSERS);
  private readonly collar = new Map(Object.entries(COLLAR).map(([k, v]) => [k, new THREE.Color(v)]));
  private readonly seatHeights: Map<string, number>;
  private readonly root = new THREE.Matrix4();
  private readonly m = new THREE.Matrix4();
  private readonly head = new THREE.Matrix4();
  private readonly face = new THREE.Matrix4();
  private readonly tmp = new THREE.Color();
  private frame = 0;

  constructor(
    private readonly plan: PlanJson,
    private readonly still: boolean,
  ) {
    this.seatHeights = new Map(plan.seats.map((s) => [s.id, s.height]));
    const matte = peopleMaterial();
    const glow = new THREE.MeshBasicMaterial({ toneMapped: false });
    const part = (name: string, g: THREE.BufferGeometry, n: number, material: THREE.Material = matte): Part => new Part(this.group, g, material, n, `people:${name}`);
    this.parts = {
      torso: part("torso", torsoShape(), 32),
      limb: part("limb", limbShape(), 320),
      limbFar: part("limb far", limbShape(5), 160),
      headFar: part("head far", farHeadShape(), 16),
      ball: part("ball", ballGeometry(), 96),
      shoe: part("shoe", shoeShape(), 64),
      head: part("head", headShape(), 32),
      eye: part("eye", eyeShape(), 64),
      pupil: part("pupil", pupilShape(), 64),
      mouth: part("mouth", mouthShape(), 16),
      smile: part("smile", smileShape(), 32),
      light: part("light", collarLightShape(), 8, glow),
      blob: new Part(this.group, disc(), blobMaterial(), 32, "people:blob", false),
      ring: new Part(this.group, disc(), ringMaterial(), 16, "people:ring", false),
    };
    this.parts.blob.mesh.renderOrder = 1;
    this.parts.ring.mesh.renderOrder = 2;
    this.hair = hairShapes().map((g, i) => part(`hair${i}`, g, 12));
  }

  /** @param selfAlpha How solid oneself is drawn: 0 in first person, less when the camera is pulled close. */
  update(people: readonly PersonView[], now: number, dt: number, marks: readonly Mark[], eye: THREE.Vector3, selfAlpha = 1): void {
    this.frame++;
    this.heads.length = 0;
    const all = [...Object.values(this.parts), ...this.hair];
    for (const part of all) part.begin();
    const seconds = now / 1000;
    for (const person of people) {
      const life = this.live(person, people, seconds, dt);
      const alpha = (person.self ? selfAlpha : 1) * (person.present ? 1 : 0.4);
      const near = (person.x - eye.x) ** 2 + (person.z - eye.z) ** 2 + eye.y ** 2 < FACES_WITHIN ** 2;
      if (alpha > 0.06) this.draw(person, life, seconds, alpha, near);
      const sitY = (this.seatHeights.get(person.seat ?? "") ?? 0.46) - 0.715;
      this.heads.push({ person, x: life.x, y: life.y + 1.49 + sitY * life.sit, z: life.z });
    }
    for (const mark of marks) {
      this.m.makeScale(mark.radius * 2, 1, mark.radius * 2).setPosition(mark.x, floorAt(this.plan, mark.x, mark.z) + 0.024, mark.z);
      this.parts.ring.put(this.m, this.tmp.set(mark.colour), WHITE, mark.alpha);
    }
    for (const part of all) part.end();
    if (this.frame % 120 === 0) {
      for (const [slot, life] of this.lives) if (life.seen < this.frame - 60) this.lives.delete(slot);
    }
  }

  dispose(): void {
    for (const part of [...Object.values(this.parts), ...this.hair]) part.dispose();
  }

  private live(p: PersonView, people: readonly PersonView[], seconds: number, dt: number): Life {
    const floor = floorAt(this.plan, p.x, p.z);
    let life = this.lives.get(p.slot);
    const sitting = (p.motion & 15) === 3 ? 1 : 0;
    if (life === undefined) {
      life = { x: p.x, z: p.z, y: floor, yaw: p.yaw, speed: 0, phase: p.slot, sit: sitting, wave: 0, raise: p.hand ? 1 : 0, talk: 0, mouth: 0, headYaw: 0, headPitch: 0, blinkAt: seconds + 1 + (p.slot % 5), seen: 0, offset: p.slot * 1.7 };
      this.lives.set(p.slot, life);
    }
    const ease = (rate: number): number => (this.still ? 1 : 1 - Math.exp(-rate * dt));
    const moved = Math.hypot(p.x - life.x, p.z - life.z);
    const named = [0, 1.6, 3.6, 0][p.motion & 15] ?? 0;
    const measured = dt > 0 && moved < 2 ? Math.min(4.2, moved / dt) : 0;
    life.speed += ((named > 0 ? Math.max(measured, named * 0.6) : measured > 0.3 ? measured : 0) - life.speed) * (1 - Math.exp(-10 * dt));
    life.phase += (life.speed * dt * Math.PI * 2) / (1.15 + 0.24 * life.speed);
    life.x = p.x;
    life.z = p.z;
    life.y += (floor - life.y) * ease(12);
    life.yaw += wrapAngle(p.yaw - life.yaw) * ease(14);
    life.sit += (sitting - life.sit) * ease(7);
    life.wave += (((p.motion & 16) !== 0 ? 1 : 0) - life.wave) * ease(8);
    life.raise += ((p.hand ? 1 : 0) - life.raise) * ease(7);
    const level = p.muted && p.kind === "human" ? 0 : p.level;
    life.mouth += (level - life.mouth) * (1 - Math.exp(-28 * dt));
    life.talk += ((level > 0.08 ? 1 : 0) - life.talk) * ease(level > 0.08 ? 5 : 1.5);
    this.attend(p, life, people, seconds, ease(5));
    if (seconds > life.blinkAt + 0.14) life.blinkAt = seconds + 1.8 + ((p.slot * 7919 + Math.floor(seconds * 13)) % 31) / 8;
    life.seen = this.frame;
    return life;
  }

  /** Turn the head to who speaks near by; otherwise look about a little. */
  private attend(p: PersonView, life: Life, people: readonly PersonView[], seconds: number, k: number): void {
    let yaw = this.still ? 0 : Math.sin(seconds * 0.31 + life.offset) * 0.16;
    let pitch = this.still ? 0 : Math.sin(seconds * 0.23 + life.offset * 2) * 0.04;
    if (p.state === "thinking") pitch += 0.12;
    let best = 0.08;
    for (const other of people) {
      if (other.slot === p.slot || other.level <= best) continue;
      const dx = other.x - p.x;
      const dz = other.z - p.z;
      const distance = Math.hypot(dx, dz);
      const turn = wrapAngle(Math.atan2(-dx, -dz) - life.yaw);
      if (distance > 7 || distance < 0.2 || Math.abs(turn) > 1.9) continue;
      best = other.level;
      yaw = Math.max(-1.1, Math.min(1.1, turn));
      pitch = 0;
    }
    life.headYaw += (yaw - life.headYaw) * k;
    life.headPitch += (pitch - life.headPitch) * k;
  }

  private draw(p: PersonView, life: Life, seconds: number, fade: number, near: boolean): void {
    const { parts } = this;
    const [skinI, hairI, styleI, outfitI, accentI] = p.look;
    const skin = pick(this.skin, skinI);
    const hair = pick(this.hairColours, hairI);
    const outfit = pick(this.outfit, outfitI);
    const accent = pick(this.accent, accentI);
    const legs = pick(this.trousers, outfitI);
    const body = limbs({
      phase: life.phase, speed: life.speed, sit: life.sit, seatHeight: this.seatHeights.get(p.seat ?? "") ?? 0.46,
      wave: life.wave, raise: life.raise, talk: life.talk * 0.8, seconds: seconds + life.offset, still: this.still,
    });
    this.root.makeRotationY(life.yaw).setPosition(life.x, life.y, life.z);
    this.m.makeRotationX(-body.lean).setPosition(body.hips.x, body.hips.y, body.hips.z).premultiply(this.root);
    parts.torso.put(this.m, outfit, accent, fade);
    this.draftLimbs(body, near ? parts.limb : parts.limbFar, skin, outfit, legs, accent, fade);
    this.placeHead(life, body);
    (near ? parts.head : parts.headFar).put(this.head, skin, skin, fade);
    if (near) this.drawFace(p, life, seconds, hair, fade);
    pick(this.hair, styleI).put(this.head, hair, hair, fade);
    if (p.kind === "avatar") {
      const base = this.collar.get(p.state) ?? this.collar.get("")!;
      const pulse = this.still ? 0 : p.state === "thinking" ? 0.25 * Math.sin(seconds * 4) : p.state === "speaking" ? life.mouth * 0.5 : p.state === "listening" ? 0.1 * Math.sin(seconds * 2) : 0;
      this.tmp.copy(base).multiplyScalar(1 + pulse);
      this.m.makeRotationX(-body.lean).setPosition(body.hips.x, body.hips.y + 0.5, body.hips.z - 0.5 * Math.sin(body.lean)).premultiply(this.root);
      parts.light.put(this.m, this.tmp, this.tmp, fade);
    }
    const floor = floorAt(this.plan, p.x, p.z) + 0.018;
    const spread = 0.62 + 0.2 * life.sit;
    this.m.makeScale(spread, 1, spread).setPosition(life.x, floor, life.z);
    parts.blob.put(this.m, WHITE, WHITE, fade * (0.75 - 0.25 * life.sit));
    if (life.talk > 0.03 && (p.level > 0.02 || life.talk > 0.3)) {
      const r = (0.92 + life.mouth * 0.5) * (p.seat !== null && life.sit > 0.5 ? 1.25 : 1);
      this.m.makeScale(r, 1, r).setPosition(life.x, floor + 0.006, life.z);
      parts.ring.put(this.m, this.tmp.set(p.kind === "avatar" ? "#3B6FB6" : "#3F7D58"), WHITE, life.talk * 0.85);
    }
  }

  private draftLimbs(body: Limbs, limb: Part, skin: THREE.Color, outfit: THREE.Color, legs: THREE.Color, accent: THREE.Color, fade: number): void {
    const { ball, shoe } = this.parts;
    for (const i of [0, 1] as const) {
      this.bone(body.shoulders[i], body.elbows[i], 0.056);
      limb.put(this.m, outfit, outfit, fade);
      this.bone(body.elbows[i], body.hands[i], 0.049);
      limb.put(this.m, outfit, outfit, fade);
      this.m.makeScale(0.052, 0.056, 0.05);
      const e = body.elbows[i];
      const h = body.hands[i];
      const beyond = 1.24;
      this.m.setPosition(e.x + (h.x - e.x) * beyond, e.y + (h.y - e.y) * beyond, e.z + (h.z - e.z) * beyond).premultiply(this.root);
      ball.put(this.m, skin, skin, fade);
      this.bone(body.hipJoints[i], body.knees[i], 0.08);
      limb.put(this.m, legs, legs, fade);
      this.bone(body.knees[i], body.ankles[i], 0.068);
      limb.put(this.m, legs, legs, fade);
      const a = body.ankles[i];
      this.m.makeRotationX(-body.feet[i] * 0.8).setPosition(a.x, Math.max(0.008, a.y - 0.075), a.z).premultiply(this.root);
      this.tmp.copy(accent).lerp(legs, 0.25);
      shoe.put(this.m, this.tmp, this.tmp, fade);
    }
  }

  private placeHead(life: Life, body: Limbs): void {
    const up = 0.705;
    this.head
      .makeRotationFromEuler(HEAD_TURN.set(life.headPitch - body.lean * 0.4, life.headYaw, 0, "YXZ"))
      .setPosition(body.hips.x, body.hips.y + up * Math.cos(body.lean) + body.headBob, body.hips.z - up * Math.sin(body.lean) - 0.012)
      .premultiply(this.root);
  }

  private drawFace(p: PersonView, life: Life, seconds: number, hair: THREE.Color, fade: number): void {
    const { parts } = this;
    const shut = !this.still && seconds > life.blinkAt && seconds < life.blinkAt + 0.14 ? 0.1 : p.status === "away" ? 0.45 : 1;
    const glance = Math.sin(seconds * 0.7 + life.offset) > 0.8 && !this.still ? 0.006 : 0;
    for (const side of [-1, 1]) {
      // Eyes lie on the face, which curves away to the sides.
      this.face.makeRotationY(-side * 0.34).setPosition(side * 0.0645, 0.012, -0.1655).premultiply(this.head);
      this.m.makeScale(1, shut, 1).premultiply(this.face);
      parts.eye.put(this.m, EYE, EYE, fade);
      this.m.makeScale(1, shut, 1).setPosition(glance - side * 0.003, -0.001, -0.0108).premultiply(this.face);
      parts.pupil.put(this.m, WHITE, WHITE, fade);
      this.bone({ x: side * 0.042, y: 0.0745 + life.mouth * 0.008, z: -0.1685 }, { x: side * 0.09, y: 0.0735 + life.mouth * 0.008, z: -0.1495 }, 0.0075, this.head);
      parts.limb.put(this.m, hair, hair, fade);
    }
    if (life.mouth > 0.07) {
      const open = Math.min(1, 0.25 + life.mouth * 1.1);
      const wobble = this.still ? 1 : 0.86 + 0.14 * Math.sin(seconds * 17 + life.offset);
      this.m.makeScale(1.02 - 0.2 * open, open * wobble, 1).setPosition(0, -0.079, -0.1585).premultiply(this.head);
      parts.mouth.put(this.m, WHITE, WHITE, fade);
    } else {
      this.m.makeTranslation(0, -0.083, -0.1605).premultiply(this.head);
      parts.smile.put(this.m, WHITE, WHITE, fade);
    }
  }

  /** The limb between two joints. */
  private bone(a: Joint, b: Joint, r: number, frame: THREE.Matrix4 = this.root): void {
    AXIS.set(b.x - a.x, b.y - a.y, b.z - a.z);
    const length = AXIS.length() || 1e-4;
    TURN.setFromUnitVectors(UP, AXIS.multiplyScalar(1 / length));
    this.m.compose(SPOT.set(a.x, a.y, a.z), TURN, SCALE.set(r, length, r)).premultiply(frame);
  }
}

/** A ring on the floor: where one clicked to walk, or the seat under the pointer. */
export interface Mark {
  x: number;
  z: number;
  radius: number;
  alpha: number;
  colour: string;
}

const UP = new THREE.Vector3(0, 1, 0);
const AXIS = new THREE.Vector3();
const SPOT = new THREE.Vector3();
const SCALE = new THREE.Vector3();
const TURN = new THREE.Quaternion();
const HEAD_TURN = new THREE.Euler();

export function wrapAngle(a: number): number {
  return Math.atan2(Math.sin(a), Math.cos(a));
}
