import { describe, expect, it } from "vitest";

import type { ParticipantRecord } from "../protocol/records";
import { dueDay, elapsed, languageName, lasted, recognition, stateWords, sureness, urgency } from "./words";

const today = new Date(2026, 10, 25);

describe("words", () => {
  it("count minutes", () => {
    expect([0, 5, 724, 3729].map(elapsed)).toEqual(["0:00", "0:05", "12:04", "1:02:09"]);
  });

  it("name the recogniser, and for which it stands in", () => {
    const small = { name: "PocketSphinx", embedded: true };
    const states = [undefined, null, small, { ...small, stands_in_for: "" }, { ...small, stands_in_for: "Whisper" }, { ...small, ready: false }, { ...small, name: "loading" }];
    expect(states.map(recognition)).toEqual([
      "", "none at work", "PocketSphinx", "PocketSphinx", "PocketSphinx, standing in for Whisper", "PocketSphinx does not work", "being loaded",
    ]);
  });

  it("name languages", () => {
    expect(["de", "pt", "xx"].map(languageName)).toEqual(["German", "Portuguese", "xx"]);
  });

  it("tell how long something took", () => {
    expect([20, 1000, 3900].map(lasted)).toEqual(["under a minute", "17 min", "1 h 5 min"]);
  });

  it("name the day a task is due, whatever the zone of the reader", () => {
    expect(dueDay("2026-11-27", today)).toBe("Fri 27 Nov");
    expect(dueDay("2027-01-04", today)).toBe("Mon 4 Jan 2027");
  });

  it.each([
    ["2026-11-24", "open", "late"],
    ["2026-11-25", "open", "soon"],
    ["2026-11-27", "accepted", "soon"],
    ["2026-11-28", "open", "later"],
    ["2026-11-01", "done", "later"],
    ["2026-12-30", "overdue", "late"],
    [null, "open", "none"],
  ] as const)("due %s and %s is %s", (due, state, expected) => {
    expect(urgency({ due, state }, today)).toBe(expected);
  });

  it("say what somebody does, most telling first", () => {
    const person: ParticipantRecord = {
      id: "p", name: "Ana", kind: "human", look: [0, 0, 0, 0, 0], role: "member", seat: null, muted: true,
      listening_only: false, deaf: false, screen: false, camera: false, transcribed: true, status: "available", hand: false, state: "", present: true, zone: "floor",
    };
    expect(stateWords(person, false)).toBe("Muted");
    expect(stateWords({ ...person, hand: true }, true)).toBe("Hand raised");
    expect(stateWords({ ...person, present: false }, true)).toBe("Reconnecting");
    expect(stateWords({ ...person, kind: "avatar", state: "thinking" }, false)).toBe("Thinking");
  });

  it("say how sure the recogniser is", () => {
    expect([0.9, 0.7, 0.4].map(sureness)).toEqual(["sure", "fairly sure", "unsure"]);
  });
});
