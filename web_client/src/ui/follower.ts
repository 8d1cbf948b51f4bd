/** Following somebody: asks for a new way whenever they have moved on. */

import type { OfficeClient } from "../net/office";
import type { Store } from "../state/store";

const ASK_MS = 700;
const CLOSE = 2;
const MOVED = 1.2;
const FAR = 5;

export class Follower {
  private askedAt = 0;
  private askedFor: { x: number; z: number } | null = null;
  /** True when the way is long enough to run. */
  hurries = false;

  constructor(
    private readonly store: Store,
    private readonly office: OfficeClient,
  ) {}

  step(now: number, walker: { pose: { x: number; z: number }; following: boolean }): void {
    const slot = this.store.following.value;
    if (slot === null) {
      this.askedFor = null;
      this.hurries = false;
      return;
    }
    const target = this.store.poses.get(slot);
    if (target === undefined) {
      this.store.following.value = null;
      this.store.notify("info", "They left the office, so you stopped following.");
      return;
    }
    const away = Math.hypot(target.x - walker.pose.x, target.z - walker.pose.z);
    this.hurries = away > FAR;
    if (now - this.askedAt < ASK_MS || away < CLOSE) return;
    const moved = this.askedFor === null ? MOVED : Math.hypot(target.x - this.askedFor.x, target.z - this.askedFor.z);
    if (walker.following && moved < MOVED) return;
    this.askedAt = now;
    this.askedFor = { x: target.x, z: target.z };
    this.office.send({ t: "go_to", slot, jump: false });
  }
}
