/** Door leaves that swing about their hinge. */
import * as THREE from "three";
import { Layer, Mold } from "./mold";
import { COLOURS } from "./palette";
import type { PlanJson } from "./plan";
import { DOOR_HEIGHT } from "./shell";

interface Leaf {
  door: string;
  x: number;
  z: number;
  yaw: number;
  /** Which way it opens: sign of the turn. */
  way: number;
  width: number;
  open: number;
}

const SWING = 1.45;

export class Doors {
  readonly group = new THREE.Group();
  private readonly leaves: Leaf[] = [];
  private readonly frames: THREE.InstancedMesh;
  private readonly panes: THREE.InstancedMesh;
  private readonly m = new THREE.Matrix4();

  constructor(plan: PlanJson, matte: THREE.Material, glass: THREE.Material, private readonly still: boolean) {
    for (const door of plan.doors) {
      const dx = door.b[0] - door.a[0];
      const dz = door.b[1] - door.a[1];
      const length = Math.hypot(dx, dz);
      const yaw = Math.atan2(-dz, dx);
      if (length > 1.6) {
        this.leaves.push({ door: door.id, x: door.a[0], z: door.a[1], yaw, way: 1, width: length / 2, open: 0 });
        this.leaves.push({ door: door.id, x: door.b[0], z: door.b[1], yaw: yaw + Math.PI, way: -1, width: length / 2, open: 0 });
      } else if (door.hinge === "a") {
        this.leaves.push({ door: door.id, x: door.a[0], z: door.a[1], yaw, way: 1, width: length, open: 0 });
      } else {
        this.leaves.push({ door: door.id, x: door.b[0], z: door.b[1], yaw: yaw + Math.PI, way: -1, width: length, open: 0 });
      }
    }
    // A leaf one metre wide; instances stretch it.
    const m = new Mold();
    const h = DOOR_HEIGHT - 0.02;
    m.box(0.1, h, 0.045, 0.08, h / 2 + 0.01, 0, COLOURS.oak, { bevel: 0.01 });
    m.box(0.1, h, 0.045, 0.92, h / 2 + 0.01, 0, COLOURS.oak, { bevel: 0.01 });
    for (const [y, t] of [[0.09, 0.17], [h - 0.05, 0.12]] as const) m.box(0.86, t, 0.043, 0.5, y, 0, COLOURS.oak, { bevel: 0.008 });
    for (const s of [-1, 1]) {
      m.box(0.022, 0.34, 0.02, 0.9, 1.05, s * 0.05, COLOURS.brass, { bevel: 0.008 });
      for (const y of [0.93, 1.17]) m.box(0.018, 0.018, 0.04, 0.9, y, s * 0.033, COLOURS.brass, { bevel: 0 });
    }
    m.into("glass", 0.13).box(0.76, h - 0.28, 0.01, 0.5, h / 2 + 0.03, 0, "#CFE3E4", { bevel: 0 });
    const count = Math.max(1, this.leaves.length);
    this.frames = new THREE.InstancedMesh((m.layers.get("matte") ?? new Layer()).geometry(), matte, count);
    this.panes = new THREE.InstancedMesh((m.layers.get("glass") ?? new Layer()).geometry(true), glass, count);
    this.frames.name = "doors";
    this.panes.name = "door panes";
    this.panes.renderOrder = 5;
    for (const mesh of [this.frames, this.panes]) {
      mesh.count = this.leaves.length;
      mesh.frustumCulled = false;
      mesh.receiveShadow = mesh === this.frames;
      this.group.add(mesh);
    }
    this.place();
  }

  /** Swing towards open or shut; true while something moves. */
  update(doors: ReadonlyMap<string, boolean>, dt: number): boolean {
    let moving = false;
    for (const leaf of this.leaves) {
      const goal = doors.get(leaf.door) === true ? 1 : 0;
      if (Math.abs(goal - leaf.open) < 0.002) continue;
      moving = true;
      leaf.open += (goal - leaf.open) * (this.still ? 1 : 1 - Math.exp(-5.5 * dt));
      if (Math.abs(goal - leaf.open) < 0.004) leaf.open = goal;
    }
    if (moving) this.place();
    return moving;
  }

  private place(): void {
    this.leaves.forEach((leaf, i) => {
      this.m.makeRotationY(leaf.yaw + leaf.way * leaf.open * SWING).setPosition(leaf.x, 0, leaf.z);
      this.m.scale(new THREE.Vector3(leaf.width, 1, 1));
      this.frames.setMatrixAt(i, this.m);
      this.panes.setMatrixAt(i, this.m);
    });
    this.frames.instanceMatrix.needsUpdate = true;
    this.panes.instanceMatrix.needsUpdate = true;
  }
}
