/** The numbers of WebRTC that say how a call goes. Pure. */

/** What `getStats` gives, read only. */
export type Stats = ReadonlyMap<string, unknown> | RTCStatsReport;

export interface Candidate {
  candidateType: string;
  protocol: string;
}

export interface CandidatePair {
  /** Seconds there and back, or null before the first measurement. */
  roundTrip: number | null;
  local: Candidate | null;
  remote: Candidate | null;
}

export interface CallNumbers {
  pair: CandidatePair | null;
  packetsSent: number;
  packetsReceived: number;
  packetsLost: number;
  /** Seconds by which packets come unevenly. */
  jitter: number;
}

type Entry = Readonly<Record<string, unknown>>;

/** The pair of addresses that sound goes between, or null while there is none. */
export function selectedPair(stats: Stats): CandidatePair | null {
  const all = entries(stats);
  const chosen = all.find((entry) => entry["type"] === "transport")?.["selectedCandidatePairId"];
  const pair =
    chosen === undefined
      ? all.find((entry) => entry["type"] === "candidate-pair" && entry["state"] === "succeeded" && entry["nominated"] === true)
      : find(stats, chosen);
  if (pair === undefined) return null;
  const roundTrip = pair["currentRoundTripTime"];
  return {
    roundTrip: typeof roundTrip === "number" ? roundTrip : null,
    local: candidate(find(stats, pair["localCandidateId"])),
    remote: candidate(find(stats, pair["remoteCandidateId"])),
  };
}

export function callNumbers(stats: Stats): CallNumbers {
  const numbers: CallNumbers = { pair: selectedPair(stats), packetsSent: 0, packetsReceived: 0, packetsLost: 0, jitter: 0 };
  for (const entry of entries(stats)) {
    if (entry["type"] === "outbound-rtp") numbers.packetsSent += number(entry["packetsSent"]);
    if (entry["type"] !== "inbound-rtp") continue;
    numbers.packetsReceived += number(entry["packetsReceived"]);
    numbers.packetsLost += number(entry["packetsLost"]);
    numbers.jitter = Math.max(numbers.jitter, number(entry["jitter"]));
  }
  return numbers;
}

/** Address and port of the office in its answer: what a firewall has to let through. */
export function officeAddress(sdp: string): { address: string; port: number } | null {
  const found = /^a=candidate:\S+ \d+ udp \d+ (\S+) (\d+) typ /im.exec(sdp);
  return found === null ? null : { address: found[1]!, port: Number(found[2]) };
}

const entries = (stats: Stats): Entry[] => [...stats.values()] as Entry[];
const find = (stats: Stats, id: unknown): Entry | undefined => stats.get(String(id)) as Entry | undefined;
const number = (value: unknown): number => (typeof value === "number" ? value : 0);

function candidate(entry: Entry | undefined): Candidate | null {
  if (entry === undefined) return null;
  return { candidateType: String(entry["candidateType"]), protocol: String(entry["relayProtocol"] ?? entry["protocol"]) };
}
