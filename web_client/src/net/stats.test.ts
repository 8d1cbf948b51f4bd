import { describe, expect, it } from "vitest";

import { callNumbers, officeAddress, selectedPair } from "./stats";

const stats = (...entries: { id: string; [name: string]: unknown }[]): Map<string, unknown> => new Map(entries.map((entry) => [entry.id, entry]));

const HERE = { id: "here", candidateType: "relay", protocol: "udp", relayProtocol: "tls" };
const THERE = { id: "there", candidateType: "host", protocol: "udp" };
const PAIR = { id: "pair", type: "candidate-pair", localCandidateId: "here", remoteCandidateId: "there", currentRoundTripTime: 0.02 };

describe("the way that is used", () => {
  const expected = { roundTrip: 0.02, local: { candidateType: "relay", protocol: "tls" }, remote: { candidateType: "host", protocol: "udp" } };

  it("is the one the transport names, or the nominated one where no transport does", () => {
    const transport = { id: "t", type: "transport", selectedCandidatePairId: "pair" };
    expect(selectedPair(stats(transport, PAIR, HERE, THERE))).toEqual(expected);
    expect(selectedPair(stats({ ...PAIR, state: "succeeded", nominated: true }, HERE, THERE))).toEqual(expected);
  });

  it("is none before one has answered", () => {
    expect(selectedPair(stats({ ...PAIR, state: "in-progress" }, { id: "t", type: "transport" }))).toBeNull();
  });
});

it("packets are counted in both directions", () => {
  const numbers = callNumbers(
    stats(
      { id: "out", type: "outbound-rtp", packetsSent: 10 },
      { id: "in", type: "inbound-rtp", packetsReceived: 8, packetsLost: 1, jitter: 0.004 },
    ),
  );
  expect(numbers).toEqual({ pair: null, packetsSent: 10, packetsReceived: 8, packetsLost: 1, jitter: 0.004 });
});

it("the office's address stands in its answer", () => {
  expect(officeAddress("v=0\r\na=candidate:1 1 udp 2130706431 192.0.2.7 40000 typ host\r\n")).toEqual({ address: "192.0.2.7", port: 40_000 });
  expect(officeAddress("v=0\r\n")).toBeNull();
});
