/** Work that follows a definition: runs, the questions that they ask, and the definitions, over HTTP. */

import { anything, type Checked, flag, list, nullable, real, shape, table, text, whole } from "../protocol/check";
import { ask, HttpProblem } from "./http";

const state = shape({ name: text, title: text });
const person = shape({ id: text, name: text });
const unplaced = shape({ name: text, title: text, choices: list(state) });
const value = shape({ name: text, label: text, value: anything, format: text, unit: text });
const schema = nullable(table(anything));

const runFields = {
  id: text,
  definition: text,
  title: text,
  summary: text,
  states: list(state),
  status: text,
  trouble: text,
  steward: text,
  steward_name: text,
  started_by: text,
  started_by_name: text,
  created_at: real,
  updated_at: real,
  version: whole,
} as const;
const run = shape(runFields);

const request = shape({
  name: text,
  action: text,
  params: table(anything),
  status: text,
  due: real,
  attempts: whole,
  errors: list(shape({ at: text, reason: text })),
  result: anything,
  asked_at: real,
  ended_at: nullable(real),
});

const task = shape({
  run: text,
  name: text,
  number: whole,
  definition: text,
  definition_title: text,
  summary: text,
  title: text,
  shown: list(value),
  subject: text,
  form: schema,
  decisions: list(shape({ name: text, title: text, needed: whole, votes: whole })),
  votes: list(shape({ person: text, name: text, decision: text })),
  roles: list(text),
  people: list(person),
  barred: list(person),
  due: nullable(real),
  status: text,
  decision: text,
  decided_by: text,
  opened_at: real,
  closed_at: nullable(real),
  started_by_name: text,
  mine: flag,
  voted: text,
  paused: flag,
});

const entry = shape({
  seq: whole,
  at: real,
  event: text,
  actor: text,
  actor_name: text,
  outcome: text,
  about: text,
  data: table(anything),
  before: list(state),
  after: list(state),
  requests: list(request),
  tasks: list(task),
});

const picture = shape({
  boxes: list(shape({ name: text, title: text, parent: text, parallel: flag, final: flag, first: flag, notes: list(text) })),
  arrows: list(shape({ source: text, target: text, labels: list(text), details: list(text) })),
});

const runDetail = shape({
  ...runFields,
  definition_hash: text,
  data: list(value),
  timeline: list(entry),
  tasks: list(task),
  under_way: list(shape({ name: text, kind: text, words: text, failed: text })),
  timers: list(shape({ name: text, at: real, words: text })),
  held: list(shape({ event: text, actor_name: text })),
  children: list(run),
  parent: nullable(run),
  visited: list(text),
  picture: nullable(picture),
  mermaid: text,
  operations: list(text),
  upgradable: flag,
  events: list(text),
  people: list(person),
});

const definition = shape({
  name: text,
  title: text,
  startable: flag,
  data: schema,
  states: list(shape({ name: text, title: text, parent: text, final: flag, runs: nullable(whole) })),
  open: nullable(whole),
  stuck: nullable(whole),
});

const runsPage = shape({ runs: list(run), next: nullable(text) });
const inbox = shape({ tasks: list(task), people: list(person) });
const definitions = shape({
  definitions: list(definition),
  faults: list(shape({ file: text, line: whole, column: whole, text })),
  people: list(person),
});
const schedule = shape({
  name: text,
  title: text,
  every: text,
  timezone: text,
  paused: flag,
  next_at: nullable(real),
  last_at: nullable(real),
  trouble: text,
});
const schedules = shape({ schedules: list(schedule) });
const moved = shape({ run, changed: flag });
const answer = shape({ changed: flag, status: text });
const reloaded = shape({ new: list(text), changed: list(text), gone: list(text) });

