import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { findMatches, pieces, stepTo } from "./search";

const line = (id: string, text: string) => ({ id, text, name: "Ana" });

describe("the search", () => {
  it.each([
    ["budget", [["a", "Budget"], ["a", "budget"]]],
    ["zoe", [["b", "Zoë"]]],
    ["ZOË  says", [["b", "Zoë says"]]],
    ["strasse", []],
    ["ship it", []],
    ["  ", []],
    ["", []],
  ])("of %o finds %o", (query, found) => {
    const lines = [line("a", "Budget first. The budget!"), line("b", "As Zoë says: Straße")];
    const texts = new Map(lines.map((one) => [one.id, one.text]));
    expect(findMatches(lines, query).map(({ id, start, end }) => [id, texts.get(id)!.slice(start, end)])).toEqual(found);
  });

  it("finds accents written as signs of their own", () => {
    const text = "Zoe\u0308 and Zoe";
    expect(findMatches([line("a", text)], "zoe").map(({ start, end }) => text.slice(start, end))).toHaveLength(2);
  });

  it("finds any stretch of a line in that line", () => {
    fc.assert(fc.property(fc.string({ minLength: 1 }), fc.nat(), fc.nat(), (text, from, length) => {
      const start = from % text.length;
      const query = text.slice(start, start + 1 + (length % 5));
      fc.pre(/^[a-z0-9]+$/.test(query));
      expect(findMatches([line("a", text)], query).length).toBeGreaterThan(0);
    }));
  });
});

describe("the pieces of a line", () => {
  it("end where the settled part and the matches do", () => {
    expect(pieces("so we ship it", 5, [{ start: 3, end: 10 }])).toEqual([
      { text: "so ", settled: true, match: null },
      { text: "we", settled: true, match: 0 },
      { text: " ship", settled: false, match: 0 },
      { text: " it", settled: false, match: null },
    ]);
  });

  it("together are the line", () => {
    fc.assert(fc.property(fc.string(), fc.nat(40), fc.string({ minLength: 1, maxLength: 3 }), (text, settled, query) => {
      const matches = findMatches([line("a", text)], query);
      expect(pieces(text, Math.min(settled, text.length), matches).map((piece) => piece.text).join("")).toBe(text);
    }));
  });
});

it("goes round at both ends", () => {
  expect([stepTo(2, 1, 3), stepTo(0, -1, 3), stepTo(0, 1, 0)]).toEqual([0, 2, 0]);
});
