import ELK from "elkjs/lib/elk.bundled.js";
import { describe, expect, it } from "vitest";

import type { Diagram } from "../../net/runs";
import { better, graphOf, guess, place, type PlacedBox, type PlacedDiagram, rounded } from "./layout";

const box = (name: string, more: Partial<Diagram["boxes"][number]> = {}): Diagram["boxes"][number] => ({
  name, title: name, parent: "", parallel: false, final: false, first: false, notes: [], ...more,
});
const arrow = (source: string, target: string, ...labels: string[]): Diagram["arrows"][number] => ({ source, target, labels, details: labels });

const TRIP: Diagram = {
  boxes: [
    box("open", { first: true }),
    box("asked", { parent: "open", first: true, notes: ["asks owner"] }),
    box("booked", { parent: "open" }),
    box("both", { parallel: true }),
    box("train", { parent: "both" }),
    box("seek", { parent: "train", first: true }),
    box("found", { parent: "train", final: true }),
    box("bed", { parent: "both" }),
    box("gone", { final: true }),
  ],
  arrows: [
    arrow("asked", "booked", "approve"), arrow("booked", "asked", "send back"), arrow("open", "gone", "withdraw"),
    arrow("booked", "both", "go"), arrow("seek", "found", "done", "fails"), arrow("both", "gone"), arrow("open", "asked", "again"),
  ],
};

const within = (inner: PlacedBox, outer: PlacedBox): boolean =>
  inner.x >= outer.x && inner.y >= outer.y && inner.x + inner.width <= outer.x + outer.width && inner.y + inner.height <= outer.y + outer.height;
const apart = (a: PlacedBox, b: PlacedBox): boolean =>
  a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;

describe.each(["DOWN", "RIGHT"] as const)("a diagram laid out %s", (direction) => {
  it("keeps boxes within their outer ones and apart from those beside them", async () => {
    const { boxes, width, height } = await place(new ELK(), TRIP, direction, guess);
    const by = new Map(boxes.map((one) => [one.box.name, one]));
    for (const one of boxes) {
      const outer = by.get(one.box.parent);
      expect(outer === undefined || within(one, outer), `${one.box.name} stands in ${one.box.parent}`).toBe(true);
      expect(one.x + one.width).toBeLessThanOrEqual(width);
      expect(one.y + one.height).toBeLessThanOrEqual(height);
      for (const other of boxes) {
        if (one === other || one.box.parent !== other.box.parent) continue;
        expect(apart(one, other), `${one.box.name} and ${other.box.name} stand apart`).toBe(true);
      }
    }
  });

  it("draws every arrow, with its words beside it", async () => {
    const { arrows, starts, width, height } = await place(new ELK(), TRIP, direction, guess);
    expect(arrows.filter((one) => one.arrow !== null)).toHaveLength(TRIP.arrows.length);
    expect(arrows.map((one) => one.label?.words).filter(Boolean).sort()).toEqual(["again", "approve", "done, fails", "go", "send back", "withdraw"]);
    expect(starts).toHaveLength(3);
    for (const { line, label } of arrows) {
      expect(line).toMatch(/^M-?[\d.]+ -?[\d.]+(?:[LQ]-?[\d.]+ -?[\d.]+(?: -?[\d.]+ -?[\d.]+)?)+$/);
      if (label) {
        expect(label.x + label.width).toBeLessThanOrEqual(width + 1);
        expect(label.y + label.height).toBeLessThanOrEqual(height + 1);
      }
    }
  });
});

it("is as high as its notes ask for, and as wide as its words", () => {
  const [, asked] = graphOf(TRIP, "DOWN", guess).children!.find(({ id }) => id === "open")!.children!;
  expect(asked).toMatchObject({ id: "asked", height: 56 });
  expect(asked!.width).toBeGreaterThanOrEqual(guess("asks owner", 12, 400));
});

it("takes the layout that has to be shrunk less, then the lower one", () => {
  const size = (width: number, height: number): PlacedDiagram => ({ width, height, boxes: [], arrows: [], starts: [] });
  expect(better(size(400, 900), size(1200, 300), 800).width).toBe(400);
  expect(better(size(400, 900), size(700, 300), 800).width).toBe(700);
});

it("rounds corners as far as there is room", () => {
  expect(rounded([{ x: 0, y: 0 }, { x: 0, y: 20 }, { x: 4, y: 20 }])).toBe("M0 0L0 18Q0 20 2 20L4 20");
  expect(rounded([])).toBe("");
});
