/** What was said: one's captions and the transcript of the meeting as one list of lines. Pure. */

import type { CaptionLine } from "../protocol/messages";

/** A caption with what the screen adds. */
export interface CaptionView extends Omit<CaptionLine, "corrected_by" | "heard"> {
  /** When its words last changed, in milliseconds of the page; -Infinity when it was said before one came in. */
  touched: number;
  /** Who corrected it; null when nobody has. */
  corrected_by: string | null;
  /** What was heard first, once it was corrected. */
  heard: string | null;
}

/** A line of a meeting's transcript as the server gives it. */
export interface TranscriptLine {
  id: string;
  speaker_id: string;
  speaker_name: string;
  text: string;
  started_at: number;
  kind?: "human" | "avatar";
  original_text?: string | null;
  edited_by_name?: string | null;
}

/** One line of the readable panel. */
export interface SpokenLine {
  id: string;
  name: string;
  kind: "human" | "avatar";
  text: string;
  /** The first so many characters never change again. */
  settled: number;
  final: boolean;
  /** Seconds since the epoch. */
  at: number;
  /** The meeting in whose transcript it stands; empty where nothing is kept. */
  meeting: string;
  /** Slot or participant id of the speaker, as far as known. */
  slot: number | null;
  speaker: string | null;
  correctedBy: string | null;
  heard: string | null;
}

/** Those said before one came in have long settled. */
export const fresh = (line: CaptionLine, touched: number): CaptionView => ({
  ...line,
  settled: line.final ? line.text.length : Math.min(line.settled, line.text.length),
  touched,
  corrected_by: line.corrected_by || null,
  heard: line.heard || null,
});

/**
 * Captions after one more: newer words of a known one replace the older, and an empty final text takes it back.
 * At most `most` are kept, the latest.
 */
export function withCaption(captions: readonly CaptionView[], line: CaptionLine, touched: number, most: number): readonly CaptionView[] {
  const index = captions.findIndex((caption) => caption.id === line.id);
  if (line.final && line.text === "") return index < 0 ? captions : captions.toSpliced(index, 1);
  const view = fresh(line, touched);
  return index < 0 ? [...captions, view].slice(-most) : captions.with(index, view);
}

/** Captions after somebody corrected one. */
export function withCorrection(captions: readonly CaptionView[], id: string, text: string, by: string): readonly CaptionView[] {
  return captions.map((line) =>
    line.id === id ? { ...line, text, settled: text.length, final: true, corrected_by: by, heard: line.heard ?? line.text } : line,
  );
}

/** A meeting's lines after one that is finished; a line that is known stays as it is. */
export function withLine(lines: readonly TranscriptLine[], caption: CaptionLine, speaker: string): readonly TranscriptLine[] {
  if (!caption.final || caption.text === "" || lines.some(({ id }) => id === caption.id)) return lines;
  const { id, name, kind, text, at } = caption;
  return [...lines, { id, speaker_id: speaker, speaker_name: name, kind, text, started_at: at }];
}

/** A meeting's lines after somebody corrected one. */
export function withCorrectedLine(lines: readonly TranscriptLine[], id: string, text: string, by: string): readonly TranscriptLine[] {
  return lines.map((line) =>
    line.id === id ? { ...line, text, edited_by_name: by, original_text: line.original_text ?? line.text } : line,
  );
}

/** Everything that can be read back: the meeting's transcript, and what one heard besides; the earliest first. */
export function spokenLines(captions: readonly CaptionView[], meeting: { id: string; lines: readonly TranscriptLine[] } | null): SpokenLine[] {
  const lines = new Map<string, SpokenLine>();
  for (const line of captions) lines.set(line.id, ofCaption(line));
  // The transcript is the record: it knows corrections that were made while this browser was away.
  for (const line of meeting?.lines ?? []) lines.set(line.id, ofTranscript(line, meeting?.id ?? "", lines.get(line.id)));
  return [...lines.values()].sort((a, b) => a.at - b.at);
}

function ofCaption(line: CaptionView): SpokenLine {
  const { id, name, kind, text, settled, final, at, meeting, slot, corrected_by, heard } = line;
  return { id, name, kind, text, settled, final, at, meeting, slot, speaker: null, correctedBy: corrected_by, heard };
}

function ofTranscript(line: TranscriptLine, meeting: string, caption: SpokenLine | undefined): SpokenLine {
  const { id, speaker_id, speaker_name, text, started_at } = line;
  return {
    id,
    name: speaker_name,
    kind: caption?.kind ?? line.kind ?? "human",
    text,
    settled: text.length,
    final: true,
    at: caption?.at ?? started_at,
    meeting,
    slot: caption?.slot ?? null,
    speaker: speaker_id,
    correctedBy: line.edited_by_name ?? null,
    heard: line.original_text != null && line.original_text !== text ? line.original_text : null,
  };
}

/** How many lines came after the one that was the newest when somebody scrolled away. */
export function missedSince(lines: readonly { id: string }[], seen: string | null): number {
  const index = lines.findIndex(({ id }) => id === seen);
  return index < 0 ? 0 : lines.length - 1 - index;
}

/** What of a person's words stands under them: the newest, cut at a word, with what of it has settled. */
export function lastWords(text: string, settled: number, most: number): { text: string; settled: number } {
  if (text.length <= most) return { text, settled: Math.min(settled, text.length) };
  const from = text.length - most;
  const space = text.indexOf(" ", from);
  const cut = space < 0 ? from : space + 1;
  return { text: `…${text.slice(cut)}`, settled: Math.max(0, settled - cut) + 1 };
}

const BUBBLE_MS = 4_000;
/** Words that stopped changing without being finished: the office lost them. */
const STALE_MS = 9_000;
/** Only so many of the latest captions can still be new. */
const LATEST = 16;

/** The few lines above the dock: those that changed last and not too long ago, in the order they were begun. */
export function latest(captions: readonly CaptionView[], now: number, most: number): CaptionView[] {
  const recent = captions.slice(-LATEST).filter((line) => now - line.touched < STALE_MS);
  const kept = new Set(recent.toSorted((a, b) => b.touched - a.touched).slice(0, most));
  return recent.filter((line) => kept.has(line));
}

/** What stands under each speaker at `now`, by slot. */
export function spokenNow(captions: readonly CaptionView[], now: number): Map<number, CaptionView> {
  const spoken = new Map<number, CaptionView>();
  for (const line of captions.slice(-LATEST)) {
    if (line.slot !== null && now - line.touched < (line.final ? BUBBLE_MS : STALE_MS)) spoken.set(line.slot, line);
  }
  return spoken;
}
