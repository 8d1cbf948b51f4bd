/** Words and times as they stand on the screen. Pure. */

import type { EngineInfo } from "../protocol/messages";
import type { CardRecord, ParticipantRecord } from "../protocol/records";

/** Minutes and seconds, with hours when there are any: "12:04", "1:02:09". */
export function elapsed(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value: number): string => String(value).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** A length of time in words: "under a minute", "17 min", "1 h 5 min". */
export function lasted(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  if (minutes < 1) return "under a minute";
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Hours and minutes in the reader's zone. */
export function clockTime(epochSeconds: number): string {
  return new Date(epochSeconds * 1000).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
}

export function dayAndTime(epochSeconds: number): string {
  const at = new Date(epochSeconds * 1000);
  return at.toLocaleString("en-GB", { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
}

/** "Fri 27 Nov", with the year when it is another one. The date is a day, not an instant. */
export function dueDay(date: string, today: Date): string {
  const [year, month, day] = date.split("-").map(Number) as [number, number, number];
  const at = new Date(Date.UTC(year, month - 1, day));
  const other = year === today.getFullYear() ? {} : { year: "numeric" as const };
  return at.toLocaleDateString("en-GB", { weekday: "short", day: "numeric", month: "short", timeZone: "UTC", ...other }).replace(",", "");
}

export type Urgency = "none" | "later" | "soon" | "late";

const SETTLED: ReadonlySet<CardRecord["state"]> = new Set(["done", "declined", "rejected"]);

/** Soon within two days, late after the day. */
export function urgency(card: Pick<CardRecord, "due" | "state">, today: Date): Urgency {
  if (card.state === "overdue") return "late";
  if (card.due === null || SETTLED.has(card.state)) return card.due === null ? "none" : "later";
  const [year, month, day] = card.due.split("-").map(Number) as [number, number, number];
  const midnight = Date.UTC(today.getFullYear(), today.getMonth(), today.getDate());
  const days = (Date.UTC(year, month - 1, day) - midnight) / 86_400_000;
  return days < 0 ? "late" : days <= 2 ? "soon" : "later";
}

/** What a person is doing, in one or two words; the most telling first. */
export function stateWords(person: ParticipantRecord, speaking: boolean): string {
  if (!person.present) return "Reconnecting";
  if (person.kind === "avatar") return speaking ? "Speaking" : (AVATAR_STATES[person.state] ?? "Ready");
  if (person.hand) return "Hand raised";
  if (speaking) return "Speaking";
  if (person.status === "busy") return "Do not disturb";
  if (person.status === "away") return "Away";
  if (person.deaf) return "Hears nobody";
  if (person.listening_only) return "Listening only";
  if (person.muted) return "Muted";
  return "Available";
}

const AVATAR_STATES: Readonly<Record<string, string>> = {
  "": "Ready",
  listening: "Listening",
  thinking: "Thinking",
  speaking: "Speaking",
};

export const TASK_STATE_WORDS: Readonly<Record<CardRecord["state"], string>> = {
  proposed: "Proposed",
  open: "Open",
  accepted: "Accepted",
  done: "Done",
  declined: "Declined",
  overdue: "Overdue",
  rejected: "Rejected",
};

/** How sure the recogniser is, as a word. */
export function sureness(confidence: number): string {
  return confidence >= 0.8 ? "sure" : confidence >= 0.6 ? "fairly sure" : "unsure";
}

export type RecognizerState = "unknown" | "none" | "loading" | "failed" | "standing in" | "working";

/** What the recogniser is doing, as far as this browser knows. */
export function recognizerState(recognizer: EngineInfo["recognizer"]): RecognizerState {
  if (recognizer === undefined) return "unknown";
  if (recognizer === null) return "none";
  if (recognizer.name === "loading") return "loading";
  if (recognizer.ready === false) return "failed";
  return recognizer.stands_in_for ? "standing in" : "working";
}

/** Which recogniser is at work: "PocketSphinx, standing in for Whisper"; empty while that is not known. */
export function recognition(recognizer: EngineInfo["recognizer"]): string {
  switch (recognizerState(recognizer)) {
    case "unknown":
      return "";
    case "none":
      return "none at work";
    case "loading":
      return "being loaded";
    case "failed":
      return `${recognizer!.name} does not work`;
    case "standing in":
      return `${recognizer!.name}, standing in for ${recognizer!.stands_in_for}`;
    case "working":
      return recognizer!.name;
  }
}

/** A language by its code, in English: "de" is "German". */
export function languageName(code: string): string {
  return new Intl.DisplayNames(["en"], { type: "language", fallback: "code" }).of(code) ?? code;
}

/** How loud, as a word: "Silent", "80 %". */
export function loudness(gain: number): string {
  return gain === 0 ? "Silent" : `${Math.round(gain * 100)} %`;
}

/** "1 person", "2 people". */
export function count(n: number, one: string, many: string): string {
  return `${n} ${n === 1 ? one : many}`;
}
