import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { HANG_MS, HoldToTalk } from "./holdToTalk";

describe("hold to talk", () => {
  it("is closed until a key is held, and stays open for a moment after it", () => {
    const talk = new HoldToTalk();
    expect(talk.open(0)).toBe(false);
    talk.press("Space");
    expect([talk.open(0), talk.closesIn(0)]).toEqual([true, null]);
    talk.release("Space", 1_000);
    expect([talk.open(1_000), talk.closesIn(1_000)]).toEqual([true, HANG_MS]);
    expect(talk.open(1_000 + HANG_MS - 1)).toBe(true);
    expect([talk.open(1_000 + HANG_MS), talk.closesIn(1_000 + HANG_MS)]).toEqual([false, null]);
  });

  it("stays open when it is pressed again before it closed", () => {
    const talk = new HoldToTalk();
    talk.press("Space");
    talk.release("Space", 0);
    talk.press("Space");
    expect(talk.open(10 * HANG_MS)).toBe(true);
  });

  it("closes when the last of two keys is let go", () => {
    const talk = new HoldToTalk();
    talk.press("Space");
    talk.press("KeyM");
    talk.release("Space", 0);
    expect(talk.open(HANG_MS)).toBe(true);
    talk.release("KeyM", 500);
    expect(talk.open(500 + HANG_MS)).toBe(false);
  });

  it("does not open for a key that was let go elsewhere", () => {
    const talk = new HoldToTalk();
    talk.release("Space", 0);
    talk.releaseAll(0);
    expect(talk.open(0)).toBe(false);
  });

  it("is closed one hang after everything was let go, whatever was pressed before", () => {
    const key = fc.constantFrom("Space", "KeyM", "pointer");
    const step = fc.record({ key, down: fc.boolean(), wait: fc.nat(1_000) });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const talk = new HoldToTalk();
        let now = 0;
        for (const { key: which, down, wait } of steps) {
          now += wait;
          if (down) talk.press(which);
          else talk.release(which, now);
          expect(talk.open(now) || talk.closesIn(now) === null).toBe(true);
        }
        talk.releaseAll(now);
        expect(talk.open(now + HANG_MS)).toBe(false);
      }),
    );
  });
});
