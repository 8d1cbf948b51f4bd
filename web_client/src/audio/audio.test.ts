import { describe, expect, it } from "vitest";

import { named, nameOf } from "./devices";
import { decibels, meter } from "./level";
import { wordsForFault } from "./microphone";
import { TalkingWhileMuted } from "./talking";

describe("levels", () => {
  it("are in decibels of full scale", () => {
    expect(decibels(new Float32Array([1, -1, 1, -1]))).toBeCloseTo(0);
    expect(decibels(new Float32Array(8).fill(0.1))).toBeCloseTo(-20);
    expect(decibels(new Float32Array(8))).toBe(-100);
  });

  it("fill the meter from -60 to 0", () => {
    expect([meter(-80), meter(-60), meter(-30), meter(0), meter(6)]).toEqual([0, 0, 0.5, 1, 1]);
  });
});

describe("talking while muted", () => {
  const talk = (watch: TalkingWhileMuted, muted: boolean, level: number, seconds: number): boolean[] =>
    Array.from({ length: Math.round(seconds / 0.05) }, () => watch.feed(muted, level, 0.05));

  it("is noticed after a good half second, and not again at once", () => {
    const watch = new TalkingWhileMuted();
    expect(talk(watch, true, 0.7, 0.5)).not.toContain(true);
    expect(talk(watch, true, 0.7, 0.5)).toContain(true);
    talk(watch, true, 0.7, 4);
    expect(talk(watch, true, 0.7, 3)).not.toContain(true);
  });

  it("is not said again after every word of somebody who holds a key to talk", () => {
    const watch = new TalkingWhileMuted();
    expect(talk(watch, true, 0.7, 1)).toContain(true);
    talk(watch, false, 0.7, 2);
    expect(talk(watch, true, 0.7, 3)).not.toContain(true);
    talk(watch, false, 0.7, 10);
    expect(talk(watch, true, 0.7, 1)).toContain(true);
  });

  it("is nothing when not muted or quiet", () => {
    const watch = new TalkingWhileMuted();
    expect(talk(watch, false, 0.9, 5)).not.toContain(true);
    expect(talk(watch, true, 0.2, 5)).not.toContain(true);
  });
});

describe("a refused microphone", () => {
  it.each(["NotAllowedError", "NotFoundError", "NotReadableError", ""])("%s says what to do", (name) => {
    expect(wordsForFault(name)).toMatch(/Try again/);
  });
});

describe("the list of devices", () => {
  const device = (deviceId: string, kind: MediaDeviceKind, label = ""): MediaDeviceInfo => ({ deviceId, kind, label, groupId: "" }) as MediaDeviceInfo;
  const found = named(
    [device("default", "audioinput", "Default - Headset"), device("a", "audioinput", "Headset"), device("b", "audioinput"), device("c", "audiooutput", "Box")],
    "audioinput",
    "Microphone",
  );

  it("has each device of its kind once, with a name", () => {
    expect(found).toEqual([{ id: "a", label: "Headset" }, { id: "b", label: "Microphone 2" }]);
  });

  it("names what is used", () => {
    expect([nameOf(found, "a"), nameOf(found, ""), nameOf(found, "gone")]).toEqual(["Headset", "System default", "System default"]);
  });
});
