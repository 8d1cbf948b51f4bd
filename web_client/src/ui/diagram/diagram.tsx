/** A definition as a drawing, with where a run stands in it. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";

import "../../styles/diagram.css";
import type { Diagram as Boxes } from "../../net/runs";
import { Skeleton } from "../controls";
import { better, guess, LINE_HEIGHT, type Measure, NOTE, place, type PlacedArrow, type PlacedBox, type PlacedDiagram, START_RADIUS } from "./layout";

const WIDEST = 760;
const FONT = '"Inter Variable", "Inter", system-ui, sans-serif';
const TIP = 7;
/** Shrunk further, its words could not be read; it is scrolled instead. */
const LEAST_SCALE = 0.8;

export interface Standing {
  /** Active states, outer ones too. */
  active: ReadonlySet<string>;
  /** States that were left. */
  visited: ReadonlySet<string>;
  status: string;
}

export function Diagram({ diagram, standing, title }: { diagram: Boxes; standing: Standing; title: string }): JSX.Element {
  const placed = useSignal<PlacedDiagram | null>(null);
  const fault = useSignal(false);
  const room = useRef<HTMLDivElement>(null);
  const key = useMemo(() => JSON.stringify(diagram), [diagram]);
  useEffect(() => {
    let wanted = true;
    layOut(diagram, room.current?.clientWidth ?? WIDEST).then(
      (found) => {
        if (wanted) placed.value = found;
      },
      () => (fault.value = true),
    );
    return () => void (wanted = false);
  }, [key]);
  return (
    <div ref={room} class={`diagram diagram-${standing.status}`}>
      {placed.value === null ? (
        fault.value ? <Plain diagram={diagram} standing={standing} /> : <Skeleton lines={6} label="Drawing the diagram" />
      ) : (
        <div class="diagram-wide" role="region" aria-label={`${title}, diagram`} tabIndex={0}>
          <Drawing placed={placed.value} standing={standing} title={title} />
        </div>
      )}
    </div>
  );
}

/** ELK is large, so it comes when there is something to draw. */
async function layOut(diagram: Boxes, width: number): Promise<PlacedDiagram> {
  const [{ default: Elk }] = await Promise.all([import("elkjs/lib/elk.bundled.js"), document.fonts.ready]);
  const elk = new Elk();
  const measure = measurer();
  return better(await place(elk, diagram, "DOWN", measure), await place(elk, diagram, "RIGHT", measure), width);
}

function measurer(): Measure {
  const context = document.createElement("canvas").getContext("2d");
  if (context === null) return guess;
  return (words, size, weight) => {
    context.font = `${weight} ${size}px ${FONT}`;
    return context.measureText(words).width;
  };
}

function Drawing({ placed, standing, title }: { placed: PlacedDiagram; standing: Standing; title: string }): JSX.Element {
  const here = placed.boxes.filter(({ box, outer }) => !outer && standing.active.has(box.name)).map(({ box }) => box.title);
  const words = here.length === 0 ? title : `${title}. It stands in ${here.join(" and ")}.`;
  const style = { "min-width": `${Math.round(placed.width * LEAST_SCALE)}px` };
  return (
    <svg class="diagram-drawing" style={style} role="img" aria-label={words} width={placed.width} height={placed.height} viewBox={`0 0 ${placed.width} ${placed.height}`}>
      <defs>
        <marker id="diagram-tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth={TIP} markerHeight={TIP} orient="auto">
          <path class="diagram-tip" d="M0.5 0.8 7.2 4 0.5 7.2Z" />
        </marker>
      </defs>
      {placed.boxes.filter(({ outer }) => outer).map((one) => <Box key={one.box.name} placed={one} standing={standing} />)}
      {placed.arrows.map((one, number) => <Arrow key={number} placed={one} />)}
      {placed.starts.map((at, number) => <circle key={number} class="diagram-start" cx={at.x} cy={at.y} r={START_RADIUS} />)}
      {placed.boxes.filter(({ outer }) => !outer).map((one) => <Box key={one.box.name} placed={one} standing={standing} />)}
      {placed.arrows.map((one, number) => <Label key={number} placed={one} />)}
    </svg>
  );
}

function Box({ placed: { box, outer, x, y, width, height }, standing }: { placed: PlacedBox; standing: Standing }): JSX.Element {
  const active = standing.active.has(box.name);
  const visited = !active && standing.visited.has(box.name);
  const kind = ["diagram-box", outer ? "is-outer" : "", active ? "is-active" : visited ? "is-visited" : "", box.final ? "is-final" : "", box.parallel ? "is-parallel" : ""];
  const radius = box.final ? Math.min(20, height / 2) : outer ? 14 : 10;
  const middle = x + width / 2;
  const marked = visited && !outer;
  return (
    <g class={kind.filter(Boolean).join(" ")}>
      <rect class="diagram-ground" x={x} y={y} width={width} height={height} rx={radius} />
      {box.final && <rect class="diagram-inner" x={x + 3} y={y + 3} width={width - 6} height={height - 6} rx={radius - 3} />}
      {marked && <path class="diagram-check" d={`M${x + 10} ${y + 20.5}l3.2 3.2 6-7`} />}
      {outer ? (
        <text class="diagram-title" x={x + 16} y={y + 25}>
          {box.title}
          {box.parallel && <tspan class="diagram-note" dx="8">together</tspan>}
        </text>
      ) : (
        <text class="diagram-title" x={middle + (marked ? 7 : 0)} y={y + 25} text-anchor="middle">
          {box.title}
        </text>
      )}
      {!outer &&
        box.notes.map((note, line) => (
          <text key={note} class="diagram-note" x={middle} y={y + 42 + line * LINE_HEIGHT} text-anchor="middle" font-size={NOTE.size}>
            {note}
          </text>
        ))}
      {active && !outer && (
        <g class="diagram-here">
          <rect x={x + width - 30} y={y - 10} width={38} height={18} rx={9} />
          <text x={x + width - 11} y={y + 3} text-anchor="middle">
            {standing.status === "done" || standing.status === "cancelled" ? "end" : "here"}
          </text>
        </g>
      )}
    </g>
  );
}

function Arrow({ placed }: { placed: PlacedArrow }): JSX.Element {
  return <path class="diagram-line" d={placed.line} marker-end="url(#diagram-tip)" />;
}

function Label({ placed: { label, arrow } }: { placed: PlacedArrow }): JSX.Element | null {
  if (label === null || arrow === null) return null;
  return (
    <g class="diagram-label">
      <title>{arrow.details.join("\n")}</title>
      <rect x={label.x} y={label.y} width={label.width} height={label.height} rx={4} />
      <text x={label.x + label.width / 2} y={label.y + 12} text-anchor="middle">
        {label.words}
      </text>
    </g>
  );
}

/** What is left when it cannot be drawn. */
function Plain({ diagram, standing }: { diagram: Boxes; standing: Standing }): JSX.Element {
  return (
    <ul class="diagram-plain">
      {diagram.boxes.map((box) => (
        <li key={box.name} aria-current={standing.active.has(box.name) ? "step" : undefined}>
          {box.title}
          {standing.active.has(box.name) ? ", here" : ""}
        </li>
      ))}
    </ul>
  );
}
