/** Words and heights of the part on understanding. Pure. */

import type { Week } from "../../net/understanding";
import { count } from "../words";
import type { Tone } from "./modelsWords";

/** What people made of a task, in the order the bars are built. */
export const MADE = [
  { key: "kept", words: "kept" },
  { key: "changed", words: "changed" },
  { key: "rejected", words: "rejected" },
  { key: "waiting", words: "not looked at" },
] as const;

/** How many tasks the fullest week has. */
export function tallest(weeks: readonly Week[]): number {
  return Math.max(0, ...weeks.map((week) => MADE.reduce((sum, { key }) => sum + week[key], 0)));
}

export function madeWords(judged: number, wrong: number): string {
  if (judged === 0) return "Nobody has looked at a heard task in the last twelve weeks.";
  return `${count(judged, "heard task", "heard tasks")} looked at in twelve weeks; ${Math.round((wrong / judged) * 100)} % changed or rejected.`;
}

export function shiftWords(index: number | null): { words: string; tone: Tone } {
  if (index === null) return { words: "Too few scores to tell", tone: "plain" };
  if (index < 0.1) return { words: "As before", tone: "good" };
  return index < 0.25 ? { words: "Shifting a little", tone: "waiting" } : { words: "Not what it was", tone: "bad" };
}
