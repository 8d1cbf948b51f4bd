import { describe, expect, it } from "vitest";

import { changeWay, isRelay, wayWith } from "./way";

const RELAY: RTCIceServer = { urls: ["turn:relay.example.org:3478?transport=udp", "turns:relay.example.org:443"], username: "1:a", credential: "b" };
const HELPER: RTCIceServer = { urls: "stun:relay.example.org" };

describe("the way of a call", () => {
  it("is any by which the office is reached", () => {
    expect(wayWith([RELAY], false)).toEqual({ iceServers: [RELAY], iceTransportPolicy: "all" });
  });

  it("is only a relay where that is wanted", () => {
    expect(wayWith([HELPER, RELAY], true)).toEqual({ iceServers: [HELPER, RELAY], iceTransportPolicy: "relay" });
  });

  it.each([[[]], [[HELPER]]])("is any, whatever is wanted, in an office without a relay", (servers) => {
    expect(wayWith(servers, true).iceTransportPolicy).toBe("all");
  });

  it("knows a relay by its address", () => {
    expect([RELAY, HELPER, { urls: "TURN:192.0.2.9" }].map(isRelay)).toEqual([true, false, true]);
  });
});

describe("a changed way", () => {
  it.each([
    ["fresh credentials, straight", "host", "all", "all", false],
    ["fresh credentials, through a relay", "relay", "all", "all", true],
    ["only relays from now on", "host", "all", "relay", true],
    ["no longer only relays", "relay", "relay", "all", true],
  ] as const)("%s", async (_, through, before, after, again) => {
    const { connection, given } = standing(through, before);
    const way = wayWith([RELAY], after === "relay");
    expect(await changeWay(connection, way)).toBe(again);
    expect(given).toEqual([way]);
  });
});

/** A connection that goes through a candidate of this type. */
function standing(candidateType: string, iceTransportPolicy: RTCIceTransportPolicy) {
  const given: (RTCConfiguration | undefined)[] = [];
  const stats = new Map<string, unknown>([
    ["t", { type: "transport", selectedCandidatePairId: "p" }],
    ["p", { type: "candidate-pair", localCandidateId: "l" }],
    ["l", { type: "local-candidate", candidateType, protocol: "udp" }],
  ]);
  const connection = {
    getConfiguration: () => ({ iceTransportPolicy }),
    setConfiguration: (way?: RTCConfiguration) => void given.push(way),
    getStats: () => Promise.resolve(stats),
  } as unknown as RTCPeerConnection;
  return { connection, given };
}
