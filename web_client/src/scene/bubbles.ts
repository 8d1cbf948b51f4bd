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
const STRAYED = 110;
/** How far to the side a bubble may hang, as a share of half its width: its owner is above it still. */
const ASIDE = 0.85;

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
 * Where a bubble of a size hangs, by its middle and its top, so that it covers nothing that is taken: at `top`, to the
 * side as long as it stays under its owner at `x`, or else lower. Null when it would be too far away.
 */
export function hang(x: number, top: number, width: number, height: number, taken: readonly Box[], screen: number): { x: number; top: number } | null {
  const half = width / 2;
  const inside = (middle: number): number => Math.max(half + GAP, Math.min(screen - half - GAP, middle));
  const hit = (middle: number, at: number): Box | undefined =>
    taken.find((box) => box.left < middle + half && box.right > middle - half && box.top < at + height && box.bottom > at);
  let at = top;
  while (at - top <= STRAYED) {
    const straight = inside(x);
    const first = hit(straight, at);
    if (first === undefined) return { x: straight, top: at };
    const aside = [first.left - half - GAP, first.right + half + GAP]
      .filter((middle) => Math.abs(middle - x) <= half * ASIDE && middle === inside(middle))
      .sort((a, b) => Math.abs(a - x) - Math.abs(b - x))
      .find((middle) => hit(middle, at) === undefined);
    if (aside !== undefined) return { x: aside, top: at };
    at = first.bottom + GAP;
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
    const at = hang(x, chin + GAP, bubble.width, bubble.height, [...taken, ...this.placed], width);
    bubble.root.hidden = at === null;
    if (at === null) return;
    const left = at.x - bubble.width / 2;
    this.placed.push({ left, right: left + bubble.width, top: at.top, bottom: at.top + bubble.height });
    bubble.root.style.transform = `translate(${left.toFixed(1)}px, ${at.top.toFixed(1)}px)`;
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
