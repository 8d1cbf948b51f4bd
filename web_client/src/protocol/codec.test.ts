import { encode } from "@msgpack/msgpack";
import { describe, expect, it } from "vitest";

import { byteToYaw, decodeServer, yawToByte } from "./codec";

const message = (fields: unknown): Uint8Array => Uint8Array.from([1, ...encode(fields)]);

describe("a frame that is wrong", () => {
  it.each([
    ["empty", new Uint8Array(), /empty/],
    ["of an unknown kind", Uint8Array.from([9, 1]), /kind 9/],
    ["not msgpack", Uint8Array.from([1, 0xc1]), /not msgpack/],
    ["without a name", message({ text: "hi" }), /no name/],
    ["a list", message([1]), /message should be a map but is a list/],
    ["with an unknown name", message({ t: "toString" }), /toString are unknown/],
    ["without a field", message({ t: "reaction", slot: 1 }), /reaction\.emoji is missing/],
    ["with a wrong field", message({ t: "reaction", slot: "1", emoji: "x" }), /reaction\.slot should be a whole number/],
    ["with too few poses", Uint8Array.from([2, 0, 0, 0, 0, 1, 0, 1]), /7 bytes instead of 14/],
    ["with too many levels", Uint8Array.from([3, 0, 0, 1, 2, 3]), /5 bytes instead of 2/],
  ])("%s says so", (_name, bytes, words) => {
    expect(() => decodeServer(bytes)).toThrow(words);
  });

  it("names the record and field that does not fit", () => {
    const bytes = message({ t: "snapshot", tick: 1, participants: {}, doors: { a: { open: 3 } }, cards: {}, meetings: {} });
    expect(() => decodeServer(bytes)).toThrow("snapshot.doors.a.open should be true or false but is number.");
  });
});

describe("a direction", () => {
  it("survives the wire within half a step", () => {
    for (let yaw = -7; yaw < 7; yaw += 0.1) {
      const turned = byteToYaw(yawToByte(yaw)) - yaw;
      expect(Math.abs(Math.atan2(Math.sin(turned), Math.cos(turned)))).toBeLessThanOrEqual(Math.PI / 256 + 1e-9);
    }
  });
});
