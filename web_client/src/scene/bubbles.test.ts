import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { below, type Box } from "./bubbles";

const box = (left: number, top: number, width: number, height: number): Box => ({ left, right: left + width, top, bottom: top + height });
const apart = (a: Box, b: Box): boolean => a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;

describe("a bubble", () => {
  it("hangs where it should when nothing is in the way", () => {
    expect(below(100, 50, 80, 20, [box(0, 0, 300, 50), box(141, 50, 20, 20)])).toBe(50);
  });

  it("goes below a face and below another bubble", () => {
    expect(below(100, 50, 80, 20, [box(90, 76, 40, 20), box(80, 40, 40, 30)])).toBe(100);
  });

  it("is left out when it would hang too far away", () => {
    expect(below(100, 50, 80, 20, [box(90, 40, 20, 400)])).toBeNull();
  });

  it("never covers what is taken", () => {
    const some = fc.integer({ min: 0, max: 300 });
    const size = fc.integer({ min: 1, max: 60 });
    const boxes = fc.array(fc.tuple(some, some, size, size).map((parts) => box(...parts)), { maxLength: 12 });
    fc.assert(fc.property(some, some, size, size, boxes, (x, y, width, height, taken) => {
      const top = below(x, y, width, height, taken);
      if (top === null) return;
      expect(top).toBeGreaterThanOrEqual(y);
      for (const one of taken) expect(apart(box(x - width / 2, top, width, height), one)).toBe(true);
    }));
  });
});
