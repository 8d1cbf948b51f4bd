/** Where columns and notes stand on the wall, in pixels of its canvas. Pure. */

export const NOTE = { height: 102, step: 112 } as const;
const GAP = 28;
const HEAD = 56;

export interface Size {
  width: number;
  height: number;
}

export interface Column {
  x: number;
  y: number;
  width: number;
  height: number;
  /** How many notes it holds; there is room below them for a line. */
  room: number;
}

/** What a spot on the wall belongs to. */
export type BoardSpot = { kind: "tasks" } | { kind: "questions"; index: number | null };

/** Columns side by side, from `top` on. */
export function columns({ width, height }: Size, count: number, top: number): Column[] {
  const column = (width - GAP * (count + 1)) / count;
  return Array.from({ length: count }, (_, k) => ({
    x: GAP + k * (column + GAP),
    y: top,
    width: column,
    height: height - top - GAP,
    room: Math.max(0, Math.floor((height - top - GAP - HEAD - 4) / NOTE.step)),
  }));
}

export function noteAt(column: Column, index: number): { x: number; y: number; width: number } {
  return { x: column.x + 14, y: column.y + HEAD + index * NOTE.step, width: column.width - 28 };
}

/** What stands at a spot, `u` to the right and `v` up, both 0 to 1. Questions are the first column, where there are any. */
export function spotAt(u: number, v: number, size: Size, first: Column | null, questions: number): BoardSpot {
  const [x, y] = [u * size.width, (1 - v) * size.height];
  if (first === null || x < first.x || x > first.x + first.width || y < first.y) return { kind: "tasks" };
  const index = Math.floor((y - noteAt(first, 0).y) / NOTE.step);
  return { kind: "questions", index: index >= 0 && index < Math.min(questions, first.room) ? index : null };
}
