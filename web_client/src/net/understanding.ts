/** How understanding is doing, over HTTP. */

import { type Checked, list, nullable, real, shape, text } from "../protocol/check";
import { ask } from "./http";

const week = shape({ start: text, kept: real, changed: real, rejected: real, waiting: real });

const understanding = shape({
  models: list(shape({ kind: text, id: text, licence: text, data: text, promoted_at: real, promoted_by: text, overall: real })),
  /** The oldest first. */
  weeks: list(week),
  judged: real,
  wrong: real,
  scores: shape({
    /** Population stability index; null: too few scores to tell. */
    index: nullable(real),
    edges: list(real),
    before: list(real),
    late: list(real),
  }),
});

export type Week = Checked<typeof week>;
export type Understanding = Checked<typeof understanding>;

export const readUnderstanding = (): Promise<Understanding> => ask("GET", "/v1/understanding", understanding);
