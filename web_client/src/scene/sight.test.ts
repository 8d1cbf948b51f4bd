import { describe, expect, it } from "vitest";
import type { PlanJson } from "./plan";
import { floorAt, wallSpans, zoneAt } from "./plan";
import { Sight } from "./sight";

const plan: PlanJson = {
  walls: [
    { id: "plaster", a: [-4, 0], b: [4, 0], height: 3, thickness: 0.2, material: "plaster" },
    { id: "glass", a: [-4, 4], b: [4, 4], height: 3, thickness: 0.1, material: "glass" },
    { id: "low", a: [-4, 8], b: [4, 8], height: 1.1, thickness: 0.1, material: "low" },
  ],
  doors: [{ id: "d", a: [1, 0], b: [2, 0], zone: "room", name: "Room", hinge: "a" }],
  seats: [], furniture: [], spawn_points: [],
  zones: [
    { id: "hall", name: "Hall", kind: "open", polygon: [[-9, -9], [9, -9], [9, 9], [-9, 9]], floor: "oak", enclosed: false, capacity: 9, floor_height: 0 },
    { id: "stage", name: "Stage", kind: "stage", polygon: [[-4, -8], [4, -8], [4, -4], [-4, -4]], floor: "oak", enclosed: false, capacity: 9, floor_height: 0.3 },
  ],
};

describe("Sight", () => {
  const sight = new Sight(plan);

  it("stops the camera in front of a wall", () => {
    expect(sight.reach(0, 1.5, 2, 0, 1.5, -2)).toBeCloseTo(0.5, 6);
    expect(sight.reach(0, 1.5, 2, 0, 1.5, 3)).toBe(1);
  });

  it("lets the camera pass above a wall", () => {
    expect(sight.reach(0, 1.5, 8.5, 0, 4, 7)).toBe(1);
  });

  it("hides names behind plaster, not behind glass or a low wall", () => {
    expect(sight.opaqueBetween(0, 1.5, 2, 0, 1.5, -2)).toBe(true);
    expect(sight.opaqueBetween(0, 1.5, 3, 0, 1.5, 5)).toBe(false);
    expect(sight.opaqueBetween(0, 1.5, 7, 0, 1.5, 9)).toBe(false);
  });

  it("sees through the opening of a door", () => {
    expect(sight.opaqueBetween(1.5, 1.5, 2, 1.5, 1.5, -2)).toBe(false);
  });
});

describe("plan", () => {
  it("cuts doors out of walls", () => {
    expect(wallSpans(plan.walls[0]!, plan.doors)).toEqual([{ from: 0, to: 5 }, { from: 6, to: 8 }]);
  });

  it("takes the smaller of two zones that overlap", () => {
    expect(zoneAt(plan, 0, -6)?.id).toBe("stage");
    expect(zoneAt(plan, 0, 6)?.id).toBe("hall");
    expect(zoneAt(plan, 0, 60)).toBeNull();
    expect(floorAt(plan, 0, -6)).toBe(0.3);
  });
});
