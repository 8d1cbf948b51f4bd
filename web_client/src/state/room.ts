/** The room as this browser knows it: a snapshot, and the deltas that followed. Pure. */

import type { Check } from "../protocol/check";
import type { PosesFrame, ServerMessageOf, WirePose } from "../protocol/messages";
import { cardRecord, doorRecord, meetingRecord, participantRecord } from "../protocol/records";
import type { CardRecord, DoorRecord, MeetingRecord, ParticipantRecord } from "../protocol/records";

export interface RoomState {
  readonly tick: number;
  /** By slot. */
  readonly participants: ReadonlyMap<number, ParticipantRecord>;
  readonly doors: ReadonlyMap<string, DoorRecord>;
  readonly cards: ReadonlyMap<string, CardRecord>;
  readonly meetings: ReadonlyMap<string, MeetingRecord>;
}

export const EMPTY_ROOM: RoomState = {
  tick: -1,
  participants: new Map(),
  doors: new Map(),
  cards: new Map(),
  meetings: new Map(),
};

/** A delta that does not follow on what is known. The remedy is a new snapshot. */
export class OutOfStep extends Error {
  constructor(known: number, base: number) {
    super(`The room is at tick ${known} but the change starts from tick ${base}.`);
    this.name = "OutOfStep";
  }
}

export function applySnapshot(snapshot: ServerMessageOf<"snapshot">): RoomState {
  return {
    tick: snapshot.tick,
    participants: new Map(Object.entries(snapshot.participants).map(([slot, record]) => [Number(slot), record])),
    doors: new Map(Object.entries(snapshot.doors)),
    cards: new Map(Object.entries(snapshot.cards)),
    meetings: new Map(Object.entries(snapshot.meetings)),
  };
}

/** The next state. Tables that did not change keep their identity. Throws OutOfStep or ProtocolError. */
export function applyDelta(state: RoomState, delta: ServerMessageOf<"delta">): RoomState {
  if (delta.base !== state.tick) throw new OutOfStep(state.tick, delta.base);
  const part = <T>(name: "participants" | "doors" | "cards" | "meetings"): Part<T> => ({
    name,
    put: (delta.put[name] ?? {}) as Record<string, T>,
    patch: delta.patch[name] ?? {},
    remove: delta.remove[name] ?? [],
  });
  const same = (key: string): string => key;
  return {
    tick: delta.tick,
    participants: change(state.participants, part<ParticipantRecord>("participants"), Number, participantRecord),
    doors: change(state.doors, part<DoorRecord>("doors"), same, doorRecord),
    cards: change(state.cards, part<CardRecord>("cards"), same, cardRecord),
    meetings: change(state.meetings, part<MeetingRecord>("meetings"), same, meetingRecord),
  };
}

/** Poses by slot after one frame; the poses of people who left go with them. Changes `poses`. */
export function applyPoses(
  poses: Map<number, WirePose>,
  frame: PosesFrame,
  participants: ReadonlyMap<number, unknown>,
): void {
  for (const pose of frame.poses) poses.set(pose.slot, pose);
  for (const slot of poses.keys()) if (!participants.has(slot)) poses.delete(slot);
}

interface Part<T> {
  name: string;
  put: Readonly<Record<string, T>>;
  patch: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  remove: readonly string[];
}

function change<K, T>(old: ReadonlyMap<K, T>, part: Part<T>, key: (id: string) => K, check: Check<T>): ReadonlyMap<K, T> {
  const put = Object.entries(part.put);
  const patch = Object.entries(part.patch);
  if (put.length + patch.length + part.remove.length === 0) return old;
  const next = new Map(old);
  for (const id of part.remove) next.delete(key(id));
  for (const [id, record] of put) next.set(key(id), record);
  for (const [id, fields] of patch) {
    const known = next.get(key(id));
    if (known !== undefined) next.set(key(id), check({ ...known, ...fields }, `${part.name}.${id}`));
  }
  return next;
}
