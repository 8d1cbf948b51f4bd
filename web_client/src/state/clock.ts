/** The server's clock as seen from here: the offset measured on the quickest round trips. */

const KEPT = 8;

export class ServerClock {
  private samples: { trip: number; offset: number }[] = [];

  /** A first guess, from a time the server sent without being asked. */
  start(serverTime: number, now: number): void {
    this.samples = [{ trip: Number.POSITIVE_INFINITY, offset: serverTime - now }];
  }

  /** A round trip: sent and received in local seconds, and what the server's clock said between. */
  measure(sent: number, received: number, serverTime: number): void {
    const trip = Math.max(0, received - sent);
    this.samples = [...this.samples, { trip, offset: serverTime - (sent + received) / 2 }].slice(-KEPT);
  }

  /** Seconds to add to local time to get the server's. */
  get offset(): number {
    return this.best()?.offset ?? 0;
  }

  /** The quickest recent round trip in seconds, or null before the first. */
  get roundTrip(): number | null {
    const trip = this.best()?.trip;
    return trip === undefined || trip === Number.POSITIVE_INFINITY ? null : trip;
  }

  private best(): { trip: number; offset: number } | undefined {
    return this.samples.reduce<{ trip: number; offset: number } | undefined>(
      (best, sample) => (best === undefined || sample.trip < best.trip ? sample : best),
      undefined,
    );
  }
}
