/** What a person chose on this machine; kept in the browser's storage. */

import { effect, signal, type Signal } from "@preact/signals";

import type { Look } from "../protocol/records";

export interface Settings {
  name: string;
  look: Look;
  theme: "system" | "light" | "dark";
  motion: "system" | "reduced" | "full";
  captions: boolean;
  captionSize: "small" | "medium" | "large";
  quality: "auto" | "low" | "high";
  camera: "third" | "first" | "high";
  microphone: string;
  loudspeaker: string;
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
  captionSize: "medium",
  quality: "auto",
  camera: "third",
  microphone: "",
  loudspeaker: "",
  joinMuted: false,
  listenOnly: false,
  transcribed: true,
  minimap: true,
  coached: false,
  listView: false,
};

const KEY = "atrium.settings";

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
    Object.assign(settings, { [name]: value });
  }
  return settings;
}

export function isLook(value: unknown): value is Look {
  return Array.isArray(value) && value.length === 5 && value.every((part) => Number.isInteger(part) && part >= 0 && part <= 5);
}

/** The settings as a signal that writes itself back. */
export function keepSettings(storage: Storage): Signal<Settings> {
  const settings = signal(readSettings(storage.getItem(KEY)));
  effect(() => storage.setItem(KEY, JSON.stringify(settings.value)));
  return settings;
}
