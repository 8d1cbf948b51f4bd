/** What a person can do in the office; panels, keys and the list view all do it through here. */

import { wordsOf } from "../net/http";
import { correctUtterance, readLines } from "../net/meetings";
import type { TaskEvent } from "../protocol/messages";
import type { CardRecord } from "../protocol/records";
import type { SpokenLine } from "../state/captions";
import type { PanelName } from "../state/store";
import type { App } from "./app";

export const EMOJIS = ["👍", "👏", "❤️", "😂", "🎉", "🤔"] as const;
const CAN_FACILITATE: ReadonlySet<string> = new Set(["owner", "facilitator"]);

/** Where each panel's content stands in the list view. */
const SECTIONS: Readonly<Record<Exclude<PanelName, "sound">, string>> = {
  people: "rooms",
  board: "board-section",
  inbox: "inbox-section",
  chat: "chat-section",
  captions: "captions-log",
  meeting: "meeting-section",
  settings: "settings-section",
};

function showSection(id: string): void {
  const section = document.getElementById(id);
  section?.scrollIntoView({ block: "start" });
  const first = section?.querySelector<HTMLElement>("[data-first], button, input, a");
  first?.focus({ preventScroll: true });
}

export class Actions {
  constructor(private readonly app: App) {}

  private get store() {
    return this.app.store;
  }

  private get office() {
    return this.app.office;
  }

  /** Whether this person may hold meetings and invite. */
  get facilitates(): boolean {
    const may = this.store.you.value?.may;
    if (may !== undefined) return may.includes("hold_meetings");
    return CAN_FACILITATE.has(this.store.you.value?.role ?? this.store.session.value?.role ?? "");
  }

  /** Whether anybody asks this person anything: guests are not asked. */
  get isAsked(): boolean {
    const you = this.store.you.value;
    return you?.may?.includes("decide") ?? (you !== null && you.role !== "guest");
  }

  /** Mute or unmute; somebody who only listens is asked for the microphone first. */
  async toggleMute(): Promise<void> {
    const { store, app } = this;
    if (store.listenOnly.value || app.mic.track.value === null) await app.sound.speakUp();
    else app.sound.setMuted(!store.muted.value);
  }

  /** Hear nobody, or everybody again. */
  toggleDeaf(): void {
    this.app.sound.toggleDeaf();
  }

  toggleHand(): void {
    this.office.send({ t: "hand", up: !(this.store.self.value?.hand ?? false) });
  }

  react(emoji: string): void {
    this.office.send({ t: "react", emoji });
  }

  wave(): void {
    this.office.send({ t: "wave" });
  }

  status(status: string): void {
    this.office.send({ t: "status", status });
  }

  consent(transcribed: boolean): void {
    this.store.set("transcribed", transcribed);
    this.office.send({ t: "consent", transcribed });
  }

  /** What one speaks, as `en`; empty: what the office is set to. */
  language(language: string): void {
    this.store.set("language", language);
    this.office.tellLanguage();
  }

  /** Nobody where one is, is recognised, or they are again. Whoever is there may. */
  offRecord(on: boolean): void {
    const zone = this.store.self.value?.zone;
    if (zone !== undefined) this.office.send({ t: "off_record", zone, on });
  }

  /** Whether this person may have the sound of the meeting kept: owners, and who holds it. */
  get mayRecord(): boolean {
    const { you, meetingHere } = this.store;
    const self = you.value;
    if (self === null || meetingHere.value === null) return false;
    return meetingHere.value.facilitator === self.id || (self.may?.includes("keep_sound") ?? self.role === "owner");
  }

  keepSound(on: boolean): void {
    const zone = this.store.meetingHere.value?.zone;
    if (zone !== undefined) this.office.send({ t: "keep_sound", zone, on });
  }

  /** Whether this person may correct a line: guests only their own words. */
  mayCorrect(line: SpokenLine): boolean {
    if (!line.final || line.meeting === "") return false;
    const you = this.store.you.value;
    if (you === null) return false;
    const own = line.slot === you.slot || line.speaker === you.id;
    return own || (you.may?.includes("edit_meetings") ?? you.role !== "guest");
  }

