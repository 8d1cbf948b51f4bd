import { describe, expect, it } from "vitest";

import { DEFAULTS, readSettings } from "./settings";

describe("kept settings", () => {
  it("stand over the defaults", () => {
    const kept = { name: "Ana", look: [5, 4, 3, 2, 1], theme: "dark", joinMuted: true };
    expect(readSettings(JSON.stringify(kept))).toEqual({ ...DEFAULTS, ...kept });
  });

  it.each([null, "", "{", "null", "[]", '{"name": 3, "look": [9, 0, 0, 0, 0], "coached": "yes", "unknown": 1}'])(
    "fall back when they are %s",
    (stored) => {
      expect(readSettings(stored)).toEqual(DEFAULTS);
    },
  );
});
