import { describe, expect, it } from "vitest";

import { ServerClock } from "./clock";

describe("the server's clock", () => {
  it("is guessed from the welcome and corrected by the quickest ping", () => {
    const clock = new ServerClock();
    clock.start(1000, 10);
    expect(clock.offset).toBe(990);
    expect(clock.roundTrip).toBeNull();
    clock.measure(20, 20.4, 1010.3);
    clock.measure(30, 30.02, 1020.11);
    clock.measure(40, 41, 1030.9);
    expect(clock.offset).toBeCloseTo(990.1);
    expect(clock.roundTrip).toBeCloseTo(0.02);
  });
});
