/** What a person chose on this machine; kept in the browser's storage. */

import { effect, signal, type Signal } from "@preact/signals";

import type { Look } from "../protocol/records";

export interface Settings {
  name: string;
  look: Look;
  theme: "system" | "light" | "dark";
  motion: "system" | "reduced" | "full";
  captions: boolean;
  /** Also under who speaks. */
  captionsBelow: boolean;
  captionSize: "small" | "medium" | "large" | "largest";
  captionContrast: "normal" | "high";
  /** What one speaks, as `en`; empty: what the office is set to. */
  language: string;
  quality: "auto" | "low" | "high";
  camera: "third" | "first" | "high";
  microphone: string;
  loudspeaker: string;
  /** M mutes and unmutes, or one is heard only while a key is held. */
  talk: "toggle" | "hold";
  echoCancellation: boolean;
  noiseSuppression: boolean;
  autoGain: boolean;
  /** Of the room, 0..1. */
  roomVolume: number;
  /** How loud one hears each person, 0..2, by participant id; 1 where nothing stands. */
  volumes: Readonly<Record<string, number>>;
  /** Sound and pictures through a relay, even where there is a straight way. */
  relayOnly: boolean;
  joinMuted: boolean;
  listenOnly: boolean;
  transcribed: boolean;
  minimap: boolean;
  coached: boolean;
  listView: boolean;
}

export const DEFAULTS: Settings = {
  name: "",
  look: [1, 1, 0, 0, 0],
  theme: "system",
  motion: "system",
  captions: true,
  captionsBelow: true,
  captionSize: "medium",
  captionContrast: "normal",
  language: "",
  quality: "auto",
  camera: "third",
  microphone: "",
  loudspeaker: "",
  talk: "toggle",
  echoCancellation: true,
  noiseSuppression: true,
  autoGain: true,
  roomVolume: 1,
  volumes: {},
  relayOnly: false,
  joinMuted: false,
  listenOnly: false,
  transcribed: true,
  minimap: true,
  coached: false,
  listView: false,
};

const KEY = "atrium.settings";
/** Of one person's voice: twice as loud as they are. */
export const LOUDEST = 2;
const MOST_VOLUMES = 200;

/** Kept settings over the defaults; anything of the wrong type falls back. */
export function readSettings(stored: string | null): Settings {
  const settings = { ...DEFAULTS };
  let kept: unknown;
  try {
    kept = JSON.parse(stored ?? "{}");
  } catch {
    return settings;
  }
  if (typeof kept !== "object" || kept === null) return settings;
  for (const [name, value] of Object.entries(kept)) {
    const usual: unknown = (DEFAULTS as unknown as Record<string, unknown>)[name];
    if (usual === undefined || typeof usual !== typeof value) continue;
    if (name === "look" && !isLook(value)) continue;
    if (name === "volumes" && !areVolumes(value)) continue;
    if (name === "roomVolume" && !isWithin(value, 1)) continue;
    Object.assign(settings, { [name]: value });
  }
  return settings;
}

export function isLook(value: unknown): value is Look {
  return Array.isArray(value) && value.length === 5 && value.every((part) => Number.isInteger(part) && part >= 0 && part <= 5);
}

const isWithin = (value: unknown, most: number): boolean => typeof value === "number" && value >= 0 && value <= most;

function areVolumes(value: unknown): value is Settings["volumes"] {
  return typeof value === "object" && value !== null && !Array.isArray(value) && Object.values(value).every((gain) => isWithin(gain, LOUDEST));
}

/** The volumes with one person's changed: what is usual is not kept, and the longest kept goes first when there are too many. */
export function withVolume(volumes: Settings["volumes"], person: string, gain: number): Settings["volumes"] {
  const others = Object.entries(volumes).filter(([id]) => id !== person);
  const kept = gain === 1 ? others : [...others, [person, Math.min(LOUDEST, Math.max(0, gain))] as const];
  return Object.fromEntries(kept.slice(-MOST_VOLUMES));
}

/** The settings as a signal that writes itself back. */
export function keepSettings(storage: Storage): Signal<Settings> {
  const settings = signal(readSettings(storage.getItem(KEY)));
  effect(() => storage.setItem(KEY, JSON.stringify(settings.value)));
  return settings;
}
