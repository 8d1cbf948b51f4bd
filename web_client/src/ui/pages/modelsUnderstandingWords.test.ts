import { describe, expect, it } from "vitest";

import { madeWords, shiftWords, tallest } from "./modelsUnderstandingWords";

describe("how understanding is doing", () => {
  it.each([
    [null, "Too few scores to tell", "plain"],
    [0.05, "As before", "good"],
    [0.1, "Shifting a little", "waiting"],
    [0.24, "Shifting a little", "waiting"],
    [0.25, "Not what it was", "bad"],
  ] as const)("an index of %s is said as %s", (index, words, tone) => {
    expect(shiftWords(index)).toEqual({ words, tone });
  });

  it("says how many tasks were looked at, and what share was wrong", () => {
    expect(madeWords(0, 0)).toMatch(/nobody has looked/i);
    expect(madeWords(1, 0)).toBe("1 heard task looked at in twelve weeks; 0 % changed or rejected.");
    expect(madeWords(8, 2)).toBe("8 heard tasks looked at in twelve weeks; 25 % changed or rejected.");
  });

  it("measures bars by the fullest week", () => {
    const week = { start: "2026-11-23", kept: 3, changed: 1, rejected: 0, waiting: 2 };
    expect(tallest([week, { ...week, kept: 0 }])).toBe(6);
    expect(tallest([])).toBe(0);
  });
});
