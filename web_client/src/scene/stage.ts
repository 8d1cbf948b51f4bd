/** The 3D picture of the office: give it frames, it draws them and tells what was clicked. */
import * as THREE from "three";
import { TouchStick } from "../input/touch";
import type { Intent } from "../input/walking";
import { BoardWall } from "./board";
import type { CameraMode } from "./camera";
import { CameraRig } from "./camera";
import { Doors } from "./doors";
import type { Mark } from "./people";
import { People } from "./people";
import type { Picked } from "./picking";
import { Picker } from "./picking";
import { Pictures } from "./pictures";
import type { PlanJson } from "./plan";
import { Pointer } from "./pointer";
import type { Level } from "./quality";
import { Governor, isSoftware, LEVELS } from "./quality";
import { Screens } from "./screens";
import { Sight } from "./sight";
import { Tags } from "./tags";
import "./tags.css";
import type { StageFrame, StageOptions } from "./view";
import { buildWorld } from "./world";

export type { CardView, MeetingView, PersonView, SharedScreen, StageFrame, StageOptions } from "./view";
export type { CameraMode } from "./camera";

const SOFTWARE_FPS = 15;
const CALM_FPS = 5;
const NOTHING: StageFrame = { now: 0, people: [], doors: new Map(), cards: [], questions: [], meetings: [], screens: [] };

export class Stage {
  private readonly renderer: THREE.WebGLRenderer;
  private readonly scene = new THREE.Scene();
  private readonly world;
  private readonly people: People;
  private readonly doors: Doors;
  private readonly pictures: Pictures;
  private readonly board: BoardWall;
  private readonly screens: Screens;
  private readonly tags: Tags;
  private readonly rig: CameraRig;
  private readonly picker: Picker;
  private readonly pointer: Pointer;
  private readonly stick: TouchStick;
  private readonly governor = new Governor();
  private readonly resize: ResizeObserver;
  private readonly software: boolean;
  private level: Level;
  private frame: StageFrame = NOTHING;
  private running = false;
  private request = 0;
  private last = 0;
  private mean = 16;
  private width = 1;
  private height = 1;
  private stirred = { sum: 0, at: 0 };
  private hover: Picked | null = null;
  private marks: (Mark & { until: number })[] = [];
  private ground: (x: number, z: number, run: boolean) => void = () => undefined;
  private seat: (id: string) => void = () => undefined;
  private person: (slot: number) => void = () => undefined;
  private boardClick: (question: string | null) => void = () => undefined;
  private screenClick: (slot: number) => void = () => undefined;

  /** @throws Error when the browser has no WebGL; show the list view then. */
  constructor(
    private readonly host: HTMLElement,
    plan: PlanJson,
    private readonly options: StageOptions,
  ) {
    if (getComputedStyle(host).position === "static") host.style.position = "relative";
    const probe = document.createElement("canvas").getContext("webgl2");
    if (probe === null) throw new Error("This browser shows no 3D. Use the list view; everything works there.");
    // Only where the choice is ours: who asks for high quality gets it, however slow.
    this.software = isSoftware(probe) && options.quality === "auto";
    probe.getExtension("WEBGL_lose_context")?.loseContext();
    const auto = options.quality === "auto";
    this.level = LEVELS[auto ? (this.software ? "low" : "high") : options.quality as Level["name"]];
    this.renderer = new THREE.WebGLRenderer({ antialias: this.level.name !== "low", powerPreference: "high-performance" });
    this.renderer.toneMapping = THREE.NeutralToneMapping;
    this.renderer.toneMappingExposure = 1;
    const canvas = this.renderer.domElement;
    canvas.className = "scene-canvas";
    canvas.setAttribute("aria-hidden", "true");
    host.append(canvas);

    const still = options.reducedMotion;
    this.world = buildWorld(plan, options.theme, this.software ? 1 : Math.min(8, this.renderer.capabilities.getMaxAnisotropy()));
    this.scene.add(this.world.group);
    this.scene.fog = this.world.fog;
    const sight = new Sight(plan);
    this.doors = new Doors(plan, this.world.matte, this.world.glass, still);
    this.people = new People(plan, still);
    const screenTint = options.theme === "dark" ? "#C9C4BA" : "#FFFFFF";
    this.pictures = new Pictures(plan, screenTint);
    this.board = new BoardWall(plan, screenTint);
    this.screens = new Screens(plan, screenTint);
    this.scene.add(this.doors.group, this.people.group, this.pictures.mesh, this.screens.group);
    if (this.board.mesh !== null) this.scene.add(this.board.mesh);
    this.rig = new CameraRig(plan, sight, still);
    this.tags = new Tags(sight, plan, still);
    host.append(this.tags.root);
    this.picker = new Picker(plan, sight);
    this.stick = new TouchStick(host);
    this.pointer = new Pointer(canvas, this.stick, {
      drag: (dx, dy) => this.rig.drag(dx, dy),
      wheel: (delta) => this.rig.wheel(delta),
      click: (x, y, run) => this.click(x, y, run),
      hover: (x, y) => this.point(x, y),
    });
    this.resize = new ResizeObserver(() => this.fit());
    this.resize.observe(host);
    this.applyLevel();
    canvas.addEventListener("webglcontextrestored", () => (this.world.sun.shadow.needsUpdate = true));
    void document.fonts.ready.then(() => {
      this.pictures.redraw();
      this.board.redraw();
    });
  }

