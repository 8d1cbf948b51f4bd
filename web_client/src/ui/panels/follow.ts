/** A log that follows what is newest until somebody scrolls back in it. */

import { type Signal, useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useLayoutEffect } from "preact/hooks";

import { missedSince } from "../../state/captions";

/** Nearer than this to its end, in pixels, a log is at its end. */
const NEAR = 24;

export interface Follow {
  /** Whether what is newest is in sight. */
  readonly following: Signal<boolean>;
  /** How many lines came since one scrolled away. */
  readonly missed: number;
  /** To be called as the log scrolls. */
  scrolled(): void;
  jump(): void;
}

/** @param held While true, nothing moves: somebody writes in a line. */
export function useFollow(log: RefObject<HTMLElement | null>, lines: readonly { id: string }[], held: boolean): Follow {
  const following = useSignal(true);
  const seen = useSignal<string | null>(null);
  const newest = lines.at(-1)?.id ?? null;

  useLayoutEffect(() => {
    const box = log.current;
    if (box === null || held || !following.value) return;
    box.scrollTop = box.scrollHeight;
    seen.value = newest;
  }, [lines, held]);

  return {
    following,
    missed: following.value ? 0 : missedSince(lines, seen.value),
    scrolled: () => {
      const box = log.current;
      if (box === null) return;
      following.value = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
      if (following.value) seen.value = newest;
    },
    jump: () => {
      const box = log.current;
      if (box === null) return;
      following.value = true;
      box.scrollTop = box.scrollHeight;
      box.focus({ preventScroll: true });
    },
  };
}
