/** Everything the screen shows, as signals. Only `net` writes room state; panels read it and write their own. */

import { computed, signal, type Signal } from "@preact/signals";

import type { Link } from "../net/connection";
import type { Inbox, Question } from "../net/runs";
import type { Lobby, SessionInfo } from "../net/session";
import type { CaptionLine, ChatLine, EngineInfo, PrivacyInfo, ServerMessageOf, WirePose } from "../protocol/messages";
import type { MeetingRecord, ParticipantRecord } from "../protocol/records";
import type { PlanJson } from "../scene/plan";
import { type CaptionView, spokenLines, spokenNow, type TranscriptLine, withCaption, withCorrectedLine, withCorrection, withLine } from "./captions";
import { EMPTY_ROOM, type RoomState } from "./room";
import type { Settings } from "./settings";

export type Phase = "loading" | "uninvited" | "unreachable" | "entry" | "joining" | "office" | "ended";
export type PanelName = "people" | "board" | "inbox" | "chat" | "captions" | "meeting" | "settings" | "sound";
export type SoundState =
  | { kind: "off" }
  | { kind: "connecting" }
  | { kind: "on" }
  /** The office's sound is down for the moment. */
  | { kind: "restarting" }
  | { kind: "failed"; text: string };

export interface Notice {
  id: number;
  level: "info" | "warn" | "error";
  text: string;
  link?: { href: string; label: string };
}

/** An item that was just heard, waiting to be accepted, edited or refused. */
export interface HeardItem extends ServerMessageOf<"item"> {
  at: number;
}

/** The transcript of the meeting that one is in, as far as it has been fetched. */
export type Transcript =
  | { kind: "none" }
  | { kind: "loading"; meeting: string }
  | { kind: "here"; meeting: string; lines: readonly TranscriptLine[] }
  | { kind: "failed"; meeting: string; text: string };

/** The questions before this person, as far as they were fetched; `fault` says why they may be old. */
export type InboxState =
  | { kind: "none" }
  | { kind: "loading" }
  | { kind: "here"; inbox: Inbox; fault: string | null }
  | { kind: "failed"; text: string };

export interface You {
  slot: number;
  id: string;
  name: string;
  role: string;
  /** What the server lets this person do; without it the role decides. */
  may?: string[];
}

const LOG_LENGTH = 200;
const CAPTIONS_LENGTH = 500;
const FADE_MS = 500;
const NOTICE_MS = 7_000;

export class Store {
  readonly phase = signal<Phase>("loading");
  /** What stands beside the way in: why one cannot enter, or why one left. */
  readonly phaseText = signal("");
  readonly session = signal<SessionInfo | null>(null);
  readonly lobby = signal<Lobby | null>(null);
  readonly plan = signal<PlanJson | null>(null);
  readonly link = signal<Link>({ kind: "idle" });
  readonly sound = signal<SoundState>({ kind: "off" });
  readonly room = signal<RoomState>(EMPTY_ROOM);
  readonly you = signal<You | null>(null);
  readonly engine = signal<EngineInfo | null>(null);
  readonly timezone = signal("UTC");
  readonly chat = signal<readonly ChatLine[]>([]);
  readonly unread = signal(0);
  readonly captions = signal<readonly CaptionView[]>([]);
  /** What each speaker says just now, by slot. */
  readonly saidNow = signal<ReadonlyMap<number, CaptionView>>(new Map());
  readonly transcript = signal<Transcript>({ kind: "none" });
  /** What is and is not kept, by zone. */
  readonly privacy = signal<PrivacyInfo>({ off_record: [], recording: [] });
  readonly items = signal<readonly HeardItem[]>([]);
  readonly inbox = signal<InboxState>({ kind: "none" });
  /** What was just answered, in a sentence; empty: nothing. */
  readonly answered = signal("");
  readonly notices = signal<readonly Notice[]>([]);
  readonly speaking = signal<ReadonlySet<number>>(new Set());
  readonly muted = signal(false);
  /** One hears nobody. */
  readonly deaf = signal(false);
  /** What the office says of its sound, once it has. */
  readonly officeSound = signal<ServerMessageOf<"sound_state"> | null>(null);
  readonly listenOnly = signal(false);
  readonly following = signal<number | null>(null);
  readonly panel = signal<PanelName | null>(null);
  readonly boardFocus = signal<string | null>(null);
  /** Which field of that task is wanted. */
  readonly boardField = signal<"text" | "owner" | null>(null);
  /** The question to show in the inbox, as `questionId` has it. */
  readonly questionFocus = signal<string | null>(null);
  readonly listView = signal(false);
  readonly finding = signal(false);
  readonly coaching = signal(0);
  /** Set when the 3D view cannot be shown, with the reason. */
  readonly sceneFault = signal<string | null>(null);
  readonly micFault = signal<string | null>(null);

