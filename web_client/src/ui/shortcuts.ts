/** Every key of the office in one table; the list in the settings is read off it. */

import { isTyping } from "../input/keyboard";
import type { App } from "./app";

export interface Shortcut {
  /** As it stands on the key, in capitals. */
  key: string;
  words: string;
  run: (app: App) => void;
}

export const SHORTCUTS: readonly Shortcut[] = [
  { key: "M", words: "Mute or unmute", run: (app) => void app.actions.toggleMute() },
  { key: "U", words: "Deafen, or hear again", run: (app) => app.actions.toggleDeaf() },
  { key: "K", words: "Turn the camera on or off", run: (app) => void app.video.toggle("camera") },
  { key: "I", words: "Share your screen, or stop", run: (app) => void app.video.toggle("screen") },
  { key: "O", words: "Open or close a shared screen", run: (app) => app.video.toggleLarge() },
  { key: "H", words: "Raise or lower your hand", run: (app) => app.actions.toggleHand() },
  { key: "R", words: "React", run: () => document.querySelector<HTMLElement>("[data-react]")?.click() },
  { key: "V", words: "Wave", run: (app) => app.actions.wave() },
  { key: "P", words: "People", run: (app) => app.actions.open("people") },
  { key: "B", words: "Task board", run: (app) => app.actions.open("board") },
  { key: "N", words: "New task", run: (app) => newTask(app) },
  { key: "J", words: "Inbox: questions that wait for you", run: (app) => app.actions.open("inbox") },
  { key: "C", words: "Chat", run: (app) => app.actions.open("chat") },
  { key: "F", words: "Captions: read back and search", run: (app) => app.actions.open("captions") },
  { key: "T", words: "Meeting", run: (app) => app.actions.open("meeting") },
  { key: "L", words: "List view", run: (app) => app.actions.toggleListView() },
  { key: "G", words: "Map", run: (app) => app.store.set("minimap", !app.store.settings.value.minimap) },
  { key: "X", words: "Stand up", run: (app) => app.actions.stand() },
  { key: ",", words: "Settings", run: (app) => app.actions.open("settings") },
];

export const OTHER_KEYS: readonly (readonly [string, string])[] = [
  ["W A S D or arrows", "Walk"],
  ["Shift", "Run"],
  ["Space, held", "Talk, when the microphone is set to hold"],
  ["Q E or drag", "Turn the camera"],
  ["Wheel", "Nearer, farther"],
  ["Ctrl K or ⌘ K", "Find people, places and actions"],
  ["Esc", "Close what is open"],
];

function newTask(app: App): void {
  // A board that opens puts the focus there by itself.
  if (!app.store.listView.value) app.store.panel.value = "board";
  document.querySelector<HTMLElement>("[data-new-task]")?.focus();
}

/** Listens until the returned undo is called. */
export function listenForShortcuts(app: App): () => void {
  const stopTalking = app.sound.keys.listen(window);
  const pressed = (event: KeyboardEvent): void => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      app.store.finding.value = !app.store.finding.value;
      return;
    }
    if (event.key === "Escape") {
      escape(app);
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || takesLetters(event.target)) return;
    const shortcut = SHORTCUTS.find((known) => known.key === event.key.toUpperCase());
    if (shortcut === undefined) return;
    event.preventDefault();
    shortcut.run(app);
  };
  window.addEventListener("keydown", pressed);
  return () => {
    stopTalking();
    window.removeEventListener("keydown", pressed);
  };
}

/** What has only arrows of its own (a card, a slider, a choice) leaves the letters to the shortcuts; fields and dialogs do not. */
const ONLY_ARROWS = "[data-keys='own'], input[type='range'], input[type='radio'], input[type='checkbox']";

function takesLetters(target: EventTarget | null): boolean {
  return isTyping(target) && !(target instanceof HTMLElement && target.matches(ONLY_ARROWS));
}

function escape(app: App): void {
  const { store } = app;
  if (store.finding.value) store.finding.value = false;
  else if (store.panel.value !== null) {
    store.panel.value = null;
    document.querySelector<HTMLElement>(".dock button")?.focus();
  } else if (app.video.large.value !== null) app.video.large.value = null;
  else if (store.following.value !== null) store.following.value = null;
}