  setFrame(frame: StageFrame): void {
    this.frame = frame;
  }

  setMode(mode: CameraMode): void {
    this.rig.setMode(mode);
  }

  get mode(): CameraMode {
    return this.rig.mode;
  }

  /** The camera's heading, so that walking goes where one looks. */
  yaw(): number {
    return this.rig.yaw;
  }

  /** Turn the camera to a heading (after joining or being put somewhere). */
  setYaw(yaw: number): void {
    this.rig.yaw = yaw;
  }

  /** Turn the camera by an angle, positive to the left (Q and E). */
  turn(angle: number): void {
    this.rig.yaw += angle;
  }

  /** What the thumb on the left half of a touch screen asks for. */
  touchIntent(): Intent {
    return this.stick.intent();
  }

  onGroundClick(callback: (x: number, z: number, run: boolean) => void): void {
    this.ground = callback;
  }
  onSeatClick(callback: (seatId: string) => void): void {
    this.seat = callback;
  }
  onPersonClick(callback: (slot: number) => void): void {
    this.person = callback;
  }
  /** Told the question that was clicked, "" for their column, null for the tasks. */
  onBoardClick(callback: (question: string | null) => void): void {
    this.boardClick = callback;
  }
  onScreenClick(callback: (slot: number) => void): void {
    this.screenClick = callback;
  }

  start(): void {
    if (this.running) return;
    this.running = true;
    this.last = performance.now();
    document.addEventListener("visibilitychange", this.wake);
    this.wake();
  }

  stop(): void {
    this.running = false;
    cancelAnimationFrame(this.request);
    document.removeEventListener("visibilitychange", this.wake);
  }

  dispose(): void {
    this.stop();
    this.resize.disconnect();
    this.pointer.dispose();
    this.stick.dispose();
    this.tags.dispose();
    this.people.dispose();
    this.pictures.dispose();
    this.board.dispose();
    this.screens.dispose();
    this.world.dispose();
    this.renderer.dispose();
    this.renderer.domElement.remove();
  }

  stats(): { drawCalls: number; triangles: number; fps: number; level: string } {
    const { calls, triangles } = this.renderer.info.render;
    return { drawCalls: calls, triangles, fps: Math.round(1000 / this.mean), level: this.level.name };
  }

  /** Draw one picture now (`start` does this by itself). */
  renderOnce(now: number, dt: number): void {
    const { frame } = this;
    const self = frame.people.find((p) => p.self) ?? null;
    const sitting = self !== null && (self.motion & 15) === 3;
    this.rig.update(self === null ? null : { x: self.x, z: self.z, yaw: self.yaw, eye: sitting ? 1.22 : 1.5, moving: (self.motion & 15) === 1 || (self.motion & 15) === 2, sitting }, now, dt);
    const first = this.rig.mode === "first";
    this.marks = this.marks.filter((mark) => mark.until > now);
    const marks: Mark[] = this.marks.map((mark) => ({ ...mark, alpha: Math.min(1, (mark.until - now) / 500) }));
    if (this.hover?.kind === "seat") marks.push({ x: this.hover.seat.x, z: this.hover.seat.z, radius: 0.42, alpha: 0.8, colour: "#3F7D58" });
    const near = self === null ? 9 : Math.hypot(self.x - this.rig.camera.position.x, self.z - this.rig.camera.position.z);
    this.people.update(frame.people, frame.now, dt, marks, this.rig.camera.position, first ? 0 : Math.max(0, Math.min(1, (near - 0.95) / 0.2)));
    this.doors.update(frame.doors, dt);
    this.pictures.update(frame.people, frame.meetings);
    this.board.update(frame.cards, frame.questions);
    this.screens.update(frame.screens);
    const above = this.rig.camera.position.y > this.world.ceilingHeight - 0.05;
    this.world.overhead.visible = !above;
    this.renderer.render(this.scene, this.rig.camera);
    this.rig.camera.updateMatrixWorld();
    this.tags.update(this.people.heads, this.rig.camera, this.width, this.height, frame.now, this.rig.mode === "high");
  }

