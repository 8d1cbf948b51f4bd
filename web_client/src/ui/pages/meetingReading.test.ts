import { describe, expect, it } from "vitest";

import { readingWords } from "./meetingReading";

describe("what is said of the reading of a meeting", () => {
  it("is why it was not read, and what does it", () => {
    expect(readingWords({ reading: "failed", reading_note: "the models did not answer in 6 tries" })).toBe(
      "This meeting was not read for what nobody noted: the models did not answer in 6 tries. Look for more does it.",
    );
  });

  it("is that it goes on, or what is missing", () => {
    expect(readingWords({ reading: "waiting", reading_note: null })).toContain("is being read");
    expect(readingWords({ reading: "done", reading_note: "It was read before its last words were recognised." })).toBe(
      "It was read before its last words were recognised. Look for more reads all of it.",
    );
  });

  it("is nothing where all was read, or the meeting goes on", () => {
    expect(readingWords({ reading: "done", reading_note: null })).toBeNull();
    expect(readingWords({ reading: null, reading_note: null })).toBeNull();
  });
});
