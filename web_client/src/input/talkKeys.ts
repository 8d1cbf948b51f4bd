/** Holding Space or M to talk, wherever the focus is not in something that needs the key itself. */

import { HoldToTalk } from "./holdToTalk";

/** What does something of its own with Space. */
const OWNS_SPACE = "button, summary, select, textarea, [role='button'], input:not([type='range']), [contenteditable='true'], [data-keys='own']";
/** What takes letters. */
const OWNS_LETTERS = "select, textarea, input:not([type='range'], [type='checkbox'], [type='radio']), [contenteditable='true'], dialog, [role='dialog']";

export interface TalkHooks {
  /** Whether holding is how one talks at the moment. */
  wanted(): boolean;
  /** The microphone opens or closes. */
  changed(open: boolean): void;
}

export class TalkKeys {
  private readonly talk = new HoldToTalk();
  private said = false;
  private timer = 0;
  /** A button that was clicked keeps the focus; a person who then holds Space means to talk. */
  private clicked: EventTarget | null = null;

  constructor(private readonly hooks: TalkHooks) {}

  /** Listens until the returned undo is called. */
  listen(target: Window): () => void {
    const abort = new AbortController();
    const options = { signal: abort.signal, capture: true };
    target.addEventListener("keydown", (event) => this.down(event), options);
    target.addEventListener("keyup", (event) => this.up(event), options);
    target.addEventListener("pointerdown", (event) => (this.clicked = clickedButton(event.target)), options);
    target.addEventListener("blur", (event) => event.target === target && this.letGo(), options);
    target.document.addEventListener("visibilitychange", () => target.document.hidden && this.letGo(), options);
    return () => {
      abort.abort();
      this.letGo();
    };
  }

  /** A finger or the mouse on the microphone button. */
  press(key: string): void {
    this.talk.press(key);
    this.tell();
  }

  release(key: string): void {
    this.talk.release(key, performance.now());
    this.tell();
  }

  /** Everything is let go, as when the way to talk is changed. */
  letGo(): void {
    this.talk.releaseAll(performance.now());
    this.tell();
  }

  private down(event: KeyboardEvent): void {
    if (event.key === "Tab") this.clicked = null;
    const key = talkKey(event);
    if (key === null || event.ctrlKey || event.metaKey || event.altKey || !this.hooks.wanted()) return;
    if (isTaken(event.target, key, this.clicked)) return;
    event.preventDefault();
    event.stopPropagation();
    if (!event.repeat) this.press(key);
  }

  private up(event: KeyboardEvent): void {
    const key = talkKey(event);
    if (key === null) return;
    if (this.hooks.wanted() && !isTaken(event.target, key, this.clicked)) event.preventDefault();
    this.release(key);
  }

  private tell(): void {
    const now = performance.now();
    window.clearTimeout(this.timer);
    const rest = this.talk.closesIn(now);
    if (rest !== null) this.timer = window.setTimeout(() => this.tell(), rest);
    const open = this.talk.open(now);
    if (open === this.said) return;
    this.said = open;
    this.hooks.changed(open);
  }
}

function talkKey(event: KeyboardEvent): "Space" | "M" | null {
  if (event.code === "Space") return "Space";
  return event.key.toUpperCase() === "M" ? "M" : null;
}

/** Whether what has the focus needs the key itself; the microphone button and a button just clicked do not. */
function isTaken(target: EventTarget | null, key: "Space" | "M", clicked: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false;
  if (key === "M") return target.closest(OWNS_LETTERS) !== null;
  const owner = target.closest(OWNS_SPACE);
  return owner !== null && owner !== clicked && !owner.hasAttribute("data-talk");
}

function clickedButton(target: EventTarget | null): Element | null {
  return target instanceof Element ? target.closest("button") : null;
}