  /** Corrects what was heard; everybody who is there sees it, with who did it. */
  async correct(line: SpokenLine, words: string): Promise<void> {
    await correctUtterance(line.meeting, line.id, words);
    this.store.correct(line.id, words, this.store.self.value?.name ?? this.store.you.value?.name ?? "");
  }

  /** Fetches the transcript of the meeting where one is, so that one can read from its beginning. */
  async readTranscript(): Promise<void> {
    const { transcript, meetingHere } = this.store;
    const meeting = meetingHere.value?.id;
    if (meeting === undefined) return;
    const known = transcript.value;
    // What is known stays in sight while it is read anew, and when that fails.
    const again = known.kind === "here" && known.meeting === meeting;
    if (!again) transcript.value = { kind: "loading", meeting };
    try {
      transcript.value = { kind: "here", meeting, lines: await readLines(meeting) };
    } catch (fault) {
      if (!again) transcript.value = { kind: "failed", meeting, text: wordsOf(fault) };
    }
  }

  chat(text: string): boolean {
    const words = text.trim();
    return words !== "" && this.office.send({ t: "chat", id: crypto.randomUUID(), text: words });
  }

  goTo(slot: number): void {
    this.store.following.value = null;
    this.office.send({ t: "go_to", slot, jump: this.app.world.reducedMotion });
  }

  goToZone(zone: string): void {
    this.store.following.value = null;
    this.office.send({ t: "go_to_zone", zone, jump: this.app.world.reducedMotion });
  }

  walkTo(x: number, z: number, run: boolean): void {
    this.store.following.value = null;
    this.office.send({ t: "walk_to", x, z, run });
  }

  sit(seat: string): void {
    this.store.following.value = null;
    this.office.send({ t: "sit", seat });
  }

  stand(): void {
    this.office.send({ t: "stand" });
  }

  /** Keep walking to a person who moves; again to stop. */
  follow(slot: number): void {
    const { following, participants } = this.store;
    if (following.value === slot) {
      following.value = null;
      return;
    }
    following.value = slot;
    this.store.notify("info", `You follow ${participants.value.get(slot)?.name ?? "them"}. Any walking key stops it.`);
  }

  /** Opens or closes a panel; in the list view everything is open, so it goes to that part instead. */
  open(panel: PanelName): void {
    if (panel === "inbox" && !this.isAsked) {
      this.store.notify("info", "Guests are asked nothing. Members of the office have an inbox.");
      return;
    }
    if (!this.store.listView.value || panel === "sound") this.store.openPanel(panel);
    else showSection(SECTIONS[panel]);
  }

  showTask(task: string, field: "text" | "owner" | null = null): void {
    if (this.store.listView.value) showSection(SECTIONS.board);
    else this.store.panel.value = "board";
    this.store.boardField.value = field;
    this.store.boardFocus.value = task;
  }

  /** Opens the inbox at a question; without one, at its top. */
  showQuestion(question: string): void {
    if (this.store.listView.value) showSection(SECTIONS.inbox);
    else this.store.panel.value = "inbox";
    this.store.questionFocus.value = question === "" ? null : question;
  }

  createTask(text: string, owner: string | null, due: string | null): boolean {
    const words = text.trim();
    return words !== "" && this.office.send({ t: "task_create", text: words, owner, due });
  }

  updateTask(card: CardRecord, change: { text?: string; owner?: string | null; due?: string | null }): boolean {
    const { text = card.text, owner = card.owner_id, due = card.due } = change;
    return this.office.send({ t: "task_update", task: card.id, version: card.version, text, owner, due });
  }

  taskEvent(card: CardRecord, event: TaskEvent): boolean {
    return this.office.send({ t: "task_event", task: card.id, version: card.version, event });
  }

  startMeeting(zone: string, title: string): void {
    this.office.send({ t: "meeting_start", zone, title: title.trim() });
  }

  endMeeting(meeting: string): void {
    this.office.send({ t: "meeting_end", meeting });
  }

  toggleListView(): void {
    if (this.store.sceneFault.value !== null) {
      this.store.notify("info", this.store.sceneFault.value);
      return;
    }
    this.store.listView.value = !this.store.listView.value;
    this.store.set("listView", this.store.listView.value);
  }

  leave(): void {
    this.app.leave();
  }
}
