import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { type Box, hang } from "./bubbles";

const WIDE = 1000;
const box = (left: number, top: number, width: number, height: number): Box => ({ left, right: left + width, top, bottom: top + height });
const apart = (a: Box, b: Box): boolean => a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;

describe("a bubble", () => {
  it("hangs where it should when nothing is in the way", () => {
    expect(hang(300, 50, 80, 20, [box(0, 0, 600, 50), box(341, 50, 20, 20)], WIDE)).toEqual({ x: 300, top: 50 });
  });

  it("stays on the screen", () => {
    expect(hang(5, 50, 80, 20, [], WIDE)).toEqual({ x: 44, top: 50 });
  });

  it("goes aside for a face, as long as it stays under its owner", () => {
    expect(hang(300, 50, 80, 20, [box(330, 50, 40, 40)], WIDE)).toEqual({ x: 286, top: 50 });
  });

  it("goes below a face and below another bubble", () => {
    expect(hang(300, 50, 80, 20, [box(280, 76, 40, 20), box(280, 40, 40, 30)], WIDE)).toEqual({ x: 300, top: 100 });
  });

  it("is left out when it would hang too far away", () => {
    expect(hang(300, 50, 80, 20, [box(290, 40, 20, 400)], WIDE)).toBeNull();
  });

  it("never covers what is taken, and hangs under its owner", () => {
    const some = fc.integer({ min: 0, max: 300 });
    const size = fc.integer({ min: 1, max: 60 });
    const boxes = fc.array(fc.tuple(some, some, size, size).map((parts) => box(...parts)), { maxLength: 12 });
    fc.assert(fc.property(fc.integer({ min: 40, max: 300 }), some, size, size, boxes, (x, y, width, height, taken) => {
      const at = hang(x, y, width, height, taken, WIDE);
      if (at === null) return;
      expect(at.top).toBeGreaterThanOrEqual(y);
      expect(Math.abs(at.x - x)).toBeLessThanOrEqual(width / 2);
      for (const one of taken) expect(apart(box(at.x - width / 2, at.top, width, height), one)).toBe(true);
    }));
  });
});
