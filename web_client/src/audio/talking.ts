/** Notices somebody who talks into a muted microphone: says so once per stretch of talk. Pure. */

const LOUD = 0.45;
const NEEDED_SECONDS = 0.6;
const SHOWN_SECONDS = 4;
const REST_SECONDS = 8;

export class TalkingWhileMuted {
  private loud = 0;
  private shown = 0;
  private rest = 0;

  /** One measurement of `seconds`; true while the hint should stand. */
  feed(muted: boolean, level: number, seconds: number): boolean {
    // Who holds a key to talk is unmuted for moments: that does not begin the reminders anew.
    this.rest = Math.max(0, this.rest - seconds);
    if (!muted) {
      this.loud = this.shown = 0;
      return false;
    }
    if (this.shown > 0) {
      this.shown = Math.max(0, this.shown - seconds);
      return this.shown > 0;
    }
    this.loud = level > LOUD ? this.loud + seconds : Math.max(0, this.loud - seconds / 2);
    if (this.loud < NEEDED_SECONDS || this.rest > 0) return false;
    this.loud = 0;
    this.shown = SHOWN_SECONDS;
    this.rest = SHOWN_SECONDS + REST_SECONDS;
    return true;
  }
}
