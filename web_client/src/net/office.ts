/** The office over the socket: says hello, turns what arrives into state, and passes on what is not state. */

import { ServerClock } from "../state/clock";
import { applyDelta, applyPoses, applySnapshot, OutOfStep } from "../state/room";
import { fresh } from "../state/captions";
import type { Store } from "../state/store";
import { PROTOCOL_VERSION, type ClientFrame, type PosesFrame, type ServerFrame, type ServerMessageOf } from "../protocol/messages";
import { sentence } from "./http";
import { browserSurroundings, Connection, type Link } from "./connection";

/** Those who act on what is not kept as state: the walker and the sound. */
export interface OfficeListener {
  welcomed?(welcome: ServerMessageOf<"welcome">): void;
  posed?(frame: PosesFrame): void;
  placed?(at: { x: number; z: number; yaw: number }): void;
  refused?(refusal: ServerMessageOf<"refused">): void;
  path?(path: ServerMessageOf<"path">): void;
  soundAnswer?(answer: ServerMessageOf<"sound_answer">): void;
  soundError?(error: ServerMessageOf<"sound_error">): void;
  soundState?(state: ServerMessageOf<"sound_state">): void;
  soundReport?(report: ServerMessageOf<"sound_report">): void;
  /** The questions before this person have changed. */
  inboxChanged?(): void;
  iceServers?(fresh: ServerMessageOf<"ice_servers">): void;
  videoAnswer?(answer: ServerMessageOf<"video_answer">): void;
  videoSlots?(slots: ServerMessageOf<"video_slots">): void;
  /** Something asked for could not be done; the person has been told, unless it comes back by itself. */
  failed?(error: ServerMessageOf<"error">): void;
  reaction?(slot: number, emoji: string): void;
  lost?(): void;
}

const SPEAKING_LEVEL = 0.32;
const SPEAKING_HOLD_MS = 400;
const ROOM = "hq";

/** What is said anew when the office is back. */
const RESTATED: ReadonlySet<ClientFrame["t"]> = new Set(["move", "mute", "deafen", "volume", "language", "sound_offer", "sound_close", "sound_check", "video_offer", "video_close", "share"]);

const ENDINGS: Readonly<Record<number, string>> = {
  4001: "Your sign-in has ended. Open your invitation link again.",
  4002: "The office has a newer version. Reload the page.",
  4006: "You opened the office in another tab. This one has left.",
  4007: "You were asked to leave the office.",
};

export class OfficeClient {
  readonly clock = new ServerClock();
  private connection: Connection | null = null;
  private readonly listeners = new Set<OfficeListener>();
  /** What the office said before it closed the socket. */
  private farewell: string | null = null;
  private fading = 0;
  /** What the office knows that one speaks; nothing at each `hello`. */
  private toldLanguage = "";
  private readonly heardAt = new Map<number, number>();

  constructor(private readonly store: Store) {}

