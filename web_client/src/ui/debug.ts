/**
 * `window.atrium.debug`: a read-only window into the client for browser tests and the curious.
 *
 * It shows what is measured and drawn and can change nothing.
 */

import type { App } from "./app";

export interface AtriumDebug {
  /** Decibels of what comes out of the loudspeaker, left and right; -100 is silence. */
  readonly sound: { left: number; right: number };
  readonly soundState: string;
  /** 0..1, of one's own microphone. */
  readonly microphone: number;
  readonly connection: string;
  readonly roundTripSeconds: number | null;
  readonly phase: string;
  /** Draw calls, triangles and frames of the 3D picture, or null without one. */
  readonly stage: unknown;
  readonly self: { slot: number; x: number; z: number; yaw: number; zone: string; seat: string | null } | null;
  /** Names of those whose voice is heard now. */
  readonly speaking: readonly string[];
  readonly people: readonly { slot: number; name: string; x: number; z: number; yaw: number; motion: number }[];
  /** How many calls were made for the sound since the page was opened. */
  readonly calls: number;
  /** How many ways the office has answered; a call that goes another way is the same call. */
  readonly ways: number;
  /** Whose screens and cameras come in here, as "Ana: screen". */
  readonly pictures: readonly string[];
  /** What WebRTC says of the pictures' connection; null without one. */
  videoStats(): Promise<RTCStatsReport | null>;
}

declare global {
  interface Window {
    atrium?: { readonly debug: AtriumDebug };
  }
}

export function exposeDebug(app: App): void {
  const { store, output, mic, office, world, sound, video } = app;
  const debug: AtriumDebug = {
    get sound() {
      return output.levels();
    },
    get soundState() {
      return store.sound.peek().kind;
    },
    get microphone() {
      return mic.level;
    },
    get connection() {
      return store.link.peek().kind;
    },
    get roundTripSeconds() {
      return office.clock.roundTrip;
    },
    get phase() {
      return store.phase.peek();
    },
    get stage() {
      return world.stage?.stats() ?? null;
    },
    get self() {
      const [you, record, pose] = [store.you.peek(), store.self.peek(), world.pose];
      return you === null || record === null || pose === null ? null : { slot: you.slot, ...pose, zone: record.zone, seat: record.seat };
    },
    get speaking() {
      return [...store.speaking.peek()].map((slot) => store.participants.peek().get(slot)?.name ?? "");
    },
    get people() {
      return world.shown.map(({ slot, name, x, z, yaw, motion }) => ({ slot, name, x, z, yaw, motion }));
    },
    get calls() {
      return sound.peer.calls;
    },
    get ways() {
      return sound.peer.ways;
    },
    get pictures() {
      return video.pictures.peek().filter(({ moving }) => moving !== null).map(({ slot, kind }) => `${store.participants.peek().get(slot)?.name ?? ""}: ${kind}`);
    },
    videoStats: async () => (await video.peer.report()).stats,
  };
  Object.defineProperty(window, "atrium", { value: Object.freeze({ debug: Object.freeze(debug) }) });
}
