/** Meetings and what people leave with, invitations, and the plan, over HTTP. */

import { anything, type Checked, flag, list, nullable, oneOf, optional, real, shape, text, whole } from "../protocol/check";
import { cardRecord, type CardRecord } from "../protocol/records";
import type { PlanJson } from "../scene/plan";
import type { TranscriptLine } from "../state/captions";
import { ask } from "./http";

const meetingSummary = shape({
  id: text,
  title: text,
  zone: text,
  zone_name: optional(text),
  started_at: real,
  ended_at: nullable(real),
  facilitator_name: text,
});

const utterance = shape({
  id: text,
  speaker_id: text,
  speaker_name: text,
  text,
  started_at: real,
  offset: real,
  seconds: real,
  original_text: optional(nullable(text)),
  edited_by_name: optional(nullable(text)),
  /** Until when its sound is kept; null where it is not. */
  sound_until: optional(nullable(real)),
});

const finding = shape({ id: text, text, utterance_id: nullable(text), confidence: nullable(real) });
const attendee = shape({ id: text, name: text, kind: optional(text) });

const meetingDetail = shape({
  id: text,
  title: text,
  zone: text,
  zone_name: optional(text),
  started_at: real,
  ended_at: nullable(real),
  facilitator_name: text,
  sound_until: optional(nullable(real)),
  /** Whether it was read as a whole when it was over; null: it goes on, or that is not known. */
  reading: nullable(oneOf("waiting", "done", "failed")),
  /** Why it was not, or what is to be known of it. */
  reading_note: nullable(text),
  people: list(attendee),
  utterances: list(utterance),
  decisions: list(finding),
  questions: list(finding),
  tasks: list(cardRecord),
});

const digest = shape({
  summary: list(text),
  topics: list(shape({ title: text, start: real, end: real, utterance: text })),
  /** Empty where no model was there: then it was told from words alone. */
  model: text,
  /** Suggested, for a meeting that is over and that nobody named; empty: none. */
  title: text,
});

const written = shape({
  state: oneOf("off", "none", "writing", "written", "failed"),
  sentences: list(shape({ text, utterances: list(text) })),
  /** How many sentences did not hold and were left out. */
  dropped: whole,
  /** Words of the meeting have changed since. */
  outdated: flag,
  model: text,
  host: text,
  /** Why there is none, or no new one; empty: all is well. */
  fault: text,
  can_ask: flag,
});

const catchUp = shape({
  speakers: list(shape({ id: text, name: text, seconds: real })),
  highlights: list(utterance),
  decisions: list(finding),
  questions: list(finding),
  tasks: list(cardRecord),
});

const invite = shape({
  id: text,
  role: text,
  expires_at: real,
  revoked_at: optional(nullable(real)),
  uses: optional(real),
  url: optional(nullable(text)),
  token: optional(nullable(text)),
});

export type MeetingSummary = Checked<typeof meetingSummary>;
export type MeetingDetail = Checked<typeof meetingDetail>;
export type MeetingUtterance = Checked<typeof utterance>;
export type Finding = Checked<typeof finding>;
export type WrittenView = Checked<typeof written>;
export type DigestView = Checked<typeof digest>;
export type CatchUpView = Checked<typeof catchUp>;
export type Invite = Checked<typeof invite>;

/** A list, bare or under a name. */
function listed<T>(name: string, check: (value: unknown, at: string) => T) {
  const many = list(check);
  return (value: unknown, at: string): T[] => {
    const inner = Array.isArray(value) ? value : (value as Record<string, unknown> | null)?.[name];
    return many(inner, at);
  };
}

const id = encodeURIComponent;

export const readMeetings = (): Promise<MeetingSummary[]> =>
  ask("GET", "/v1/meetings", listed("meetings", meetingSummary));

export const readMeeting = (meeting: string): Promise<MeetingDetail> =>
  ask("GET", `/v1/meetings/${id(meeting)}`, meetingDetail);

/** The transcript alone, with what kind of person spoke each line. */
export const readLines = async (meeting: string): Promise<TranscriptLine[]> => {
  const { utterances, people } = await readMeeting(meeting);
  const avatars = new Set(people.filter(({ kind }) => kind === "avatar").map((one) => one.id));
  return utterances.map((line) => ({ ...line, kind: avatars.has(line.speaker_id) ? "avatar" : "human" }));
};

