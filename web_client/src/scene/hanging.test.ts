import { readFileSync } from "node:fs";
import path from "node:path";

import { expect, test } from "vitest";

import { type Place, placesIn } from "./hanging";
import { insidePolygon, type PlanJson, type PlanZone, zoneAt } from "./plan";

const HQ = JSON.parse(readFileSync(path.resolve(import.meta.dirname, "../../../assets/rooms/hq.json"), "utf8")) as PlanJson;
const SQUARE: PlanZone = {
  id: "room", name: "Room", kind: "meeting", polygon: [[0, 0], [6, 0], [6, 4], [0, 4]], floor: "oak", enclosed: true, capacity: 4, floor_height: 0.3,
};
const WALL = { height: 3, thickness: 0.2, material: "plaster" } as const;
const ROOM: PlanJson = {
  walls: [
    { id: "n", a: [0, 0], b: [6, 0], ...WALL },
    { id: "e", a: [6, 0], b: [6, 4], ...WALL },
    { id: "s1", a: [6, 4], b: [5.5, 4], ...WALL },
    { id: "s2", a: [4.5, 4], b: [0, 4], ...WALL, windows: true },
    { id: "w", a: [0, 4], b: [0, 0], ...WALL, material: "glass" },
  ],
  doors: [{ id: "d", a: [5.5, 4], b: [4.5, 4], zone: "room", name: "Door", hinge: "a" }],
  seats: [], furniture: [], zones: [SQUARE], spawn_points: [],
};

const facing = (place: Place): { x: number; z: number } => ({ x: place.x - Math.sin(place.yaw) * 0.4, z: place.z - Math.cos(place.yaw) * 0.4 });

test("every zone of the office has a place, at its edge and with its face inside", () => {
  for (const zone of HQ.zones) {
    const places = placesIn(HQ, zone);
    expect(places.length, zone.id).toBeGreaterThan(0);
    for (const place of places) {
      const { x, z } = facing(place);
      expect(zoneAt(HQ, x, z)?.id, `${zone.id} ${JSON.stringify(place)}`).toBe(zone.id);
      expect(place.width).toBeGreaterThanOrEqual(1.2);
    }
  }
});

test("a screen that the plan has comes first", () => {
  const birch = HQ.zones.find(({ id }) => id === "birch")!;
  const frame = HQ.furniture.find(({ id }) => id === "screen-birch")!;
  const [first, second] = placesIn(HQ, birch);
  expect(first).toMatchObject({ framed: true, yaw: frame.yaw });
  expect(first!.width).toBeLessThan(frame.width);
  expect(second!.framed).toBe(false);
});

test("the longest wall comes before windows and glass", () => {
  const places = placesIn(ROOM, SQUARE);
  expect(places.map(({ yaw }) => Math.round((yaw * 2) / Math.PI))).toEqual([2, 1, 0, -1].map((quarter) => expect.toSatisfy((found: number) => (found - quarter) % 4 === 0)));
  expect(places[0]).toMatchObject({ x: expect.closeTo(3, 1) as number, y: expect.closeTo(1.9) as number, z: expect.closeTo(0.15, 2) as number });
});

test("nothing hangs across a door, the board or a high shelf", () => {
  const shelf = { id: "s", kind: "shelf", x: 3, z: 0.3, yaw: Math.PI, width: 2.2, depth: 0.4, height: 2, solid: true };
  const low = { ...shelf, height: 0.9 };
  const north = (plan: PlanJson): Place | undefined => placesIn(plan, SQUARE).find(({ z, yaw }) => z < 0.3 && Math.abs(yaw) > 3);
  expect(Math.abs((north({ ...ROOM, furniture: [shelf] })?.x ?? 9) - 3)).toBeGreaterThan(1.1 + 0.5);
  expect(north({ ...ROOM, furniture: [low] })?.x).toBeCloseTo(3, 1);
  expect(north({ ...ROOM, board: { x: 3, z: 0.15, yaw: Math.PI, width: 5.5, height: 2 } })).toBeUndefined();
  for (const { x, z, width } of placesIn(ROOM, SQUARE)) if (z > 3.7) expect(x + width / 2).toBeLessThan(4.5);
});

test("without a wall it stands at the side and looks at the middle", () => {
  const [place, ...more] = placesIn({ ...ROOM, walls: [] }, SQUARE);
  expect(more).toEqual([]);
  expect(place!.standing).toBe(true);
  const { x, z } = facing(place!);
  expect(insidePolygon(SQUARE.polygon, x, z)).toBe(true);
});