  private readonly wake = (): void => {
    cancelAnimationFrame(this.request);
    if (!this.running || document.hidden) return;
    this.last = performance.now();
    this.request = requestAnimationFrame(this.tick);
  };

  private readonly tick = (): void => {
    if (!this.running || document.hidden) return;
    this.request = requestAnimationFrame(this.tick);
    const now = performance.now();
    const since = now - this.last;
    const most = this.software ? (this.calm() ? CALM_FPS : SOFTWARE_FPS) : this.level.fps;
    if (since < 1000 / most - 4) return;
    this.last = now;
    this.mean += (since - this.mean) * 0.08;
    this.renderOnce(now, Math.min(0.1, since / 1000));
    if (this.options.quality === "auto" && !this.software && this.governor.note(since)) this.lower();
  };

  /** Whether nothing but breathing would change: then the processor is better spent on sound. */
  private calm(): boolean {
    let sum = this.rig.yaw * 7 + this.rig.pitch * 5 + this.rig.distance;
    for (const p of this.frame.people) sum += p.x * 3 + p.z * 11 + p.yaw + p.motion + (p.level > 0.05 ? performance.now() : 0);
    const now = performance.now();
    if (Math.abs(sum - this.stirred.sum) > 1e-4) this.stirred = { sum, at: now };
    return now - this.stirred.at > 1200;
  }

  private lower(): void {
    if (this.level.name === "high") this.level = LEVELS.medium;
    else if (this.level.name === "medium") this.level = LEVELS.low;
    else return;
    this.applyLevel();
  }

  private applyLevel(): void {
    const { sun } = this.world;
    const { shadows } = this.level;
    sun.castShadow = shadows > 0;
    // Without shadows, the sun would shine through the roof: let the sky do its part.
    sun.intensity = shadows > 0 ? sun.intensity : Math.min(sun.intensity, 0.5);
    this.renderer.shadowMap.enabled = shadows > 0;
    this.renderer.shadowMap.type = THREE.PCFShadowMap;
    if (shadows > 0 && sun.shadow.mapSize.x !== shadows) {
      sun.shadow.mapSize.set(shadows, shadows);
      sun.shadow.map?.dispose();
      sun.shadow.map = null;
    }
    sun.shadow.needsUpdate = true;
    this.fit();
  }

  private fit(): void {
    this.width = Math.max(1, this.host.clientWidth);
    this.height = Math.max(1, this.host.clientHeight);
    this.renderer.setPixelRatio(Math.min(window.devicePixelRatio, this.software ? 0.66 : this.level.pixelRatio));
    this.renderer.setSize(this.width, this.height, false);
    this.rig.camera.aspect = this.width / this.height;
    this.rig.camera.updateProjectionMatrix();
  }

  private pickAt(x: number, y: number): Picked | null {
    if (this.rig.mode === "orbit") return null;
    const self = this.frame.people.find((p) => p.self)?.slot ?? null;
    return this.picker.pick(x, y, this.rig.camera, this.people.heads, this.board.mesh, this.screens.faces, self);
  }

  private click(x: number, y: number, run: boolean): void {
    const picked = this.pickAt(x, y);
    if (picked === null) return;
    if (picked.kind === "person") this.person(picked.slot);
    else if (picked.kind === "board") this.boardClick(this.board.questionAt(picked.u, picked.v));
    else if (picked.kind === "screen") this.screenClick(picked.slot);
    else if (picked.kind === "seat") this.seat(picked.seat.id);
    else {
      this.marks.push({ x: picked.x, z: picked.z, radius: 0.3, alpha: 1, colour: "#3F7D58", until: performance.now() + 900 });
      this.ground(picked.x, picked.z, run);
    }
  }

  private point(x: number, y: number): void {
    this.hover = this.pickAt(x, y);
    const active = this.hover !== null && this.hover.kind !== "ground";
    this.renderer.domElement.style.cursor = active ? "pointer" : "";
  }
}
