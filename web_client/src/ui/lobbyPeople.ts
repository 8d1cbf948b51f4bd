/** People seen from the door: the lobby tells their zone, not their place, so each takes a seat there. */

import type { Lobby } from "../net/session";
import type { PlanJson, PlanSeat, Point } from "../scene/plan";
import type { PersonView } from "../scene/stage";

const SIT = 3;

export function lobbyPeople(lobby: Lobby | null, plan: PlanJson | null): PersonView[] {
  if (lobby === null || plan === null) return [];
  const taken = new Set<string>();
  return lobby.people.flatMap((person, index) => {
    const zone = plan.zones.find((known) => known.id === person.zone || known.name === person.zone);
    const seat = plan.seats.find((free) => !taken.has(free.id) && (zone === undefined || inside(zone.polygon, free)));
    if (seat === undefined) return [];
    taken.add(seat.id);
    return [{ ...QUIET, slot: index + 1, id: `lobby-${index}`, name: person.name, kind: person.kind === "avatar" ? "avatar" as const : "human" as const,
      look: [...person.look] as PersonView["look"], x: seat.x, z: seat.z, yaw: seat.yaw, seat: seat.id }];
  });
}

const QUIET = {
  motion: SIT, muted: true, level: 0, state: "", hand: false, status: "available", reaction: null, said: null, camera: null, self: false, present: true,
} as const;

/** Whether a place lies within a polygon (even-odd rule). */
export function inside(polygon: readonly Point[], at: Pick<PlanSeat, "x" | "z">): boolean {
  let odd = false;
  polygon.forEach(([x1, z1], index) => {
    const [x2, z2] = polygon[(index + 1) % polygon.length]!;
    if (z1 > at.z !== z2 > at.z && at.x < ((x2 - x1) * (at.z - z1)) / (z2 - z1) + x1) odd = !odd;
  });
  return odd;
}
