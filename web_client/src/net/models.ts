/** Which recognisers run here and how they do, and the office's own words, over HTTP. For owners. */

import { type Checked, flag, list, nullable, real, shape, table, text, whole } from "../protocol/check";
import { ask } from "./http";

const engine = shape({
  name: text,
  label: text,
  use: text,
  primary: flag,
  model: text,
  version: text,
  revision: text,
  licence: text,
  device: text,
  compute: text,
  memory_mb: nullable(real),
  why: text,
});

const speechProcess = shape({
  index: whole,
  pid: nullable(whole),
  up: flag,
  engine: text,
  device: text,
  memory_mb: nullable(real),
  restarts: whole,
  up_since: nullable(real),
  real_time_factor: nullable(real),
});

const speed = shape({
  real_time_factor: nullable(real),
  wait_p50_ms: nullable(real),
  wait_p99_ms: nullable(real),
  final_p50_ms: nullable(real),
  final_p99_ms: nullable(real),
  first_word_p50_ms: nullable(real),
  finals: whole,
});

const queue = shape({
  final: whole,
  likely: whole,
  partial: whole,
  running: whole,
  oldest_seconds: real,
  load: real,
  cadence_seconds: nullable(real),
  hurry: flag,
  dropped: table(whole),
  on_disk: whole,
  lost: whole,
});

const speech = shape({
  engines: list(engine),
  processes: list(speechProcess),
  speed,
  queue,
  suppressed: table(whole),
  fallbacks: list(shape({ at: real, engine: text, instead_of: text, reason: text })),
  missing: list(shape({ what: text, why: text, command: text })),
  since: nullable(real),
  language: text,
});

const installed = shape({
  name: text,
  size: real,
  format: text,
  repository: text,
  revision: text,
  licence: text,
  purpose: text,
  languages: text,
  chosen: flag,
  in_use: flag,
});

const offer = shape({
  name: text,
  size: real,
  licence: text,
  languages: text,
  purpose: text,
  memory_int8_mb: nullable(real),
  memory_float16_mb: nullable(real),
  command: text,
});

const models = shape({
  /** Who sums meetings up; null: nobody. */
  mind: nullable(shape({ model: text, host: text })),
  speech,
  folder: text,
  chosen: nullable(text),
  installed: list(installed),
  offers: list(offer),
});

const glossary = shape({ terms: list(text), most_terms: whole, most_characters: whole });

export type Engine = Checked<typeof engine>;
export type SpeechProcess = Checked<typeof speechProcess>;
export type Speed = Checked<typeof speed>;
export type Queue = Checked<typeof queue>;
export type Speech = Checked<typeof speech>;
export type InstalledModel = Checked<typeof installed>;
export type ModelOffer = Checked<typeof offer>;
export type Models = Checked<typeof models>;
export type Glossary = Checked<typeof glossary>;

export const readModels = (): Promise<Models> => ask("GET", "/v1/models", models);

export const readGlossary = (): Promise<Glossary> => ask("GET", "/v1/glossary", glossary);

export const saveGlossary = (terms: readonly string[]): Promise<Glossary> =>
  ask("PUT", "/v1/glossary", glossary, { terms });
