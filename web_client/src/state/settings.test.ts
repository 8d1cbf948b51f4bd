import { describe, expect, it } from "vitest";

import { DEFAULTS, readSettings, withVolume } from "./settings";

describe("kept settings", () => {
  it("stand over the defaults", () => {
    const kept = { name: "Ana", look: [5, 4, 3, 2, 1], theme: "dark", joinMuted: true };
    expect(readSettings(JSON.stringify(kept))).toEqual({ ...DEFAULTS, ...kept });
  });

  it.each([null, "", "{", "null", "[]", '{"name": 3, "look": [9, 0, 0, 0, 0], "coached": "yes", "unknown": 1}', '{"roomVolume": 7, "volumes": {"ana": 3}}', '{"volumes": [1]}'])(
    "fall back when they are %s",
    (stored) => {
      expect(readSettings(stored)).toEqual(DEFAULTS);
    },
  );

  it("hold how loud each person is heard", () => {
    expect(readSettings('{"volumes": {"ana": 0.5}, "roomVolume": 0.4}')).toMatchObject({ volumes: { ana: 0.5 }, roomVolume: 0.4 });
  });
});

describe("the volume of a person", () => {
  it("is kept from 0 to 2, and forgotten when it is the usual one", () => {
    const loud = withVolume({}, "ana", 5);
    expect(loud).toEqual({ ana: 2 });
    expect(withVolume(withVolume(loud, "bo", 0), "ana", 1)).toEqual({ bo: 0 });
  });

  it("is kept of so many people only, the latest ones", () => {
    const many = Array.from({ length: 300 }, (_, n) => `p${n}`).reduce((kept, id) => withVolume(kept, id, 0.5), {});
    expect(Object.keys(many)).toHaveLength(200);
    expect(many).toHaveProperty("p299");
    expect(many).not.toHaveProperty("p99");
  });
});
