import { describe, expect, it } from "vitest";
import { initials, minimapToWorld } from "./minimap";
import type { PlanJson } from "./plan";

const plan: PlanJson = {
  walls: [], doors: [], seats: [], furniture: [], spawn_points: [],
  zones: [{ id: "a", name: "A", kind: "open", polygon: [[-16, -11], [16, -11], [16, 11], [-16, 11]], floor: "oak", enclosed: false, capacity: 9, floor_height: 0 }],
};

describe("minimap", () => {
  it("puts the middle of the plan into the middle of the map", () => {
    const spot = minimapToWorld({ clientWidth: 208, clientHeight: 143 }, plan, 104, 71.5);
    expect(spot.x).toBeCloseTo(0, 6);
    expect(spot.z).toBeCloseTo(0, 6);
  });

  it("keeps one scale for both directions", () => {
    const map = { clientWidth: 208, clientHeight: 143 };
    const a = minimapToWorld(map, plan, 104, 71.5);
    const b = minimapToWorld(map, plan, 114, 81.5);
    expect(b.x - a.x).toBeCloseTo(b.z - a.z, 9);
  });

  it("takes initials from the first and last word", () => {
    expect(initials("Grace Brewster Hopper")).toBe("GH");
    expect(initials("ada")).toBe("A");
    expect(initials("  ")).toBe("?");
  });
});
