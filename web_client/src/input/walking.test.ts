import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PlanFurniture, PlanJson, PlanWall } from "../scene/plan";
import { zoneAt } from "../scene/plan";
import { Obstacles, RADIUS, RUN_SPEED, WALK_SPEED, Walker, wrap } from "./walking";

const STILL = { forward: 0, right: 0, turn: 0, run: false };
const wall = (id: string, a: [number, number], b: [number, number]): PlanWall => ({
  id, a, b, height: 3, thickness: 0.2, material: "plaster",
});
const desk: PlanFurniture = {
  id: "desk", kind: "desk", x: 2, z: -2, yaw: Math.PI / 6, width: 1.6, depth: 0.8, height: 0.74, solid: true,
};
const plan: PlanJson = {
  walls: [
    wall("n", [-5, -5], [5, -5]), wall("s", [-5, 5], [5, 5]),
    wall("w", [-5, -5], [-5, 5]), wall("e", [5, -5], [5, 5]), wall("mid", [-5, 2], [5, 2]),
  ],
  doors: [{ id: "d", a: [-0.5, 2], b: [0.5, 2], zone: "z", name: "Door", hinge: "a" }],
  seats: [], furniture: [desk], zones: [], spawn_points: [],
};

describe("Walker", () => {
  it("walks forward where the camera looks, at walking speed", () => {
    const walker = new Walker({ ...plan, furniture: [] });
    for (let i = 0; i < 60; i++) walker.step(1 / 60, { ...STILL, forward: 1 }, 0);
    expect(walker.pose.z).toBeCloseTo(-WALK_SPEED, 5);
    expect(walker.pose.x).toBeCloseTo(0, 9);
    for (let i = 0; i < 30; i++) walker.step(1 / 60, { ...STILL, right: 1, run: true }, 0);
    expect(walker.pose.x).toBeCloseTo(RUN_SPEED / 2, 5);
    expect(walker.pose.yaw).toBeCloseTo(-Math.PI / 2, 5);
  });

  it("is stopped by a wall and slides along it", () => {
    const walker = new Walker(plan);
    walker.pose = { x: -3, z: -3, yaw: 0 };
    for (let i = 0; i < 300; i++) walker.step(1 / 60, { ...STILL, forward: 1, right: -0.4 }, 0);
    expect(walker.pose.z).toBeGreaterThanOrEqual(-5 + 0.1 + RADIUS);
    expect(walker.pose.z).toBeLessThan(-4.5);
    expect(walker.pose.x).toBeLessThan(-4.5);
  });

  it("walks through a door, not through the wall beside it", () => {
    const through = new Walker(plan);
    for (let i = 0; i < 180; i++) through.step(1 / 60, { ...STILL, forward: -1 }, 0);
    expect(through.pose.z).toBeGreaterThan(3);
    const beside = new Walker(plan);
    beside.pose = { x: 3, z: 0, yaw: 0 };
    for (let i = 0; i < 180; i++) beside.step(1 / 60, { ...STILL, forward: -1 }, 0);
    expect(beside.pose.z).toBeLessThanOrEqual(2 - 0.1 - RADIUS);
  });

  it("follows a path to its end and then stands", () => {
    const walker = new Walker(plan);
    walker.follow([[-2, 0], [-2, -3]]);
    let motion = 1;
    for (let i = 0; i < 300 && motion !== 0; i++) motion = walker.step(1 / 60, STILL, 0).motion;
    expect(walker.pose.x).toBeCloseTo(-2, 1);
    expect(walker.pose.z).toBeCloseTo(-3, 1);
    expect(walker.following).toBe(false);
  });

  it("drops the path when a key of walking is pressed", () => {
    const walker = new Walker(plan);
    walker.follow([[-4, 0]]);
    walker.step(0.02, { ...STILL, right: 1 }, 0);
    expect(walker.following).toBe(false);
  });

  it("takes the server's correction", () => {
    const walker = new Walker(plan);
    walker.follow([[4, 0]]);
    walker.correct({ x: 1, z: 1, yaw: 0.5 });
    expect(walker.step(0.1, STILL, 0)).toEqual({ x: 1, z: 1, yaw: 0.5, motion: 0 });
  });

  it("never ends inside an obstacle, whatever the keys", () => {
    const obstacles = new Obstacles(plan);
    const keys = fc.record({
      forward: fc.double({ min: -1, max: 1, noNaN: true }),
      right: fc.double({ min: -1, max: 1, noNaN: true }),
      turn: fc.constantFrom(-1, 0, 1),
      run: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(keys, fc.double({ min: -4, max: 4, noNaN: true })), { maxLength: 60 }), (moves) => {
        const walker = new Walker(plan);
        for (const [intent, camera] of moves) {
          walker.step(0.1, intent, camera);
          const x = Math.round(walker.pose.x * 100) / 100;
          const z = Math.round(walker.pose.z * 100) / 100;
          expect(obstacles.blocked(x, z, RADIUS - 1e-6)).toBe(false);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("the shipped office", () => {
  const office = JSON.parse(readFileSync(new URL("../../../assets/rooms/hq.json", import.meta.url), "utf8")) as PlanJson;

  it("keeps a running person inside, on free floor", () => {
    const obstacles = new Obstacles(office);
    const walker = new Walker(office);
    walker.pose = { ...office.spawn_points[0]! };
    for (let i = 0; i < 1500; i++) {
      walker.step(0.05, { ...STILL, forward: 1, right: Math.sin(i / 9), run: true }, (i * i) / 4000);
      if (i % 10 !== 0) continue;
      expect(zoneAt(office, walker.pose.x, walker.pose.z)).not.toBeNull();
      expect(obstacles.blocked(walker.pose.x, walker.pose.z, RADIUS - 0.01)).toBe(false);
    }
  });

  it("does not let anybody out by the entrance", () => {
    const walker = new Walker(office);
    walker.pose = { x: 0, z: 10, yaw: 0 };
    for (let i = 0; i < 60; i++) walker.step(0.05, { ...STILL, forward: -1 }, 0);
    expect(walker.pose.z).toBeLessThan(11 - RADIUS + 0.01);
  });
});

describe("wrap", () => {
  it("brings angles into one turn", () => {
    expect(wrap(3 * Math.PI)).toBeCloseTo(-Math.PI, 9);
    expect(wrap(-0.5)).toBeCloseTo(-0.5, 9);
  });
});
