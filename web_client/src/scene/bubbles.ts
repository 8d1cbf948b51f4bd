/** What somebody says stands below their face while they say it: plain elements over the picture, like the name tags. */

import type { PersonView } from "./view";

/** A place on the screen that is taken, in pixels. */
export interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** Pixels between a chin, or another bubble, and the words. */
const GAP = 4;
/** Pushed farther than this from its owner, a bubble no longer tells whose it is. */
const STRAYED = 140;

interface Bubble {
  root: HTMLDivElement;
  settled: HTMLSpanElement;
  tail: HTMLSpanElement;
  words: string;
  width: number;
  height: number;
  seen: boolean;
}

/**
 * The top of a bubble of a size that shall hang at `top`: below everything that is taken, or null when that is too
 * far away.
 */
export function below(x: number, top: number, width: number, height: number, taken: readonly Box[]): number | null {
  let at = top;
  for (let pass = 0; pass <= taken.length; pass++) {
    const hit = taken.find((box) => box.left < x + width / 2 && box.right > x - width / 2 && box.top < at + height && box.bottom > at);
    if (hit === undefined) return at - top > STRAYED ? null : at;
    at = hit.bottom + GAP;
  }
  return null;
}

export class Bubbles {
  private readonly bubbles = new Map<number, Bubble>();
  private readonly placed: Box[] = [];

  constructor(private readonly parent: HTMLElement) {}

  /** Before the people of a frame are gone through. */
  begin(): void {
    this.placed.length = 0;
    for (const bubble of this.bubbles.values()) bubble.seen = false;
  }

  /** @param chin Where the face ends on the screen; `taken` are faces and names that must stay in sight. */
  place(person: PersonView, x: number, chin: number, alpha: number, width: number, taken: readonly Box[]): void {
    const { said } = person;
    if (said === null) return;
    const bubble = this.bubbleOf(person.slot);
    bubble.seen = true;
    const words = `${said.settled}\u0001${said.text}`;
    if (words !== bubble.words) {
      bubble.words = words;
      bubble.settled.textContent = said.text.slice(0, said.settled);
      bubble.tail.textContent = said.text.slice(said.settled);
      bubble.width = bubble.root.offsetWidth;
      bubble.height = bubble.root.offsetHeight;
    }
    const half = bubble.width / 2;
    const centre = Math.max(half + GAP, Math.min(width - half - GAP, x));
    const top = below(centre, chin + GAP, bubble.width, bubble.height, [...taken, ...this.placed]);
    bubble.root.hidden = top === null;
    if (top === null) return;
    this.placed.push({ left: centre - half, right: centre + half, top, bottom: top + bubble.height });
    bubble.root.style.transform = `translate(${(centre - half).toFixed(1)}px, ${top.toFixed(1)}px)`;
    bubble.root.style.opacity = alpha.toFixed(2);
  }

  /** After them: those who say nothing any more, or are out of sight, have none. */
  end(): void {
    for (const [slot, bubble] of this.bubbles) {
      if (bubble.seen) continue;
      bubble.root.remove();
      this.bubbles.delete(slot);
    }
  }

  private bubbleOf(slot: number): Bubble {
    let bubble = this.bubbles.get(slot);
    if (bubble === undefined) {
      const root = document.createElement("div");
      root.className = "scene-bubble";
      const settled = document.createElement("span");
      const tail = document.createElement("span");
      tail.className = "scene-unsettled";
      root.append(settled, tail);
      this.parent.append(root);
      bubble = { root, settled, tail, words: "", width: 0, height: 0, seen: true };
      this.bubbles.set(slot, bubble);
    }
    return bubble;
  }
}
