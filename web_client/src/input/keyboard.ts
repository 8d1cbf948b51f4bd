/** Walking keys. What each key does is a table that a person may change. */
import type { Intent } from "./walking";

export type WalkAction = "forward" | "back" | "left" | "right" | "run" | "turnLeft" | "turnRight";
/** `KeyboardEvent.code` (the place of the key, whatever the layout) to action. */
export type KeyTable = Readonly<Record<string, WalkAction>>;

export const DEFAULT_KEYS: KeyTable = {
  KeyW: "forward",
  ArrowUp: "forward",
  KeyS: "back",
  ArrowDown: "back",
  KeyA: "left",
  ArrowLeft: "left",
  KeyD: "right",
  ArrowRight: "right",
  ShiftLeft: "run",
  ShiftRight: "run",
  KeyQ: "turnLeft",
  KeyE: "turnRight",
};

/** Whether a key press is meant for what has the focus, not for walking. */
export function isTyping(target: unknown): boolean {
  if (typeof HTMLElement === "undefined" || !(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  if (target.closest("[data-keys='own'], dialog, [role='dialog'], [role='menu'], [role='listbox']")) return true;
  return ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
}

/** Whether arrows move the focus here (buttons and links in panels), so that only letters walk. */
function ownsArrows(target: unknown): boolean {
  if (typeof HTMLElement === "undefined" || !(target instanceof HTMLElement)) return false;
  return target.closest("[role='tablist'], [role='radiogroup'], [role='grid'], [role='toolbar'], [role='tree']") !== null;
}

export class Keyboard {
  private readonly held = new Set<string>();
  private readonly stopListening: () => void;

  constructor(
    target: Window,
    public keys: KeyTable = DEFAULT_KEYS,
  ) {
    const down = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (this.keys[event.code] === undefined) return;
      if (event.code.startsWith("Arrow")) {
        if (ownsArrows(event.target)) return;
        event.preventDefault();
      }
      this.held.add(event.code);
    };
    const up = (event: KeyboardEvent): void => {
      this.held.delete(event.code);
    };
    const forget = (): void => this.held.clear();
    target.addEventListener("keydown", down);
    target.addEventListener("keyup", up);
    target.addEventListener("blur", forget);
    target.addEventListener("focusin", (event) => {
      if (isTyping(event.target)) forget();
    });
    this.stopListening = () => {
      target.removeEventListener("keydown", down);
      target.removeEventListener("keyup", up);
      target.removeEventListener("blur", forget);
    };
  }

  /** Give an action another key; the key loses what it did before. */
  remap(code: string, action: WalkAction): void {
    this.keys = { ...this.keys, [code]: action };
    this.held.clear();
  }

  intent(): Intent {
    const on = (action: WalkAction): number => {
      for (const code of this.held) if (this.keys[code] === action) return 1;
      return 0;
    };
    return {
      forward: on("forward") - on("back"),
      right: on("right") - on("left"),
      turn: on("turnLeft") - on("turnRight"),
      run: on("run") === 1,
    };
  }

  dispose(): void {
    this.held.clear();
    this.stopListening();
  }
}
