/** Every message either side may send. The tables below are the protocol; the types are read off them. */

import { anything, type Check, type Checked, flag, list, nullable, oneOf, optional, real, shape, table, text, whole } from "./check";
import { cardRecord, doorRecord, look, meetingRecord, participantRecord } from "./records";

export const PROTOCOL_VERSION = 3;
export const SUBPROTOCOL = "atrium.1";

const point = list(real);

const chatLine = shape({ id: text, from_slot: nullable(whole), from_name: text, text, at: real });

/**
 * The first `settled` characters never change again; `meeting` keeps it once it is final, empty outside of meetings.
 * Once somebody corrected it, `heard` is what was heard first.
 */
const captionLine = shape({
  id: text,
  slot: nullable(whole),
  name: text,
  text,
  final: flag,
  at: real,
  kind: oneOf("human", "avatar"),
  settled: whole,
  meeting: text,
  corrected_by: optional(text),
  heard: optional(text),
});

/** Zones off the record, and zones where the sound of the meeting is kept. */
const privacy = shape({ off_record: list(text), recording: list(text) });

/**
 * `stands_in_for` is the one that should be at work, empty when all is as chosen; `reason` says why this one. While
 * it is not `ready` there are no words. `languages` are codes such as `en`; none: any.
 */
const engineOne = shape({
  name: text,
  detail: optional(text),
  embedded: flag,
  stands_in_for: optional(text),
  reason: optional(text),
  ready: optional(flag),
  fault: optional(text),
  languages: optional(list(text)),
});

/** Who sums meetings up that are over; what people said in them goes to that host. */
const mind = shape({ name: text, host: text });

/** Which recogniser, which voice and which mind are at work; each may be missing. */
export const engine = shape({
  recognizer: optional(nullable(engineOne)),
  voice: optional(nullable(engineOne)),
  mind: optional(nullable(mind)),
});

const iceServer = shape({ urls: anything, username: optional(text), credential: optional(text) });

/** `seen_by` stands on one's own lines: how many see it. */
const videoSlot = shape({ mid: text, slot: whole, kind: oneOf("screen", "camera"), seen_by: optional(whole) });

const tables = shape({
  participants: optional(table(participantRecord)),
  doors: optional(table(doorRecord)),
  cards: optional(table(cardRecord)),
  meetings: optional(table(meetingRecord)),
});

/** Server to browser, as msgpack. Poses and levels have frames of their own (see codec). */
export const serverMessages = {
  welcome: shape({
    version: whole,
    you: shape({ slot: whole, id: text, name: text, role: text, may: optional(list(text)) }),
    room: text,
    plan_url: text,
    engine,
    ice_servers: list(iceServer),
    chat: list(chatLine),
    captions: list(captionLine),
    resumed: flag,
    server_time: real,
    limits: table(anything),
    timezone: text,
  }),
  snapshot: shape({
    tick: whole,
    participants: table(participantRecord),
    doors: table(doorRecord),
    cards: table(cardRecord),
    meetings: table(meetingRecord),
  }),
  delta: shape({
    tick: whole,
    base: whole,
    put: tables,
    patch: table(table(table(anything))),
    remove: table(list(text)),
  }),
  refused: shape({
    command: text,
    reason: text,
    seq: whole,
    x: real,
    z: real,
    yaw: real,
    text,
  }),
  placed: shape({ x: real, z: real, yaw: real }),
  path: shape({ points: list(point), run: flag, seat: nullable(text), to_slot: nullable(whole) }),
  chat: chatLine,
  reaction: shape({ slot: whole, emoji: text }),
  caption: captionLine,
  corrected: shape({ id: text, text, by: text }),
  privacy,
  engine: shape({ engine }),
  item: shape({
    utterance: text,
    kind: oneOf("action_item", "decision", "question"),
    task: optional(nullable(text)),
    text,
    owner_name: nullable(text),
    due: nullable(text),
    confidence: real,
  }),
  inbox: shape({}),
  sound_answer: shape({ sdp: text, generation: whole }),
  sound_error: shape({ reason: text, text }),
  sound_state: shape({ up: flag, epoch: whole, path: text, load: text, people: whole, detail: table(anything) }),
  sound_report: shape({
    connected: flag,
    packets_in: whole,
    packets_lost: whole,
    level: real,
    delay_ms: real,
    address: text,
  }),
  ice_servers: shape({ servers: list(iceServer), expires: real }),
  video_answer: shape({ sdp: text, generation: whole }),
  video_slots: shape({ slots: list(videoSlot) }),
  speech: shape({ slot: whole, seconds: real, text }),
  notice: shape({ level: oneOf("info", "warn", "error"), text, link: optional(nullable(text)) }),
  error: shape({ code: text, text, fatal: flag }),
  pong: shape({ at: real, server_time: real }),
} as const satisfies Record<string, Check<unknown>>;

