/** Runs and questions in words. Pure. */

import type { Question, Reloaded, RequestRecord, RunLine, ShownValue, TimelineEntry } from "../../net/runs";
import { inWords } from "../../state/forms";
import { dueDay, type Urgency } from "../words";

export type Tone = "plain" | "good" | "waiting" | "bad";

export interface Tinted {
  words: string;
  tone: Tone;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** A value as people read it: money with its currency, days as on the board. */
export function valueWords({ value, format, unit }: Pick<ShownValue, "value" | "format" | "unit">): string {
  if (value === null || value === undefined) return "–";
  if (typeof value === "boolean") return value ? "Yes" : "No";
  if (typeof value === "number") return amount(value, unit);
  if (typeof value === "string") return format === "date" || DAY.test(value) ? day(value) : withUnit(value, unit);
  if (Array.isArray(value)) return value.map((one: unknown) => valueWords({ value: one, format, unit })).join(", ");
  return Object.entries(value as Record<string, unknown>)
    .filter(([, one]) => one !== null && one !== "")
    .map(([name, one]) => `${inWords(name)}: ${valueWords({ value: one, format: "", unit: "" })}`)
    .join("; ");
}

function amount(value: number, unit: string): string {
  if (/^[A-Z]{3}$/.test(unit)) return new Intl.NumberFormat("en-GB", { style: "currency", currency: unit }).format(value);
  return withUnit(new Intl.NumberFormat("en-GB", { maximumFractionDigits: 6 }).format(value), unit);
}

const withUnit = (words: string, unit: string): string => (unit === "" ? words : `${words} ${unit}`);

function day(value: string): string {
  return DAY.test(value) ? dueDay(value, new Date()) : value;
}

const STATUS: Readonly<Record<string, Tinted>> = {
  active: { words: "Going on", tone: "plain" },
  paused: { words: "Paused", tone: "waiting" },
  stuck: { words: "Stuck", tone: "bad" },
  done: { words: "Done", tone: "good" },
  cancelled: { words: "Cancelled", tone: "plain" },
};

export const STATUSES = Object.keys(STATUS);

export function statusWords(status: string): Tinted {
  return STATUS[status] ?? { words: inWords(status), tone: "plain" };
}

/** "One approves", "Contract to sign, Computer is bought". */
export function standsIn(run: Pick<RunLine, "states">): string {
  return run.states.map(({ title }) => title).join(", ");
}

/** Who looks after a stuck run: "the owner", "a facilitator", "Lin". */
export function stewardWords({ steward, steward_name }: Pick<RunLine, "steward" | "steward_name">): string {
  if (steward === "owner") return "the owner";
  if (steward === "facilitator" || steward === "member") return `a ${steward}`;
  return steward_name === "" ? "nobody" : steward_name;
}

// --- questions

/** Tells a question from others: a run asks one of a name at a time. */
export const questionId = (task: Pick<Question, "run" | "name">): string => `${task.run} ${task.name}`;

export function dueWords(due: number, now: Date): { words: string; urgency: Urgency } {
  const at = new Date(due * 1000);
  const date = `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, "0")}-${String(at.getDate()).padStart(2, "0")}`;
  const left = at.getTime() - now.getTime();
  return { words: dueDay(date, now), urgency: left < 0 ? "late" : left < 2 * 86_400_000 ? "soon" : "later" };
}

/** What has to come together before something is decided: "2 have to say Approve, 1 has". Empty where one is enough. */
export function agreement(task: Pick<Question, "decisions">): string {
  return task.decisions
    .filter(({ needed }) => needed > 1)
    .map(({ title, needed, votes }) => `${needed} have to say “${title}”, ${votes === 0 ? "nobody has yet" : `${votes} ${votes === 1 ? "has" : "have"}`}`)
    .join("; ");
}

/** Before whom it is: "any facilitator, Lin". */
export function askedOf(task: Pick<Question, "roles" | "people">): string {
  return [...task.roles.map((role) => (role === "owner" ? "the owner" : `any ${role}`)), ...task.people.map(({ name }) => name)].join(", ");
}

/** Who has said what: "Kim: Approve". */
export function voiced(task: Pick<Question, "votes" | "decisions">): string[] {
  return task.votes.map(({ name, decision }) => `${name}: ${titleOf(task, decision)}`);
}

export function titleOf(task: Pick<Question, "decisions">, decision: string): string {
  return task.decisions.find(({ name }) => name === decision)?.title ?? inWords(decision);
}

const AGAINST = /^(reject|refuse|decline|deny|no|not|send_back|leaves?|cancel|withdraw)(_|$)/;

/** Whether a decision says no: it is drawn so, and never stands first. */
export const isAgainst = (decision: string): boolean => AGAINST.test(decision);

// --- the timeline

export interface Told {
  words: string;
  tone: Tone;
  /** Why, in the words of whoever did it. */
  quote: string;
}

const OPERATIONS: Readonly<Record<string, string>> = {
  $cancel: "cancelled it",
  $pause: "paused it",
  $resume: "let it go on",
  $upgrade: "moved it to the newest version of its workflow",
};

/** What happened, in one sentence. */
export function told(entry: TimelineEntry): Told {
  const { event, data, about } = entry;
  const who = entry.actor_name === "" ? "Somebody" : entry.actor_name === "somebody" ? "Somebody" : entry.actor_name;
  const named = about === "" ? "it" : `“${about}”`;
  const reason = text(data["reason"]);
  const plain = (words: string, tone: Tone = "plain", quote = ""): Told => ({ words: `${words}${aside(entry.outcome)}`, tone, quote });
  const family = event.split(".")[0]!;
  switch (family) {
    case "start":
      return plain(`${who} started it.`);
    case "$decide":
      return decided(entry, who, named);
    case "$delegate":
      return plain(`${who} passed ${named} on to ${text(data["to"])}.`);
    case "$escalate":
      return plain(`Nobody had decided ${named}, so others are asked as well.`, "waiting");
    case "$retry":
      return plain(`${who} let it be tried again.`, "plain", reason);
    case "$skip":
      return plain(`${who} skipped ${about === "" ? "what had failed" : named}.`, "waiting", reason);
    case "$reassign":
      return plain(about === "" ? `${text(data["to"])} looks after it now, said ${who}.` : `${who} gave ${named} to ${text(data["to"])}.`, "plain", reason);
    case "$rewind":
      return plain(`${who} set it back.`, "waiting", reason);
    case "overdue":
      return plain(`${named === "it" ? "It" : named} was not decided in time.`, "waiting");
    case "done":
      return plain(`${named === "it" ? "It" : named} was done.`, "good");
    case "failed":
      return plain(`${named === "it" ? "It" : named} failed${reason === "" ? "" : `: ${reason}`}.`, "bad");
  }
  const deed = OPERATIONS[event];
  if (deed !== undefined) return plain(`${who} ${deed}.`, event === "$cancel" ? "bad" : "plain", reason);
  const words = inWords(event);
  return plain(entry.actor === "office" ? `${words}.` : `${who} sent “${words}”.`);
}

function decided({ data, outcome }: TimelineEntry, who: string, named: string): Told {
  const decision = text(data["decision"]);
  const against = isAgainst(decision);
  const said = formWords(data["form"]);
  return { words: `${who} said “${inWords(decision)}” to ${named}.${aside(outcome)}`, tone: against ? "bad" : "good", quote: said };
}

function aside(outcome: string): string {
  if (outcome === "ignored") return " Nothing waited for it.";
  return outcome === "held" ? " It is held back until the run goes on." : "";
}

/** What was filled in: "Comment: Good. Grade: 3". */
export function formWords(form: unknown): string {
  if (typeof form !== "object" || form === null) return "";
  const filled = Object.entries(form).filter(([, value]) => value !== null && value !== "");
  if (filled.length === 1 && typeof filled[0]![1] === "string" && filled[0]![0] === "comment") return filled[0]![1];
  return filled.map(([name, value]) => `${inWords(name)}: ${valueWords({ value, format: "", unit: "" })}`).join(". ");
}

const REQUEST: Readonly<Record<string, Tinted>> = {
  waiting: { words: "Waiting", tone: "waiting" },
  running: { words: "At work", tone: "waiting" },
  done: { words: "Done", tone: "good" },
  failed: { words: "Failed", tone: "bad" },
  withdrawn: { words: "Not wanted any more", tone: "plain" },
};

export function requestWords(request: Pick<RequestRecord, "status" | "attempts" | "errors">): Tinted {
  const known = REQUEST[request.status] ?? { words: inWords(request.status), tone: "plain" as const };
  if (request.status === "waiting" && request.errors.length > 0) return { words: `Tried ${times(request.errors.length)}, is tried again`, tone: "waiting" };
  const tries = request.attempts > 1 ? `, tried ${times(request.attempts)}` : "";
  return { words: `${known.words}${tries}`, tone: known.tone };
}

const times = (count: number): string => (count === 1 ? "once" : count === 2 ? "twice" : `${count} times`);

/** What came of reading the files of workflows again. */
export function reloadWords({ new: came, changed, gone }: Reloaded): string {
  const parts = ([["New", came], ["Changed", changed], ["Gone", gone]] as const)
    .filter(([, names]) => names.length > 0)
    .map(([what, names]) => `${what}: ${names.map(inWords).join(", ")}.`);
  return parts.length === 0 ? "Nothing has changed." : parts.join(" ");
}

export const OPERATION_WORDS: Readonly<Record<string, { label: string; detail: string }>> = {
  retry: { label: "Try again", detail: "What failed is tried again." },
  skip: { label: "Skip", detail: "It goes on as if what failed had been done, or without what it could not take." },
  pause: { label: "Pause", detail: "What comes is held back until it is resumed." },
  resume: { label: "Resume", detail: "It goes on, with what came meanwhile." },
  reassign: { label: "Give to somebody else", detail: "That person alone is asked, or looks after the run." },
  rewind: { label: "Set back", detail: "It leaves where it stands and enters a state again, with its data as they are now." },
  upgrade: { label: "Follow the new version", detail: "There is a newer version of its workflow; it goes on by that. What is asked stays asked." },
  cancel: { label: "Cancel", detail: "What was done is taken back first, the last of it first; then it is over." },
};

function text(value: unknown): string {
  return typeof value === "string" ? value : value === null || value === undefined ? "" : JSON.stringify(value);
}
