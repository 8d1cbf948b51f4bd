/** Where the boxes and arrows of a diagram stand. ELK decides; this says what it is to lay out and reads its answer. */

import type { ELK, ElkExtendedEdge, ElkNode } from "elkjs/lib/elk-api";

import type { Diagram } from "../../net/runs";

export type DiagramBox = Diagram["boxes"][number];
export type DiagramArrow = Diagram["arrows"][number];

export interface Place {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface PlacedBox extends Place {
  box: DiagramBox;
  /** Boxes stand in it. */
  outer: boolean;
}

export interface PlacedArrow {
  /** The path of the line, as SVG has it; it ends at the tip. */
  line: string;
  /** Null for the way into a first state. */
  arrow: DiagramArrow | null;
  label: (Place & { words: string }) | null;
}

export interface PlacedDiagram {
  width: number;
  height: number;
  /** Outer ones first. */
  boxes: readonly PlacedBox[];
  arrows: readonly PlacedArrow[];
  /** Where one begins: middle of a dot. */
  starts: readonly { x: number; y: number }[];
}

/** Width of a text in pixels, at a size and weight. */
export type Measure = (words: string, size: number, weight: number) => number;

export const TITLE = { size: 14, weight: 550 } as const;
export const NOTE = { size: 12, weight: 400 } as const;
export const LABEL = { size: 12, weight: 450 } as const;
export const START_RADIUS = 5;
export const LINE_HEIGHT = 16;
/** Room before a title for the mark of a state that was left. */
export const MARK = 18;
const PAD_X = 14;
const BOX_HEIGHT = 40;
const LEAST_WIDTH = 88;
const CORNER = 8;
const START = "start:";

const OPTIONS = {
  "elk.algorithm": "layered",
  "elk.hierarchyHandling": "INCLUDE_CHILDREN",
  "elk.edgeRouting": "ORTHOGONAL",
  "elk.layered.considerModelOrder.strategy": "NODES_AND_EDGES",
  "elk.layered.nodePlacement.strategy": "NETWORK_SIMPLEX",
  "elk.layered.spacing.nodeNodeBetweenLayers": "28",
  "elk.layered.spacing.edgeNodeBetweenLayers": "14",
  "elk.spacing.nodeNode": "28",
  "elk.spacing.edgeNode": "16",
  "elk.spacing.edgeEdge": "14",
  "elk.spacing.edgeLabel": "4",
  "elk.padding": "[top=4,left=4,bottom=4,right=4]",
} as const;
const INSIDE = { "elk.padding": "[top=44,left=18,bottom=18,right=18]" } as const;

/** A text's width without a screen to measure on. */
export const guess: Measure = (words, size) => words.length * size * 0.56;

/** What ELK is to lay out. */
export function graphOf(diagram: Diagram, direction: "DOWN" | "RIGHT", measure: Measure): ElkNode {
  const inside = new Map<string, DiagramBox[]>();
  for (const box of diagram.boxes) inside.set(box.parent, [...(inside.get(box.parent) ?? []), box]);
  const starts: ElkExtendedEdge[] = [];

  const nodes = (parent: string): ElkNode[] => {
    const here = inside.get(parent) ?? [];
    const first = here.find((box) => box.first);
    const found = here.map((box) => node(box));
    if (first === undefined || here.length < 2) return found;
    const id = `${START}${parent}`;
    starts.push({ id, sources: [id], targets: [first.name] });
    return [{ id, width: START_RADIUS * 2, height: START_RADIUS * 2 }, ...found];
  };
  const node = (box: DiagramBox): ElkNode => {
    const title = measure(box.title, TITLE.size, TITLE.weight) + MARK;
    const wide = Math.max(title, ...box.notes.map((note) => measure(note, NOTE.size, NOTE.weight)));
    const size = { width: Math.ceil(Math.max(LEAST_WIDTH, wide + PAD_X * 2)), height: BOX_HEIGHT + box.notes.length * LINE_HEIGHT };
    if (!inside.has(box.name)) return { id: box.name, ...size };
    const least = { "elk.nodeSize.constraints": "MINIMUM_SIZE", "elk.nodeSize.minimum": `(${size.width}, ${size.height})` };
    return { id: box.name, layoutOptions: { ...INSIDE, ...least }, children: nodes(box.name) };
  };
  const children = nodes("");
  const edges = diagram.arrows.map((arrow, number): ElkExtendedEdge => {
    const words = labelOf(arrow);
    const labels = words === "" ? [] : [{ text: words, width: Math.ceil(measure(words, LABEL.size, LABEL.weight)) + 6, height: LINE_HEIGHT }];
    return { id: `arrow:${number}`, sources: [arrow.source], targets: [arrow.target], labels };
  });
  return { id: "root", layoutOptions: { ...OPTIONS, "elk.direction": direction }, children, edges: [...edges, ...starts] };
}

export const labelOf = (arrow: DiagramArrow): string => arrow.labels.join(", ");

/** Lays a diagram out. */
export async function place(elk: Pick<ELK, "layout">, diagram: Diagram, direction: "DOWN" | "RIGHT", measure: Measure): Promise<PlacedDiagram> {
  return read(diagram, (await elk.layout(graphOf(diagram, direction, measure))) as ElkNode);
}

/** The one of two layouts that needs less shrinking to fit a width; where neither does, the lower. */
export function better(down: PlacedDiagram, right: PlacedDiagram, width: number): PlacedDiagram {
  const scale = (one: PlacedDiagram): number => Math.min(1, width / one.width);
  if (scale(down) !== scale(right)) return scale(down) > scale(right) ? down : right;
  return down.height <= right.height ? down : right;
}

function read(diagram: Diagram, root: ElkNode): PlacedDiagram {
  const places = new Map<string, Place>();
  const visit = (node: ElkNode, x: number, y: number): void => {
    places.set(node.id, { x, y, width: node.width ?? 0, height: node.height ?? 0 });
    for (const child of node.children ?? []) visit(child, x + (child.x ?? 0), y + (child.y ?? 0));
  };
  visit(root, 0, 0);
  const outer = new Set(diagram.boxes.map((box) => box.parent));
  const boxes = diagram.boxes.map((box): PlacedBox => ({ box, outer: outer.has(box.name), ...places.get(box.name)! }));
  const starts = [...places].filter(([id]) => id.startsWith(START)).map(([, at]) => ({ x: at.x + at.width / 2, y: at.y + at.height / 2 }));
  const arrows = (root.edges ?? []).flatMap((edge): PlacedArrow[] => {
    const base = places.get((edge as { container?: string }).container ?? "root") ?? { x: 0, y: 0 };
    const section = edge.sections?.[0];
    if (section === undefined) return [];
    const points = [section.startPoint, ...(section.bendPoints ?? []), section.endPoint].map(({ x, y }) => ({ x: x + base.x, y: y + base.y }));
    const label = edge.labels?.[0];
    const number = /^arrow:(\d+)$/.exec(edge.id)?.[1];
    return [
      {
        line: rounded(points),
        arrow: number === undefined ? null : diagram.arrows[Number(number)]!,
        label:
          label === undefined
            ? null
            : { words: label.text ?? "", x: (label.x ?? 0) + base.x, y: (label.y ?? 0) + base.y, width: label.width ?? 0, height: label.height ?? 0 },
      },
    ];
  });
  return { width: root.width ?? 0, height: root.height ?? 0, boxes, arrows, starts };
}

/** A line through points, with rounded corners. */
export function rounded(points: readonly { x: number; y: number }[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return "";
  let path = `M${at(first)}`;
  let before = first;
  rest.forEach((corner, index) => {
    const after = rest[index + 1];
    if (after === undefined) path += `L${at(corner)}`;
    else {
      const radius = Math.min(CORNER, distance(before, corner) / 2, distance(corner, after) / 2);
      path += `L${at(towards(corner, before, radius))}Q${at(corner)} ${at(towards(corner, after, radius))}`;
    }
    before = corner;
  });
  return path;
}

interface Point {
  x: number;
  y: number;
}

const at = ({ x, y }: Point): string => `${round(x)} ${round(y)}`;
const round = (value: number): number => Math.round(value * 10) / 10;
const distance = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y);

function towards(from: Point, to: Point, length: number): Point {
  const whole = distance(from, to) || 1;
  return { x: from.x + ((to.x - from.x) * length) / whole, y: from.y + ((to.y - from.y) * length) / whole };
}