export type NamedPerson = Checked<typeof person>;
export type ShownValue = Checked<typeof value>;
export type RunLine = Checked<typeof run>;
export type RunsPage = Checked<typeof runsPage>;
export type RequestRecord = Checked<typeof request>;
export type Question = Checked<typeof task>;
export type TimelineEntry = Checked<typeof entry>;
export type Diagram = Checked<typeof picture>;
export type RunDetail = Checked<typeof runDetail>;
export type Inbox = Checked<typeof inbox>;
export type Definition = Checked<typeof definition>;
export type Definitions = Checked<typeof definitions>;
export type Schedule = Checked<typeof schedule>;
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What somebody looks for in the list; what is empty does not matter. */
export interface RunsWanted {
  definitions: readonly string[];
  statuses: readonly string[];
  state: string;
  words: string;
}

const id = encodeURIComponent;

export function readRuns(wanted: RunsWanted, limit: number, cursor: string | null): Promise<RunsPage> {
  const query = new URLSearchParams();
  for (const name of wanted.definitions) query.append("definition", name);
  for (const status of wanted.statuses) query.append("status", status);
  if (wanted.state !== "") query.set("state", wanted.state);
  if (wanted.words.trim() !== "") query.set("words", wanted.words.trim());
  query.set("limit", String(limit));
  if (cursor !== null) query.set("cursor", cursor);
  return ask("GET", `/v1/runs?${query.toString()}`, runsPage);
}

export const readRun = (run: string): Promise<RunDetail> => ask("GET", `/v1/runs/${id(run)}`, runDetail);

/** The same key gives the same run again. */
export const startRun = (name: string, data: unknown, key: string): Promise<RunLine> =>
  ask("POST", "/v1/runs", run, { definition: name, data }, key);

export const sendEvent = (run: string, event: string, key: string): Promise<unknown> =>
  ask("POST", `/v1/runs/${id(run)}/events`, moved, { event }, key);

export interface Deed {
  operation: string;
  reason: string;
  call?: string;
  result?: unknown;
  task?: string;
  to?: string;
  state?: string;
}

export const operate = (run: string, deed: Deed): Promise<unknown> => ask("POST", `/v1/runs/${id(run)}/operations`, moved, deed);

/** A state that is no more in the newest version, and what it may become there. */
export type Unplaced = Checked<typeof unplaced>;

/** To the newest version of its workflow; refused with all reasons where it cannot follow. `renamed`: old state -> new one. */
export const upgrade = (run: string, reason: string, renamed: Readonly<Record<string, string>>): Promise<unknown> =>
  ask("POST", `/v1/runs/${id(run)}/upgrade`, moved, { reason, renamed });

/** The states that have to be told what they become, where that is why a run could not follow; none for any other fault. */
export const unplacedOf = (fault: unknown): readonly Unplaced[] =>
  fault instanceof HttpProblem && fault.code === "cannot_upgrade"
    ? list(unplaced)(fault.details["unplaced"] ?? [], "unplaced")
    : [];

export const readDefinitions = (): Promise<Definitions> => ask("GET", "/v1/definitions", definitions);

/** What starts by itself; for owners. */
export const readSchedules = async (): Promise<Schedule[]> => (await ask("GET", "/v1/schedules", schedules)).schedules;

export const pauseSchedule = (name: string, paused: boolean): Promise<Schedule> =>
  ask("PATCH", `/v1/schedules/${id(name)}`, schedule, { paused });

/** Workflows that came, changed or went, by name. */
export type Reloaded = Checked<typeof reloaded>;

/** Has the files read again that hold workflows; for owners. */
export const reloadDefinitions = (): Promise<Reloaded> => ask("POST", "/v1/definitions/reload", reloaded);

export const readInbox = (): Promise<Inbox> => ask("GET", "/v1/inbox", inbox);

/** Holds for what was shown alone. */
export const decide = (task: Question, decision: string, form: unknown, key: string): Promise<Checked<typeof answer>> =>
  ask("POST", `/v1/inbox/${id(task.run)}/${id(task.name)}/decision`, answer, { decision, subject: task.subject, form }, key);

export const delegate = (task: Question, to: string): Promise<unknown> =>
  ask("POST", `/v1/inbox/${id(task.run)}/${id(task.name)}/delegate`, answer, { to });
