/** The loop of the picture: walks one's own person, feeds the stage, and tells the server where one is. */

import { computed, type ReadonlySignal } from "@preact/signals";

import { Keyboard } from "../input/keyboard";
import { type Intent, TURN_SPEED, Walker } from "../input/walking";
import type { OfficeClient } from "../net/office";
import { sentence } from "../net/http";
import type { Question } from "../net/runs";
import type { PosesFrame, ServerMessageOf } from "../protocol/messages";
import type { PlanJson } from "../scene/plan";
import type { PersonView, SharedScreen, Stage } from "../scene/stage";
import type { QuestionView } from "../scene/view";
import { lastWords } from "../state/captions";
import { Interpolator } from "../state/interpolation";
import type { Store } from "../state/store";
import { Follower } from "./follower";
import { lobbyPeople } from "./lobbyPeople";
import type { OwnVideo } from "./ownVideo";
import { dueWords, questionId } from "./work/words";

const SEND_MS = 50;
const HIDDEN_MS = 100;
const WAVING = 0x10;
const SIT = 3;
const STAND_AGAIN_MS = 800;
/** Characters of what somebody says that stand under their face. */
const UNDER_A_FACE = 110;

export class World {
  walker: Walker | null = null;
  stage: Stage | null = null;
  private readonly keyboard = new Keyboard(window);
  private readonly others = new Interpolator(100);
  private readonly follower: Follower;
  private people: PersonView[] = [];
  private motion = 0;
  private last = performance.now();
  private sentAt = 0;
  private sent = "";
  private seq = 0;
  private askedToStand = 0;
  private placed = false;
  /** Just joined: the camera looks where the person does. */
  private fresh = false;
  /** What hangs on the wall for this person alone. */
  private readonly questions: ReadonlySignal<readonly QuestionView[]>;
  private arrival: { seat: string | null; slot: number | null } | null = null;

