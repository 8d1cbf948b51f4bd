import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { ServerMessageOf } from "../protocol/messages";
import { applyDelta, applyPoses, applySnapshot, EMPTY_ROOM, OutOfStep, type RoomState } from "./room";

const person = (name: string) => ({
  id: `p-${name}`, name, kind: "human" as const, look: [0, 1, 2, 3, 4] as const, role: "member", seat: null,
  muted: false, listening_only: false, deaf: false, screen: false, camera: false, transcribed: true, status: "available", hand: false, state: "",
  present: true, zone: "floor",
});

const snapshot = (tick: number, people: Record<string, string>): ServerMessageOf<"snapshot"> => ({
  t: "snapshot", tick, doors: { birch: { open: false } }, cards: {}, meetings: {},
  participants: Object.fromEntries(Object.entries(people).map(([slot, name]) => [slot, person(name)])),
});

const delta = (tick: number, base: number, parts: Partial<ServerMessageOf<"delta">>): ServerMessageOf<"delta"> => ({
  t: "delta", tick, base, put: {}, patch: {}, remove: {}, ...parts,
});

describe("the room", () => {
  it("puts, patches and removes", () => {
    const start = applySnapshot(snapshot(1, { 1: "Ana", 2: "Bo" }));
    const next = applyDelta(start, delta(2, 1, {
      put: { participants: { 3: person("Cleo") } },
      patch: { participants: { 1: { muted: true } }, doors: { birch: { open: true } } },
      remove: { participants: ["2"] },
    }));
    expect([...next.participants.values()].map((p) => [p.name, p.muted])).toEqual([["Ana", true], ["Cleo", false]]);
    expect(next.doors.get("birch")).toEqual({ open: true });
    expect(next.cards).toBe(start.cards);
  });

  it("refuses a change that does not follow on what it knows", () => {
    expect(() => applyDelta(EMPTY_ROOM, delta(9, 8, {}))).toThrow(OutOfStep);
  });

  it("refuses a patch that breaks a record", () => {
    const start = applySnapshot(snapshot(1, { 1: "Ana" }));
    expect(() => applyDelta(start, delta(2, 1, { patch: { participants: { 1: { muted: "yes" } } } }))).toThrow(/muted/);
  });

  it("forgets the pose of who left", () => {
    const poses = new Map([[2, { slot: 2, x: 1, z: 1, yaw: 0, motion: 0 }]]);
    applyPoses(poses, { t: "poses", tick: 3, poses: [{ slot: 1, x: 0, z: 0, yaw: 0, motion: 1 }] }, new Map([[1, 0]]));
    expect([...poses.keys()]).toEqual([1]);
  });

  it("equals the next snapshot after a snapshot and its delta, for any people", () => {
    const people = fc.dictionary(fc.integer({ min: 0, max: 6 }).map(String), fc.constantFrom("Ana", "Bo", "Cleo"), { noNullPrototype: true });
    fc.assert(fc.property(people, people, (before, after) => {
      const old = snapshot(1, before);
      const next = snapshot(2, after);
      const change = delta(2, 1, {
        put: { participants: next.participants },
        remove: { participants: Object.keys(before).filter((slot) => !(slot in after)) },
      });
      expect(sorted(applyDelta(applySnapshot(old), change))).toEqual(sorted(applySnapshot(next)));
    }));
  });
});

const sorted = (state: RoomState): unknown => [state.tick, [...state.participants].sort(([a], [b]) => a - b)];
