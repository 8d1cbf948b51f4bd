/** Looks again and again at everything that "Sound problems?" has to know. */

import { signal } from "@preact/signals";

import type { Facts } from "../audio/diagnosis";
import { callNumbers, officeAddress } from "../net/stats";
import { isRelay } from "../net/way";
import type { ServerMessageOf } from "../protocol/messages";
import type { App } from "./app";

const EVERY_MS = 2_000;

interface Look {
  calls: number;
  sent: number;
  received: number;
  speaking: ReadonlySet<number>;
}

export class SoundFacts {
  readonly facts = signal<Facts | null>(null);
  private before: Look | null = null;
  private report: ServerMessageOf<"sound_report"> | null = null;
  private reportBefore: ServerMessageOf<"sound_report"> | null = null;

  constructor(private readonly app: App) {}

  /** Looks until the returned undo is called. */
  start(): () => void {
    const { office } = this.app;
    const forget = office.listen({
      soundReport: (report) => {
        this.reportBefore = this.report;
        this.report = report;
      },
      lost: () => (this.report = this.reportBefore = null),
    });
    const timer = window.setInterval(() => void this.look(), EVERY_MS);
    void this.look();
    return () => {
      window.clearInterval(timer);
      forget();
    };
  }

  private async look(): Promise<void> {
    const { store, office, mic, output, sound } = this.app;
    const { peer } = sound;
    office.send({ t: "sound_check" });
    const { stats, remote, ice } = await peer.report();
    const numbers = stats === null ? null : callNumbers(stats);
    const now: Look = { calls: peer.calls, sent: numbers?.packetsSent ?? 0, received: numbers?.packetsReceived ?? 0, speaking: this.nearby() };
    const same = this.before?.calls === now.calls ? this.before : null;
    const state = store.officeSound.peek();
    this.facts.value = {
      online: store.link.peek().kind === "open",
      microphone: {
        listenOnly: store.listenOnly.peek(),
        fault: mic.fault.peek(),
        device: mic.track.peek()?.label ?? null,
        muted: store.muted.peek(),
        unmute: sound.held ? "hold Space" : "press M",
        systemMuted: mic.systemMuted.peek(),
        silent: mic.silent.peek(),
        loudest: mic.loudest,
      },
      office: state === null ? null : { up: state.up, path: state.path, load: state.load },
      call: {
        connected: peer.state === "connected",
        tryingMs: peer.tryingMs,
        ice,
        numbers,
        sent: same === null ? null : now.sent - same.sent,
        received: same === null ? null : now.received - same.received,
        officeAt: officeAddress(remote),
        relays: sound.iceServers.peek().filter(isRelay).length,
      },
      report: this.heardByOffice(),
      output: { blocked: output.blocked.peek(), deaf: store.deaf.peek(), ...output.outlet },
      speaking: [...now.speaking]
        .filter((slot) => same?.speaking.has(slot))
        .map((slot) => store.participants.peek().get(slot)?.name ?? "Somebody"),
    };
    this.before = now;
  }

  private heardByOffice(): Facts["report"] {
    const { report, reportBefore } = this;
    if (report === null) return null;
    const grown = (name: "packets_in" | "packets_lost"): number => report[name] - (reportBefore?.[name] ?? 0);
    const packets = reportBefore === null || grown("packets_in") < 0 ? null : grown("packets_in");
    const lost = packets === null ? 0 : Math.max(0, grown("packets_lost"));
    return {
      connected: report.connected,
      packets,
      lostShare: lost / Math.max(1, lost + (packets ?? 0)),
      level: report.level,
      delayMs: report.delay_ms,
    };
  }

  /** Who of the same room speaks now. */
  private nearby(): ReadonlySet<number> {
    const { store } = this.app;
    const zone = store.self.peek()?.zone;
    const own = store.you.peek()?.slot;
    return new Set([...store.speaking.peek()].filter((slot) => slot !== own && store.participants.peek().get(slot)?.zone === zone));
  }
}

/** Everything that was found, as lines to send to whoever helps. Nobody's name is in it. */
export function detailsOf(facts: Facts): string {
  const { speaking, ...rest } = facts;
  const lines = [`time: ${new Date().toISOString()}`, `browser: ${navigator.userAgent}`, `others speaking: ${speaking.length}`];
  const write = (value: unknown, at: string): void => {
    if (typeof value === "number") lines.push(`${at}: ${Number(value.toFixed(3))}`);
    else if (typeof value !== "object" || value === null) lines.push(`${at}: ${String(value)}`);
    else for (const [name, part] of Object.entries(value)) write(part, at === "" ? name : `${at}.${name}`);
  };
  write(rest, "");
  return lines.join("\n");
}