/** The last minutes of a meeting in a few lines. */
export const readCatchUp = (meeting: string, minutes: number): Promise<CatchUpView> =>
  ask("GET", `/v1/meetings/${id(meeting)}/catch-up?minutes=${minutes}`, catchUp);

/** What a meeting was about. */
export const readDigest = (meeting: string): Promise<DigestView> => ask("GET", `/v1/meetings/${id(meeting)}/digest`, digest);

/** The summary that a mind wrote, or how far it is. */
export const readWritten = (meeting: string): Promise<WrittenView> => ask("GET", `/v1/meetings/${id(meeting)}/written`, written);

/** Has a meeting summed up, anew where it was. */
export const writeSummary = (meeting: string): Promise<WrittenView> => ask("POST", `/v1/meetings/${id(meeting)}/written`, written);

/** Has a meeting read once more; gives how much was found that nobody had noted. */
export const reviewMeeting = async (meeting: string): Promise<number> =>
  (await ask("POST", `/v1/meetings/${id(meeting)}/review`, shape({ new: real }))).new;

export const renameMeeting = (meeting: string, title: string): Promise<unknown> =>
  ask("PATCH", `/v1/meetings/${id(meeting)}`, anything, { title });

export const correctUtterance = (meeting: string, line: string, words: string): Promise<unknown> =>
  ask("PATCH", `/v1/meetings/${id(meeting)}/utterances/${id(line)}`, anything, { text: words });

export const soundUrl = (meeting: string, line: string): string => `/v1/meetings/${id(meeting)}/utterances/${id(line)}/audio`;

/** Deletes all sound of a meeting; the words stay. */
export const deleteSound = (meeting: string): Promise<unknown> => ask("DELETE", `/v1/meetings/${id(meeting)}/audio`, anything);

export const changeDecision = (meeting: string, decision: string, words: string): Promise<unknown> =>
  ask("PATCH", `/v1/meetings/${id(meeting)}/decisions/${id(decision)}`, anything, { text: words });

export const removeDecision = (meeting: string, decision: string): Promise<unknown> =>
  ask("DELETE", `/v1/meetings/${id(meeting)}/decisions/${id(decision)}`, anything);

export interface TaskChange {
  text?: string;
  owner_id?: string | null;
  owner_name?: string | null;
  due?: string | null;
}

export const changeTask = (task: CardRecord, change: TaskChange): Promise<unknown> =>
  ask("PATCH", `/v1/tasks/${id(task.id)}`, anything, { version: task.version, ...change });

export const sendTaskEvent = (task: CardRecord, event: string): Promise<unknown> =>
  ask("POST", `/v1/tasks/${id(task.id)}/events`, anything, { event, version: task.version });

/** Those that still work. */
export const readInvites = async (): Promise<Invite[]> => {
  const all = await ask("GET", "/v1/invites", listed("invites", invite));
  return all.filter((one) => one.revoked_at == null && one.expires_at * 1000 > Date.now());
};

export const createInvite = (role: string, hours: number): Promise<Invite> =>
  ask("POST", "/v1/invites", invite, { role, hours });

export const revokeInvite = (key: string): Promise<unknown> => ask("DELETE", `/v1/invites/${id(key)}`, anything);

/** The plan is the server's own file, already checked there. */
export const readPlan = (url: string): Promise<PlanJson> => ask("GET", url, (value) => value as PlanJson);

/** The files of a meeting, in the order they are offered. */
export const DOWNLOADS = [
  { file: "minutes.md", label: "Minutes", detail: "Markdown" },
  { file: "tasks.csv", label: "Tasks", detail: "CSV for a spreadsheet" },
  { file: "tasks.json", label: "Tasks", detail: "JSON" },
  { file: "tasks.ics", label: "Tasks", detail: "iCalendar" },
  { file: "transcript.vtt", label: "Transcript", detail: "WebVTT subtitles" },
  { file: "transcript.txt", label: "Transcript", detail: "plain text" },
] as const;

export const downloadUrl = (meeting: string, file: string): string => `/v1/meetings/${id(meeting)}/${file}`;

