import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { decodeClient, decodeServer, encodeClient, yawToByte } from "./codec";
import { clientMessages, serverMessages, type ClientFrame } from "./messages";

interface Vector {
  name: string;
  direction: "browser" | "server";
  hex: string;
  message: Record<string, unknown>;
}

const folder = join(import.meta.dirname, "../../../tests/vectors");
const vectors = readdirSync(folder)
  .filter((file) => file.endsWith(".json"))
  .flatMap((file) => JSON.parse(readFileSync(join(folder, file), "utf8")) as Vector[]);

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** Poses and levels stand in the vectors as the integers of the wire. */
function asWire(frame: ReturnType<typeof decodeServer>): unknown {
  if (frame.t === "poses") {
    const poses = frame.poses.map((p) => [p.slot, Math.round(p.x * 100), Math.round(p.z * 100), yawToByte(p.yaw), p.motion]);
    return { tick: frame.tick, poses };
  }
  if (frame.t === "levels") return { levels: frame.levels.map((l) => [l.slot, Math.round(l.level * 255)]) };
  return frame;
}

describe("the golden bytes", () => {
  it("are there for every message of both sides", () => {
    const named = (direction: string): string[] => vectors.filter((v) => v.direction === direction).map((v) => v.name);
    expect(new Set(named("browser"))).toEqual(new Set([...Object.keys(clientMessages), "move"]));
    expect(new Set(named("server"))).toEqual(new Set([...Object.keys(serverMessages), "poses", "levels"]));
  });

  for (const vector of vectors.filter((v) => v.direction === "server")) {
    it(`of ${vector.name} from the server are read`, () => {
      expect(asWire(decodeServer(bytesOf(vector.hex)))).toEqual(vector.message);
    });
  }

  for (const vector of vectors.filter((v) => v.direction === "browser")) {
    it(`of ${vector.name} from the browser are written and read`, () => {
      expect(hexOf(encodeClient(vector.message as unknown as ClientFrame))).toBe(vector.hex);
      expect(decodeClient(bytesOf(vector.hex))).toEqual(vector.message);
    });
  }
});
