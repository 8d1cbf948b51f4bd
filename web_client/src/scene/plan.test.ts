import { describe, expect, it } from "vitest";

import { insidePolygon, type Point, polygonCentre } from "./plan";

describe("the middle of a shape", () => {
  it.each<[string, Point[], Point]>([
    ["a box", [[0, 0], [4, 0], [4, 2], [0, 2]], [2, 1]],
    ["a box the other way round", [[0, 2], [4, 2], [4, 0], [0, 0]], [2, 1]],
    ["a triangle", [[0, 0], [3, 0], [0, 3]], [1, 1]],
    ["an L, whose balance lies beside it", [[0, 0], [4, 0], [4, 4], [3, 4], [3, 1], [0, 1]], [3.5, 9.5 / 7]],
  ])("of %s lies within it", (_name, polygon, [x, z]) => {
    const middle = polygonCentre(polygon);
    expect(middle[0]).toBeCloseTo(x);
    expect(middle[1]).toBeCloseTo(z);
    expect(insidePolygon(polygon, ...middle)).toBe(true);
  });
});