/** Browser to server, as msgpack. A move has a frame of its own (see codec). */
export const clientMessages = {
  hello: shape({
    version: whole,
    room: text,
    muted: flag,
    listening_only: flag,
    transcribed: flag,
  }),
  walk_to: shape({ x: real, z: real, run: flag }),
  go_to: shape({ slot: whole, jump: flag }),
  go_to_zone: shape({ zone: text, jump: flag }),
  sit: shape({ seat: text }),
  stand: shape({}),
  mute: shape({ muted: flag }),
  deafen: shape({ deaf: flag }),
  volume: shape({ person: text, gain: real }),
  consent: shape({ transcribed: flag }),
  language: shape({ language: text }),
  off_record: shape({ zone: text, on: flag }),
  keep_sound: shape({ zone: text, on: flag }),
  status: shape({ status: text }),
  hand: shape({ up: flag }),
  react: shape({ emoji: text }),
  wave: shape({}),
  chat: shape({ id: text, text }),
  look: shape({ name: text, look }),
  sound_offer: shape({ sdp: text, generation: whole }),
  sound_close: shape({}),
  sound_check: shape({}),
  video_offer: shape({ sdp: text, generation: whole }),
  video_close: shape({}),
  share: shape({ screen: flag, camera: flag }),
  meeting_start: shape({ zone: text, title: text }),
  meeting_end: shape({ meeting: text }),
  task_create: shape({ text, owner: nullable(text), due: nullable(text) }),
  task_update: shape({
    task: text,
    version: whole,
    text,
    owner: nullable(text),
    due: nullable(text),
  }),
  task_event: shape({ task: text, version: whole, event: oneOf("accept", "reject", "done", "decline", "reopen") }),
  ping: shape({ at: real }),
} as const satisfies Record<string, Check<unknown>>;

type Named<T extends Record<string, Check<unknown>>> = { [K in keyof T]: { t: K } & Checked<T[K]> };
type ServerTable = Named<typeof serverMessages>;
type ClientTable = Named<typeof clientMessages>;

export type ServerMessage = ServerTable[keyof ServerTable];
export type ClientMessage = ClientTable[keyof ClientTable];
export type ServerMessageOf<K extends keyof ServerTable> = ServerTable[K];
export type ClientMessageOf<K extends keyof ClientTable> = ClientTable[K];

export type ChatLine = Checked<typeof chatLine>;
export type CaptionLine = Checked<typeof captionLine>;
export type PrivacyInfo = Checked<typeof privacy>;
export type EngineInfo = Checked<typeof engine>;
export type IceServer = Checked<typeof iceServer>;
export type VideoSlot = Checked<typeof videoSlot>;
export type TaskEvent = ClientMessageOf<"task_event">["event"];

/** Where somebody stands, as the wire gives it: metres, radians, low four bits of motion. */
export interface WirePose {
  slot: number;
  x: number;
  z: number;
  yaw: number;
  motion: number;
}

export interface PosesFrame {
  t: "poses";
  tick: number;
  poses: WirePose[];
}

export interface LevelsFrame {
  t: "levels";
  levels: { slot: number; level: number }[];
}

export interface MoveFrame {
  t: "move";
  seq: number;
  x: number;
  z: number;
  yaw: number;
  motion: number;
}

export type ServerFrame = ServerMessage | PosesFrame | LevelsFrame;
export type ClientFrame = ClientMessage | MoveFrame;
