/** Listens at somebody's loudspeaker: the levels that came out, left and right, since one began to listen. */

import type { Person } from "./person";

/** Decibels; a sample is loud when either side is above. */
export const LOUD = -45;
/** Decibels of what nobody hears. */
export const SILENCE = -70;
const EVERY_MS = 40;

interface Sample {
  left: number;
  right: number;
  /** Who spoke, as the page shows it. */
  who: string;
}

declare global {
  interface Window {
    heard?: { left: number; right: number; who: string }[];
  }
}

export class Ear {
  constructor(private readonly person: Person) {}

  /** Forgets what was heard before and listens from now on. */
  async listen(): Promise<void> {
    await this.person.page.evaluate((milliseconds) => {
      const known = window.heard !== undefined;
      window.heard = [];
      if (known) return;
      window.setInterval(() => {
        const { sound, speaking } = window.atrium!.debug;
        window.heard?.push({ ...sound, who: speaking.join(" and ") });
      }, milliseconds);
    }, EVERY_MS);
  }

  /** The loudest moment. */
  async peak(): Promise<number> {
    return Math.max(-100, ...(await this.samples()).map(({ left, right }) => Math.max(left, right)));
  }

  /** Seconds in which somebody, speaking alone, was loud. */
  async loudSeconds(name: string): Promise<number> {
    return ((await this.loud(name)).length * EVERY_MS) / 1000;
  }

  /**
   * Decibels by which the left was louder than the right while somebody spoke alone, moment by moment: a head shades
   * the high consonants much and the deep vowels hardly, and those carry nearly all the power.
   */
  async leftOverRight(name: string): Promise<number> {
    const loud = await this.loud(name);
    return loud.reduce((sum, { left, right }) => sum + left - right, 0) / loud.length;
  }

  private async loud(name: string): Promise<Sample[]> {
    return (await this.samples()).filter(({ left, right, who }) => who === name && Math.max(left, right) > LOUD);
  }

  private samples(): Promise<Sample[]> {
    return this.person.page.evaluate(() => window.heard ?? []);
  }
}