  listen(listener: OfficeListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  enter(): void {
    this.connection?.stop();
    const scheme = window.location.protocol === "https:" ? "wss" : "ws";
    this.connection = new Connection(
      `${scheme}://${window.location.host}/ws`,
      {
        opened: () => this.sayHello(),
        received: (frame) => this.receive(frame),
        changed: (link) => this.linkChanged(link),
        faulty: (reason) => console.warn("The room is asked for anew:", reason),
      },
      browserSurroundings(),
    );
    this.connection.start();
  }

  leave(): void {
    this.connection?.stop();
    this.connection = null;
  }

  retryNow(): void {
    this.connection?.retryNow();
  }

  /** False when the office is not reachable; the person is told of what is not said again by itself. */
  send(frame: ClientFrame): boolean {
    const sent = this.connection?.send(frame) ?? false;
    if (!sent && !RESTATED.has(frame.t)) this.store.notify("warn", "You are offline. That was not sent; try again when the office is back.");
    return sent;
  }

  private sayHello(): void {
    const { settings, muted, listenOnly } = this.store;
    this.connection?.send({
      t: "hello",
      version: PROTOCOL_VERSION,
      room: ROOM,
      muted: muted.value,
      listening_only: listenOnly.value,
      transcribed: settings.value.transcribed,
    });
  }

  /** What one speaks, unless the recogniser at work does not know it: then it is told when another takes over. */
  tellLanguage(): void {
    const { language } = this.store.settings.value;
    const known = this.store.engine.value?.recognizer?.languages ?? [];
    const told = known.length === 0 || known.includes(language) ? language : "";
    if (told === this.toldLanguage) return;
    if (this.send({ t: "language", language: told })) this.toldLanguage = told;
  }

  private linkChanged(link: Link): void {
    this.store.link.value = link;
    if (link.kind === "waiting" || link.kind === "closed") for (const listener of this.listeners) listener.lost?.();
    if (link.kind === "closed") {
      this.store.phaseText.value = this.farewell ?? ENDINGS[link.code] ?? "The office closed the connection. Reload the page.";
      this.store.phase.value = "ended";
    }
  }

  private receive(frame: ServerFrame): void {
    const { store } = this;
    switch (frame.t) {
      case "welcome":
        this.welcome(frame);
        break;
      case "snapshot":
        store.poses.clear();
        store.room.value = applySnapshot(frame);
        store.phase.value = "office";
        break;
      case "delta":
        this.change(frame);
        break;
      case "poses":
        applyPoses(store.poses, frame, store.room.value.participants);
        for (const listener of this.listeners) listener.posed?.(frame);
        break;
      case "levels":
        this.hear(frame.levels);
        break;
      case "chat":
        store.addChat(frame);
        break;
      case "caption":
        store.addCaption(frame);
        break;
      case "corrected":
        store.correct(frame.id, frame.text, frame.by);
        break;
      case "privacy":
        store.privacy.value = { off_record: frame.off_record, recording: frame.recording };
        break;
      case "engine":
        store.engine.value = frame.engine;
        this.tellLanguage();
        break;
      case "item":
        store.addItem({ ...frame, at: performance.now() });
        break;
      case "reaction":
        store.reactions.set(frame.slot, { emoji: frame.emoji, at: performance.now() });
        for (const listener of this.listeners) listener.reaction?.(frame.slot, frame.emoji);
        break;
      case "notice":
        store.notify(frame.level, sentence(frame.text), frame.link ? { href: frame.link, label: "Open the page" } : undefined);
        break;
      case "error":
        if (frame.fatal) this.farewell = sentence(frame.text);
        else if (frame.code !== "video_restarting") store.notify("warn", sentence(frame.text));
        for (const listener of this.listeners) listener.failed?.(frame);
        break;
      case "pong":
        this.clock.measure(frame.at, performance.now() / 1000, frame.server_time);
        break;
      default:
        this.pass(frame);
    }
  }

  private pass(frame: ServerFrame): void {
    for (const listener of this.listeners) {
      if (frame.t === "placed") listener.placed?.(frame);
      else if (frame.t === "refused") listener.refused?.(frame);
      else if (frame.t === "path") listener.path?.(frame);
      else if (frame.t === "sound_answer") listener.soundAnswer?.(frame);
      else if (frame.t === "sound_error") listener.soundError?.(frame);
      else if (frame.t === "sound_state") listener.soundState?.(frame);
      else if (frame.t === "sound_report") listener.soundReport?.(frame);
      else if (frame.t === "inbox") listener.inboxChanged?.();
      else if (frame.t === "ice_servers") listener.iceServers?.(frame);
      else if (frame.t === "video_answer") listener.videoAnswer?.(frame);
      else if (frame.t === "video_slots") listener.videoSlots?.(frame);
    }
  }

  private welcome(welcome: ServerMessageOf<"welcome">): void {
    const { store } = this;
    this.farewell = null;
    this.clock.start(welcome.server_time, performance.now() / 1000);
    store.you.value = welcome.you;
    store.engine.value = welcome.engine;
    store.timezone.value = welcome.timezone;
    store.chat.value = welcome.chat;
    store.captions.value = welcome.captions.map((line) => fresh(line, -Infinity));
    this.toldLanguage = "";
    this.tellLanguage();
    for (const listener of this.listeners) listener.welcomed?.(welcome);
  }

  private change(delta: ServerMessageOf<"delta">): void {
    try {
      this.store.room.value = applyDelta(this.store.room.value, delta);
    } catch (fault) {
      if (!(fault instanceof OutOfStep)) throw fault;
      this.connection?.resync(fault.message);
    }
  }

  private hear(levels: readonly { slot: number; level: number }[]): void {
    const now = performance.now();
    this.store.levels.clear();
    for (const { slot, level } of levels) {
      this.store.levels.set(slot, level);
      if (level > SPEAKING_LEVEL) this.heardAt.set(slot, now);
    }
    this.showSpeaking();
    // Silence sends nothing: look once more when the last word has faded.
    window.clearTimeout(this.fading);
    this.fading = window.setTimeout(() => this.showSpeaking(), SPEAKING_HOLD_MS + 50);
  }

  private showSpeaking(): void {
    const now = performance.now();
    const speaking = [...this.heardAt].filter(([, at]) => now - at < SPEAKING_HOLD_MS).map(([slot]) => slot);
    const known = this.store.speaking.value;
    if (speaking.length !== known.size || speaking.some((slot) => !known.has(slot))) {
      this.store.speaking.value = new Set(speaking);
    }
  }
}
