/** The camera: behind the shoulder, through the eyes, from above, or slowly turning at the entrance. */
import * as THREE from "three";
import type { PlanJson } from "./plan";
import { bounds, floorAt } from "./plan";
import { wrapAngle } from "./people";
import type { Sight } from "./sight";

export type CameraMode = "third" | "first" | "high" | "orbit";

/** Tilt that lifts the person's feet above what lies along the lower edge of the screen. */
const LOOK_DOWN = 0.05;
const FIRST = 0.9;
const HIGH = 7;
const ZOOM: Readonly<Record<CameraMode, number>> = { first: 0.5, third: 4.2, high: 15, orbit: 4.2 };

export interface Followed {
  x: number;
  z: number;
  yaw: number;
  /** Height of the eyes above the floor. */
  eye: number;
  moving: boolean;
  sitting: boolean;
}

/** Farther than anybody walks between two pictures: put there by the office. */
const JUMP = 3;

export class CameraRig {
  readonly camera = new THREE.PerspectiveCamera(52, 1, 0.08, 400);
  yaw = 0;
  pitch = 0.17;
  private zoom: number = ZOOM.third;
  private eased: number = ZOOM.third;
  private clear = 1;
  private lift = 0;
  private orbiting = false;
  private snap = true;
  private draggedAt = -Infinity;
  private satAt = -Infinity;
  private before: Followed | null = null;
  private seen = 0;
  private readonly pivot = new THREE.Vector3();
  private readonly want = new THREE.Vector3();

  constructor(
    private readonly plan: PlanJson,
    private readonly sight: Sight,
    private readonly still: boolean,
  ) {}

  get mode(): CameraMode {
    if (this.orbiting) return "orbit";
    return this.zoom < FIRST ? "first" : this.zoom > HIGH ? "high" : "third";
  }

  /** How far behind the person, in metres. */
  get distance(): number {
    return this.zoom;
  }

  setMode(mode: CameraMode): void {
    this.orbiting = mode === "orbit";
    this.zoom = ZOOM[mode];
    if (mode === "first") this.pitch = 0.02;
    if (mode === "third") this.pitch = 0.17;
    if (mode === "high") this.pitch = 0.95;
    if (this.still) this.snap = true;
  }

  drag(dx: number, dy: number): void {
    if (this.orbiting) return;
    this.draggedAt = this.seen;
    this.yaw = wrapAngle(this.yaw - dx * 0.0052);
    const [low, high] = this.mode === "high" ? [0.5, 1.4] : this.mode === "first" ? [-0.9, 0.9] : [-0.15, 0.85];
    this.pitch = Math.max(low, Math.min(high, this.pitch + dy * 0.0042));
  }

  wheel(delta: number): void {
    if (this.orbiting) return;
    const was = this.mode;
    this.zoom = Math.max(0.5, Math.min(26, this.zoom * Math.exp(delta * 0.0012)));
    if (was !== "first" && this.zoom < FIRST) this.zoom = ZOOM.first;
    else if (was === "first" && delta > 0) this.zoom = 1.4;
    if (was === "third" && this.mode === "high") this.pitch = 0.95;
    if (was === "high" && this.mode === "third") this.pitch = 0.45;
    if (this.mode === "first" && was !== "first") this.pitch = 0.05;
  }

  update(followed: Followed | null, now: number, dt: number): void {
    const { camera } = this;
    const k = (rate: number): number => (this.still || this.snap ? 1 : 1 - Math.exp(-rate * dt));
    if (this.orbiting || followed === null) {
      this.entrance(now);
      this.snap = true;
      this.before = null;
      return;
    }
    this.seen = now;
    this.swing(followed, now, dt);
    this.eased += (this.zoom - this.eased) * k(9);
    const floor = floorAt(this.plan, followed.x, followed.z);
    this.lift += (floor + followed.eye - this.lift) * k(9);
    const first = this.eased < FIRST;
    this.pivot.set(followed.x, this.lift, followed.z);
    const sin = Math.sin(this.yaw);
    const cos = Math.cos(this.yaw);
    if (first) {
      camera.position.set(followed.x - sin * 0.12, this.lift, followed.z - cos * 0.12);
    } else {
      const d = this.eased;
      const flat = Math.cos(this.pitch) * d;
      const aside = Math.min(0.6, d * 0.16) * (d > HIGH ? 0 : 1);
      this.want.set(followed.x + sin * flat + cos * aside, this.lift + Math.sin(this.pitch) * d + 0.14, followed.z + cos * flat - sin * aside);
      // Shorten the way to the camera where a wall stands in it; at once inwards, slowly out again.
      const part = this.sight.reach(this.pivot.x, this.pivot.y, this.pivot.z, this.want.x, this.want.y, this.want.z);
      const room = part < 1 ? Math.max(0.1, part - 0.28 / Math.max(0.5, flat)) : 1;
      this.clear = room < this.clear ? room : this.clear + (room - this.clear) * k(4);
      camera.position.lerpVectors(this.pivot, this.want, this.clear);
      // Pulled close, look over the shoulder rather than into the back of the head.
      const close = Math.max(0, 1 - this.clear * 1.6);
      camera.position.y += 0.22 * close;
    }
    this.snap = false;
    camera.rotation.set(-(first ? this.pitch : this.pitch + (this.mode === "high" ? 0 : LOOK_DOWN)), this.yaw, 0, "YXZ");
    this.lens(first ? 62 : 52);
  }

  /** Look where the person looks after being put somewhere or sitting down; come round gently behind who walks. */
  private swing(followed: Followed, now: number, dt: number): void {
    const last = this.before;
    this.before = { ...followed };
    if (last === null || Math.hypot(followed.x - last.x, followed.z - last.z) > JUMP) {
      this.yaw = followed.yaw;
      this.snap = true;
      return;
    }
    if (followed.sitting && !last.sitting) this.satAt = now;
    if (this.still || this.mode !== "third" || now - this.draggedAt < 2000) return;
    const off = wrapAngle(followed.yaw - this.yaw);
    if (followed.sitting && now - this.satAt < 1600) this.yaw = wrapAngle(this.yaw + off * (1 - Math.exp(-3 * dt)));
    else if (followed.moving && Math.abs(off) < 2.2) this.yaw = wrapAngle(this.yaw + off * (1 - Math.exp(-0.8 * dt)));
  }

  /** Slowly looking about from the entrance. */
  private entrance(now: number): void {
    const box = bounds(this.plan);
    const spawn = this.plan.spawn_points[0] ?? { x: 0, z: box.maxZ - 3, yaw: 0 };
    const t = this.still ? 0 : now / 1000;
    const turn = spawn.yaw + Math.sin(t * 0.09) * 0.42 + 0.06;
    const back = 1.1;
    this.camera.position.set(spawn.x + Math.sin(spawn.yaw) * back, 2.05 + Math.sin(t * 0.13) * 0.1, spawn.z + Math.cos(spawn.yaw) * back);
    this.camera.rotation.set(-0.15, turn, 0, "YXZ");
    this.yaw = spawn.yaw;
    this.lens(50);
  }

  private lens(fov: number): void {
    // On upright screens, keep what one sees across.
    const wide = this.camera.aspect < 1 ? Math.min(85, fov * 1.35) : fov;
    if (Math.abs(this.camera.fov - wide) > 0.01) {
      this.camera.fov = wide;
      this.camera.updateProjectionMatrix();
    }
  }
}
