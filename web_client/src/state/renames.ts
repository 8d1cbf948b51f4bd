/** What states of an older version of a workflow become in the newest one, as somebody says it. */

import type { Unplaced } from "../net/runs";

export interface Renames {
  /** In the order in which the office named them. */
  readonly states: readonly Unplaced[];
  /** Old state -> new one; empty: not said yet. */
  readonly chosen: Readonly<Record<string, string>>;
}

export const NONE: Renames = { states: [], chosen: {} };

/** After a refusal: what was asked for before stays, so that it can be changed; a choice that is none any more goes. */
export function askedFor({ states, chosen }: Renames, refused: readonly Unplaced[]): Renames {
  const newer = new Map(refused.map((one) => [one.name, one]));
  const all = [...states.map((one) => newer.get(one.name) ?? one), ...refused.filter((one) => states.every((old) => old.name !== one.name))];
  const kept = all.map((one) => {
    const said = chosen[one.name] ?? "";
    // Refused although it was chosen: it is to be chosen anew.
    return [one.name, newer.has(one.name) || !one.choices.some((choice) => choice.name === said) ? "" : said] as const;
  });
  return { states: all, chosen: Object.fromEntries(kept) };
}

export const choose = ({ states, chosen }: Renames, state: string, becomes: string): Renames => ({ states, chosen: { ...chosen, [state]: becomes } });

/** The first of which it is not said yet. */
export const missing = ({ states, chosen }: Renames): Unplaced | undefined => states.find((one) => (chosen[one.name] ?? "") === "");

/** What a select offers; two of the same title are told apart by their names. */
export function options({ choices }: Unplaced): (readonly [string, string])[] {
  const titles = choices.map((one) => one.title);
  const twice = (title: string): boolean => titles.indexOf(title) !== titles.lastIndexOf(title);
  return [["", "Choose a state"], ...choices.map((one) => [one.name, twice(one.title) ? `${one.title} (${one.name})` : one.title] as const)];
}