  readonly participants = computed(() => this.room.value.participants);
  readonly doors = computed(() => this.room.value.doors);
  readonly cards = computed(() => this.room.value.cards);
  readonly meetings = computed(() => this.room.value.meetings);
  readonly self = computed<ParticipantRecord | null>(() => {
    const you = this.you.value;
    return you === null ? null : (this.participants.value.get(you.slot) ?? null);
  });
  readonly meetingHere = computed<MeetingRecord | null>(() => {
    const zone = this.self.value?.zone;
    return [...this.meetings.value.values()].find((meeting) => meeting.zone === zone) ?? null;
  });

  /** Questions that wait for this person to decide, the oldest first. */
  readonly questions = computed<readonly Question[]>(() => {
    const inbox = this.inbox.value;
    return inbox.kind === "here" ? inbox.inbox.tasks.filter((task) => task.mine && !task.paused) : [];
  });
  readonly waiting = computed(() => this.questions.value.length);

  /** Nobody is recognised where one is. */
  readonly offRecord = computed(() => this.privacy.value.off_record.includes(this.self.value?.zone ?? ""));

  /** The sound of the meeting where one is, is kept. */
  readonly recording = computed(() => this.meetingHere.value !== null && this.privacy.value.recording.includes(this.meetingHere.value.zone));

  /** Everything that can be read back and searched. */
  readonly spoken = computed(() => {
    const transcript = this.transcript.value;
    return spokenLines(this.captions.value, transcript.kind === "here" ? { id: transcript.meeting, lines: transcript.lines } : null);
  });

  /** Twenty times a second: outside of signals, read by the frame loop. */
  readonly poses = new Map<number, WirePose>();
  /** By slot, 0..1. */
  readonly levels = new Map<number, number>();
  readonly reactions = new Map<number, { emoji: string; at: number }>();

  private noticeId = 0;
  private fading: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly settings: Signal<Settings>) {}

  set<K extends keyof Settings>(name: K, value: Settings[K]): void {
    this.settings.value = { ...this.settings.value, [name]: value };
  }

  zoneName(zone: string | null | undefined): string {
    return this.plan.value?.zones.find((known) => known.id === zone)?.name ?? "Outside";
  }

  addChat(line: ChatLine): void {
    if (this.chat.value.some((known) => known.id === line.id)) return;
    this.chat.value = [...this.chat.value, line].slice(-LOG_LENGTH);
    if (this.panel.value !== "chat" && line.from_slot !== this.you.value?.slot) this.unread.value += 1;
  }

  /** A new caption, or newer words of a known one; an empty final one takes it back. */
  addCaption(line: CaptionLine): void {
    this.captions.value = withCaption(this.captions.value, line, performance.now(), CAPTIONS_LENGTH);
    this.fadeWords();
    const transcript = this.transcript.value;
    if (transcript.kind !== "here" || line.meeting !== transcript.meeting) return;
    const speaker = line.slot === null ? undefined : this.participants.value.get(line.slot);
    this.transcript.value = { ...transcript, lines: withLine(transcript.lines, line, speaker?.id ?? "") };
  }

  /** Looks again for as long as somebody's words still stand under them. */
  private fadeWords(): void {
    clearTimeout(this.fading);
    this.saidNow.value = spokenNow(this.captions.value, performance.now());
    if (this.saidNow.value.size > 0) this.fading = setTimeout(() => this.fadeWords(), FADE_MS);
  }

  /** Somebody corrected what was heard. */
  correct(id: string, text: string, by: string): void {
    this.captions.value = withCorrection(this.captions.value, id, text, by);
    const { transcript } = this;
    if (transcript.value.kind === "here") {
      transcript.value = { ...transcript.value, lines: withCorrectedLine(transcript.value.lines, id, text, by) };
    }
  }

  addItem(item: HeardItem): void {
    this.items.value = [...this.items.value.filter((known) => known.utterance !== item.utterance || known.text !== item.text), item].slice(-3);
  }

  dropItem(item: HeardItem): void {
    this.items.value = this.items.value.filter((known) => known !== item);
  }

  /** Says something for some seconds; the same words are not said twice at once. */
  notify(level: Notice["level"], text: string, link?: Notice["link"]): void {
    if (this.notices.value.some((notice) => notice.text === text)) return;
    const id = ++this.noticeId;
    this.notices.value = [...this.notices.value, { id, level, text, link }].slice(-4);
    const stays = link !== undefined || level === "error" ? NOTICE_MS * 3 : NOTICE_MS;
    setTimeout(() => this.dismiss(id), stays);
  }

  dismiss(id: number): void {
    this.notices.value = this.notices.value.filter((notice) => notice.id !== id);
  }

  openPanel(panel: PanelName | null): void {
    this.panel.value = this.panel.value === panel ? null : panel;
    if (this.panel.value === "chat") this.unread.value = 0;
  }
}
