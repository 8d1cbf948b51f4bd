/** Push-to-talk as a small machine: held keys, and a moment more so that the last syllable is not cut. Pure. */

/** How long the microphone stays open after the last key was let go. */
export const HANG_MS = 250;

export class HoldToTalk {
  private readonly held = new Set<string>();
  private closesAt = -Infinity;

  /** A key (or "pointer") goes down; the repeats of a held key change nothing. */
  press(key: string): void {
    this.held.add(key);
  }

  release(key: string, now: number): void {
    if (this.held.delete(key) && this.held.size === 0) this.closesAt = now + HANG_MS;
  }

  /** All keys at once: the window lost the focus and will not hear of their release. */
  releaseAll(now: number): void {
    if (this.held.size === 0) return;
    this.held.clear();
    this.closesAt = now + HANG_MS;
  }

  /** Whether the microphone is open. */
  open(now: number): boolean {
    return this.held.size > 0 || now < this.closesAt;
  }

  /** Milliseconds until it closes by itself, or null while it is held or closed. */
  closesIn(now: number): number | null {
    return this.held.size === 0 && now < this.closesAt ? this.closesAt - now : null;
  }
}
