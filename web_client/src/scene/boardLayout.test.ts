import { describe, expect, it } from "vitest";

import { columns, noteAt, spotAt } from "./boardLayout";

const size = { width: 1536, height: 650 };

describe("the wall", () => {
  it("has columns of one width, side by side, within its edges", () => {
    const four = columns(size, 4, 96);
    expect(new Set(four.map(({ width }) => Math.round(width))).size).toBe(1);
    expect(four.every((one, k) => k === 0 || one.x >= four[k - 1]!.x + four[k - 1]!.width)).toBe(true);
    expect(four[3]!.x + four[3]!.width).toBeLessThan(size.width);
    const last = noteAt(four[0]!, four[0]!.room - 1);
    expect(last.y + 102).toBeLessThan(four[0]!.y + four[0]!.height);
  });

  it("tells the question under a spot from tasks, and from what is between", () => {
    const [first] = columns(size, 4, 96) as [ReturnType<typeof columns>[number]];
    const at = (x: number, y: number, questions = 2) => spotAt(x / size.width, 1 - y / size.height, size, first, questions);
    const middle = (index: number): [number, number] => [first.x + first.width / 2, noteAt(first, index).y + 50];
    expect(at(...middle(0))).toEqual({ kind: "questions", index: 0 });
    expect(at(...middle(1))).toEqual({ kind: "questions", index: 1 });
    expect(at(...middle(2)), "no note hangs there").toEqual({ kind: "questions", index: null });
    expect(at(first.x + 5, first.y + 10), "its heading").toEqual({ kind: "questions", index: null });
    expect(at(first.x + first.width + 40, 300)).toEqual({ kind: "tasks" });
    expect(at(first.x + 5, 20), "above it").toEqual({ kind: "tasks" });
    expect(at(...middle(first.room), 50), "what has no room is in the list").toEqual({ kind: "questions", index: null });
    expect(spotAt(0.1, 0.5, size, null, 0)).toEqual({ kind: "tasks" });
  });
});
