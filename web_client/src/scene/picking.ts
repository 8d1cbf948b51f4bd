/** What a click in the picture means: a person, the board, a shared screen, a seat, or a spot on the floor. */
import * as THREE from "three";
import type { HeadSpot } from "./people";
import type { PlanJson, PlanSeat } from "./plan";
import { bounds, floorAt } from "./plan";
import type { Sight } from "./sight";

export type Picked =
  | { kind: "person"; slot: number }
  | { kind: "board"; u: number; v: number }
  | { kind: "screen"; slot: number }
  | { kind: "seat"; seat: PlanSeat }
  | { kind: "ground"; x: number; z: number };

export class Picker {
  private readonly ray = new THREE.Raycaster();
  private readonly at = new THREE.Vector2();

  constructor(
    private readonly plan: PlanJson,
    private readonly sight: Sight,
  ) {}

  /** @param x, y In -1..1 of the picture. */
  pick(
    x: number,
    y: number,
    camera: THREE.Camera,
    heads: readonly HeadSpot[],
    board: THREE.Mesh | null,
    screens: ReadonlyMap<number, THREE.Mesh>,
    self: number | null,
  ): Picked | null {
    this.ray.setFromCamera(this.at.set(x, y), camera);
    const { origin: o, direction: d } = this.ray.ray;
    let best: Picked | null = null;
    let near = 60;
    const offer = (distance: number, picked: Picked): void => {
      const [px, py, pz] = [o.x + d.x * distance, o.y + d.y * distance, o.z + d.z * distance];
      if (distance >= near || this.sight.opaqueBetween(o.x, o.y, o.z, px, py, pz)) return;
      near = distance;
      best = picked;
    };
    for (const head of heads) {
      if (head.person.slot === self) continue;
      for (const drop of [0, 0.45, 0.85, 1.2]) {
        const distance = hitBall(o, d, head.x, head.y - drop, head.z, 0.27);
        if (distance !== null) offer(distance, { kind: "person", slot: head.person.slot });
      }
    }
    if (board !== null) {
      const hit = this.ray.intersectObject(board, false)[0];
      if (hit?.uv !== undefined) offer(hit.distance, { kind: "board", u: hit.uv.x, v: hit.uv.y });
    }
    for (const [slot, screen] of screens) {
      const hit = this.ray.intersectObject(screen, false)[0];
      if (hit !== undefined) offer(hit.distance, { kind: "screen", slot });
    }
    for (const seat of this.plan.seats) {
      const distance = hitBall(o, d, seat.x, floorAt(this.plan, seat.x, seat.z) + seat.height + 0.12, seat.z, 0.36);
      if (distance !== null) offer(distance, { kind: "seat", seat });
    }
    if (d.y < -0.01) {
      const box = bounds(this.plan);
      for (const level of new Set(this.plan.zones.map((z) => z.floor_height).concat(0))) {
        const distance = (level - o.y) / d.y;
        const [gx, gz] = [o.x + d.x * distance, o.z + d.z * distance];
        if (distance < 0 || gx < box.minX || gx > box.maxX || gz < box.minZ || gz > box.maxZ) continue;
        if (Math.abs(floorAt(this.plan, gx, gz) - level) > 0.01) continue;
        offer(distance, { kind: "ground", x: gx, z: gz });
      }
    }
    return best;
  }
}

function hitBall(o: THREE.Vector3, d: THREE.Vector3, x: number, y: number, z: number, r: number): number | null {
  const [ox, oy, oz] = [o.x - x, o.y - y, o.z - z];
  const b = ox * d.x + oy * d.y + oz * d.z;
  const c = ox * ox + oy * oy + oz * oz - r * r;
  const q = b * b - c;
  if (q < 0) return null;
  const t = -b - Math.sqrt(q);
  return t > 0 ? t : null;
}
