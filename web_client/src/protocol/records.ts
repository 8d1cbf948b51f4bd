/** Records of the room's tables: what a participant, a door, a card and a meeting look like on the wire. */

import { type Checked, flag, list, nullable, oneOf, optional, ProtocolError, real, shape, text, whole, type Check } from "./check";

/** Palette indices: skin, hair colour, hair shape, outfit, accent; each 0..5. */
export type Look = readonly [number, number, number, number, number];

const five = list(whole);

export const look: Check<Look> = (value, at) => {
  const parts = five(value, at);
  if (parts.length !== 5 || parts.some((part) => part < 0 || part > 5)) {
    throw new ProtocolError("malformed", `${at} should be five numbers from 0 to 5.`);
  }
  return parts as unknown as Look;
};

export const participantRecord = shape({
  id: text,
  name: text,
  kind: oneOf("human", "avatar"),
  look,
  role: text,
  seat: nullable(text),
  muted: flag,
  listening_only: flag,
  deaf: flag,
  transcribed: flag,
  status: text,
  hand: flag,
  state: text,
  present: flag,
  zone: text,
  screen: flag,
  camera: flag,
});

export const doorRecord = shape({ open: flag });

/** Words that were said of a task later, and where. */
const quote = shape({ utterance: text, words: text });

export const cardRecord = shape({
  id: text,
  text,
  owner_id: nullable(text),
  owner_name: nullable(text),
  due: nullable(text),
  due_phrase: nullable(text),
  state: oneOf("proposed", "open", "accepted", "done", "declined", "overdue", "rejected"),
  source_words: nullable(text),
  source_utterance: nullable(text),
  /** Only on the page of a meeting. */
  said_later: optional(list(quote)),
  confidence: nullable(real),
  meeting: nullable(text),
  created_by: nullable(text),
  created_at: real,
  updated_at: real,
  version: whole,
});

export const meetingRecord = shape({
  id: text,
  title: text,
  zone: text,
  started_at: real,
  facilitator: text,
  facilitator_name: text,
});

export type ParticipantRecord = Checked<typeof participantRecord>;
export type DoorRecord = Checked<typeof doorRecord>;
export type CardRecord = Checked<typeof cardRecord>;
export type CardState = CardRecord["state"];
export type MeetingRecord = Checked<typeof meetingRecord>;
