import { signal } from "@preact/signals";
import { beforeEach, describe, expect, it, vi } from "vitest";

import type { OfficeClient } from "../net/office";
import { DEFAULTS } from "../state/settings";
import { Store } from "../state/store";
import { Follower } from "./follower";
import { inside } from "./lobbyPeople";

describe("following somebody", () => {
  let store: Store;
  let sent: string[];
  let follower: Follower;
  const walker = { pose: { x: 0, z: 0 }, following: false };
  const stand = (x: number, z: number) => store.poses.set(7, { slot: 7, x, z, yaw: 0, motion: 0 });

  beforeEach(() => {
    vi.useFakeTimers();
    store = new Store(signal(DEFAULTS));
    sent = [];
    follower = new Follower(store, { send: (frame: { t: string }) => sent.push(frame.t) } as unknown as OfficeClient);
    store.following.value = 7;
    walker.following = false;
  });

  it("asks for a way when they are far, and again only when they move on", () => {
    stand(6, 0);
    follower.step(1000, walker);
    expect([sent, follower.hurries]).toEqual([["go_to"], true]);
    walker.following = true;
    follower.step(2000, walker);
    expect(sent).toHaveLength(1);
    stand(8, 0);
    follower.step(3000, walker);
    expect(sent).toHaveLength(2);
  });

  it("stays while they are near", () => {
    stand(1, 1);
    follower.step(1000, walker);
    expect(sent).toEqual([]);
  });

  it("ends with words when they leave", () => {
    follower.step(1000, walker);
    expect(store.following.value).toBeNull();
    expect(store.notices.value[0]?.text).toMatch(/left the office/);
  });
});

describe("a place in a polygon", () => {
  it("is inside or not", () => {
    const square = [[0, 0], [4, 0], [4, 4], [0, 4]] as const;
    expect([inside(square, { x: 2, z: 2 }), inside(square, { x: 5, z: 2 }), inside(square, { x: 2, z: -1 })]).toEqual([true, false, false]);
  });
});
