/** Draws others a little in the past, between two poses that are known, so that they move evenly. */

export interface TimedPose {
  x: number;
  z: number;
  yaw: number;
  motion: number;
}
interface Entry extends TimedPose {
  at: number;
}

/** Farther than anybody runs between two poses: the person was put there. */
const JUMP = 2.5;
const KEEP = 24;

export class Interpolator {
  private readonly tracks = new Map<number, Entry[]>();

  /** @param delay How far in the past to draw, in milliseconds. */
  constructor(readonly delay = 100) {}

  /** A pose of `slot` that was true at `at` (milliseconds of the caller's clock). */
  push(slot: number, pose: TimedPose, at: number): void {
    let track = this.tracks.get(slot);
    if (track === undefined) {
      track = [];
      this.tracks.set(slot, track);
    }
    const last = track[track.length - 1];
    if (last !== undefined) {
      if (at <= last.at) {
        track[track.length - 1] = { ...pose, at: last.at };
        return;
      }
      if (Math.hypot(pose.x - last.x, pose.z - last.z) > JUMP) track.length = 0;
      // Poses come only when they change: after a rest, the move starts from the rest, not from long ago.
      else if (at - last.at > 2 * this.delay) track.push({ ...last, at: at - this.delay / 2 });
    }
    track.push({ ...pose, at });
    if (track.length > KEEP) track.splice(0, track.length - KEEP);
  }

  drop(slot: number): void {
    this.tracks.delete(slot);
  }

  clear(): void {
    this.tracks.clear();
  }

  /** Where to draw `slot` at `now`, or null when nothing is known of it. */
  sample(slot: number, now: number): TimedPose | null {
    const track = this.tracks.get(slot);
    if (track === undefined || track.length === 0) return null;
    const at = now - this.delay;
    const first = track[0]!;
    if (at <= first.at) return plain(first);
    for (let i = track.length - 1; i >= 0; i--) {
      const from = track[i]!;
      if (from.at > at) continue;
      const to = track[i + 1];
      if (to === undefined) return plain(from);
      const t = (at - from.at) / (to.at - from.at);
      return {
        x: from.x + (to.x - from.x) * t,
        z: from.z + (to.z - from.z) * t,
        yaw: mixYaw(from.yaw, to.yaw, t),
        motion: t < 0.5 ? from.motion : to.motion,
      };
    }
    return plain(first);
  }
}

/** The short way round from one heading to another. */
export function mixYaw(from: number, to: number, t: number): number {
  const turn = 2 * Math.PI;
  const way = ((((to - from + Math.PI) % turn) + turn) % turn) - Math.PI;
  return from + way * t;
}

function plain({ x, z, yaw, motion }: Entry): TimedPose {
  return { x, z, yaw, motion };
}