  constructor(
    private readonly store: Store,
    private readonly office: OfficeClient,
    private readonly video: OwnVideo,
  ) {
    this.follower = new Follower(store, office);
    this.questions = computed(() => store.questions.value.map(onTheWall));
    office.listen({
      welcomed: () => {
        this.others.clear();
        this.fresh = true;
      },
      placed: (at) => this.place(at),
      refused: (refusal) => this.refused(refusal),
      path: (path) => this.takePath(path),
      posed: (frame) => this.takePoses(frame),
      lost: () => this.walker?.halt(),
    });
    const frame = (now: number): void => {
      this.step(now);
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    // Frames stop in a hidden tab; walking along a path does not.
    window.setInterval(() => document.hidden && this.step(performance.now()), HIDDEN_MS);
  }

  get reducedMotion(): boolean {
    const { motion } = this.store.settings.value;
    return motion === "reduced" || (motion === "system" && matchMedia("(prefers-reduced-motion: reduce)").matches);
  }

  /** Everybody as they are drawn now. */
  get shown(): readonly PersonView[] {
    return this.people;
  }

  get pose(): { x: number; z: number; yaw: number } | null {
    return this.placed && this.walker !== null ? { ...this.walker.pose } : null;
  }

  usePlan(plan: PlanJson): void {
    if (this.walker === null) this.walker = new Walker(plan);
  }

  private place(at: { x: number; z: number; yaw: number }): void {
    this.placed = true;
    if (this.fresh) this.stage?.setYaw(at.yaw);
    this.fresh = false;
    this.walker?.correct({ x: at.x, z: at.z, yaw: at.yaw });
  }

  private refused(refusal: ServerMessageOf<"refused">): void {
    this.arrival = null;
    this.walker?.correct({ x: refusal.x, z: refusal.z, yaw: refusal.yaw });
    if (refusal.command !== "move") this.store.notify("warn", sentence(refusal.text));
  }

  private takePath(path: ServerMessageOf<"path">): void {
    this.arrival = { seat: path.seat, slot: path.to_slot };
    const points = path.points.map(([x, z]) => [x ?? 0, z ?? 0] as const);
    this.walker?.follow(points, path.run || this.follower.hurries);
    if (points.length === 0) this.arrive();
  }

  private takePoses(frame: PosesFrame): void {
    const self = this.store.you.value?.slot;
    const now = performance.now();
    for (const pose of frame.poses) if (pose.slot !== self) this.others.push(pose.slot, pose, now);
  }

  private step(now: number): void {
    const seconds = Math.min(0.25, (now - this.last) / 1000);
    this.last = now;
    const inside = this.store.phase.value === "office";
    if (inside && this.placed) this.walk(seconds, now);
    this.people = inside ? this.viewPeople(now) : lobbyPeople(this.store.lobby.value, this.store.plan.value);
    this.stage?.setFrame({
      now,
      people: this.people,
      doors: new Map([...this.store.doors.value].map(([id, door]) => [id, door.open])),
      cards: [...this.store.cards.value.values()],
      questions: inside ? this.questions.value : [],
      meetings: [...this.store.meetings.value.values()],
      screens: inside ? this.viewScreens() : [],
    });
  }

  private walk(seconds: number, now: number): void {
    const { walker } = this;
    if (walker === null) return;
    const intent = this.intent();
    this.stage?.turn(intent.turn * TURN_SPEED * seconds);
    const moving = intent.forward !== 0 || intent.right !== 0;
    if (moving) {
      this.store.following.value = null;
      this.arrival = null;
    }
    if (this.store.self.value?.seat != null) {
      if ((moving || walker.following) && now - this.askedToStand > STAND_AGAIN_MS) {
        this.askedToStand = now;
        this.office.send({ t: "stand" });
      }
      this.motion = SIT;
      return;
    }
    const followed = walker.following;
    const camera = this.stage?.yaw() ?? walker.pose.yaw;
    const walk = walker.step(seconds, { ...intent, turn: 0 }, camera);
    if (walk.motion === 0 && this.store.settings.value.camera === "first") walker.pose = { ...walker.pose, yaw: camera };
    this.motion = walk.motion;
    if (followed && !walker.following && !moving) this.arrive();
    this.follower.step(now, walker);
    this.tell(now);
  }

  /** Keys, or the thumb on a touch screen; nothing while the list or the search has the keyboard. */
  private intent(): Intent {
    if (this.store.listView.value || this.store.finding.value) return STILL;
    const touch = this.stage?.touchIntent();
    return touch !== undefined && (touch.forward !== 0 || touch.right !== 0) ? touch : this.keyboard.intent();
  }

  private arrive(): void {
    const { arrival, walker } = this;
    this.arrival = null;
    if (arrival === null || walker === null) return;
    if (arrival.seat !== null) this.office.send({ t: "sit", seat: arrival.seat });
    const other = arrival.slot === null ? undefined : this.store.poses.get(arrival.slot);
    if (other !== undefined) {
      const yaw = Math.atan2(walker.pose.x - other.x, walker.pose.z - other.z);
      walker.pose = { ...walker.pose, yaw };
    }
  }

  private tell(now: number): void {
    if (this.walker === null || now - this.sentAt < SEND_MS || this.store.link.value.kind !== "open") return;
    const { x, z, yaw } = this.walker.pose;
    const key = `${x.toFixed(2)} ${z.toFixed(2)} ${yaw.toFixed(2)} ${this.motion}`;
    if (key === this.sent) return;
    this.sent = key;
    this.sentAt = now;
    this.seq += 1;
    this.office.send({ t: "move", seq: this.seq, x, z, yaw, motion: this.motion });
  }

  private viewScreens(): SharedScreen[] {
    const { participants } = this.store;
    return this.video.screens.value.flatMap(({ slot, moving }) => {
      const owner = participants.value.get(slot);
      return owner === undefined || moving === null ? [] : [{ slot, name: owner.name, zone: owner.zone, moving }];
    });
  }

  private said(slot: number): PersonView["said"] {
    const { captions, captionsBelow } = this.store.settings.value;
    const line = captions && captionsBelow ? this.store.saidNow.value.get(slot) : undefined;
    return line === undefined ? null : lastWords(line.text, line.settled, UNDER_A_FACE);
  }

  private viewPeople(now: number): PersonView[] {
    const { store } = this;
    const self = store.you.value?.slot;
    const cameras = new Map(this.video.cameras.value.map(({ slot, moving }) => [slot, moving]));
    const views: PersonView[] = [];
    for (const [slot, person] of store.participants.value) {
      const own = slot === self;
      const known = store.poses.get(slot);
      const at = own && this.placed && this.walker !== null
        ? { ...this.walker.pose, motion: this.motion | ((known?.motion ?? 0) & WAVING) }
        : (this.others.sample(slot, now) ?? known);
      if (at === undefined) continue;
      views.push({
        slot,
        id: person.id,
        name: person.name,
        kind: person.kind,
        look: [...person.look],
        x: at.x,
        z: at.z,
        yaw: at.yaw,
        motion: person.seat === null ? at.motion : (at.motion & WAVING) | SIT,
        seat: person.seat,
        muted: person.muted,
        level: store.levels.get(slot) ?? 0,
        state: person.state,
        hand: person.hand,
        status: person.status,
        reaction: store.reactions.get(slot) ?? null,
        said: this.said(slot),
        camera: cameras.get(slot) ?? null,
        self: own,
        present: person.present,
      });
    }
    return views;
  }
}

const STILL = { forward: 0, right: 0, turn: 0, run: false } as const;

function onTheWall(task: Question): QuestionView {
  const due = task.due === null ? "" : dueWords(task.due, new Date()).words;
  return { id: questionId(task), title: task.title, about: task.definition_title, due };
}
