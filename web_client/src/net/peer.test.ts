import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Peer } from "./peer";

const OFFER = "v=0\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10\r\n";

/** A connection that does what it is told; the test plays the network. */
class Connection extends EventTarget {
  static made: Connection[] = [];
  connectionState = "new";
  iceConnectionState = "new";
  iceGatheringState = "gathering";
  signalingState = "stable";
  localDescription: { sdp: string } | null = null;
  remoteDescription: { sdp: string } | null = null;
  restarts = 0;
  closed = false;
  sent: unknown = null;
  stats = new Map<string, unknown>();
  onconnectionstatechange: (() => void) | null = null;
  oniceconnectionstatechange: (() => void) | null = null;
  onicegatheringstatechange: (() => void) | null = null;

  constructor(public configuration: RTCConfiguration) {
    super();
    Connection.made.push(this);
  }

  addTransceiver = (): unknown => ({ sender: { replaceTrack: async (track: unknown) => void (this.sent = track) } });
  getConfiguration = (): RTCConfiguration => this.configuration;
  setConfiguration = (configuration: RTCConfiguration): void => void (this.configuration = configuration);
  getStats = async (): Promise<Map<string, unknown>> => this.stats;
  close = (): void => void (this.closed = true);

  async createOffer(options: { iceRestart?: boolean }): Promise<{ sdp: string }> {
    if (options.iceRestart === true) this.restarts += 1;
    return { sdp: OFFER };
  }

  async setLocalDescription(description: { sdp: string }): Promise<void> {
    this.localDescription = description;
    this.signalingState = "have-local-offer";
  }

  async setRemoteDescription(description: { sdp: string }): Promise<void> {
    this.remoteDescription = description;
    this.signalingState = "stable";
  }

  is(state: string, ice = state): void {
    this.connectionState = state;
    this.iceConnectionState = ice;
    this.oniceconnectionstatechange?.();
    this.onconnectionstatechange?.();
  }
}

const track = {} as MediaStreamTrack;
const offers: { sdp: string; generation: number }[] = [];
const states: string[] = [];
let reachable = true;
let peer: Peer;

const newest = (): Connection => Connection.made.at(-1)!;
const pass = (milliseconds: number): Promise<unknown> => vi.advanceTimersByTimeAsync(milliseconds);

/** A call that stands. */
async function connected(): Promise<Connection> {
  peer.usePath("direct");
  await peer.start({ iceServers: [] }, track);
  await peer.answer("v=0 answer", offers.at(-1)!.generation);
  newest().is("connected");
  return newest();
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("window", globalThis);
  vi.stubGlobal("RTCPeerConnection", Connection);
  Connection.made = [];
  offers.length = states.length = 0;
  reachable = true;
  peer = new Peer({
    offer: (sdp, generation) => void offers.push({ sdp, generation }),
    close: () => undefined,
    heard: () => undefined,
    state: (state) => void states.push(state),
    reachable: () => reachable,
  });
});

afterEach(() => {
  peer.stop(false);
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("an offer", () => {
  it("goes out at once on the direct path, and asks for stereo", async () => {
    await connected();
    expect(offers).toHaveLength(1);
    expect(offers[0]!.sdp).toContain("stereo=1;sprop-stereo=1");
    expect(states).toEqual(["connecting", "on"]);
  });

  it("waits for the addresses of this browser on the stock path", async () => {
    peer.usePath("stock");
    const started = peer.start({ iceServers: [] }, track);
    await pass(100);
    expect(offers).toHaveLength(0);
    newest().iceGatheringState = "complete";
    newest().onicegatheringstatechange?.();
    await started;
    expect(offers).toHaveLength(1);
  });

  it("waits no longer once the office says that the path is direct", async () => {
    const started = peer.start({ iceServers: [] }, track);
    await pass(100);
    peer.usePath("direct");
    await started;
    expect(offers).toHaveLength(1);
  });
});

describe("another network", () => {
  it("gives the same call a new way", async () => {
    const call = await connected();
    await peer.restart();
    expect([call.restarts, offers.length, Connection.made.length]).toEqual([1, 2, 1]);
    await peer.answer("v=0 again", offers[1]!.generation);
    await pass(60_000);
    expect([Connection.made.length, call.closed]).toEqual([1, false]);
  });

  it("is noticed by the loss of the old way, and called anew when no way is found within three seconds", async () => {
    const call = await connected();
    call.is("disconnected");
    await pass(0);
    expect([call.restarts, offers.length]).toEqual([1, 2]);
    await pass(2_900);
    expect(call.closed).toBe(false);
    await pass(1_000);
    expect([call.closed, Connection.made.length]).toEqual([true, 2]);
  });

  it("waits for the office when that cannot be asked", async () => {
    const call = await connected();
    reachable = false;
    call.is("disconnected");
    await pass(30_000);
    expect(offers).toHaveLength(1);
    reachable = true;
    await peer.resume({ iceServers: [] }, track);
    expect([call.restarts, offers.length]).toEqual([1, 2]);
  });

  it("is a new call on the stock path, which knows no other way", async () => {
    const call = await connected();
    peer.usePath("stock");
    const restarted = peer.restart();
    await pass(3_100);
    await restarted;
    expect([call.closed, call.restarts, Connection.made.length]).toEqual([true, 0, 2]);
  });
});

it("a lost line to the office leaves a call that stands alone", async () => {
  const call = await connected();
  await peer.resume({ iceServers: [] }, track);
  await pass(60_000);
  expect([call.closed, offers.length, Connection.made.length]).toEqual([false, 1, 1]);
});

it("when the office's sound has started again everybody calls within 200 ms, and not before", async () => {
  const call = await connected();
  peer.pause();
  await pass(5_000);
  expect([call.closed, Connection.made.length]).toEqual([true, 1]);
  peer.redial();
  await pass(200);
  expect(Connection.made).toHaveLength(2);
});

it("fresh credentials reach a call that stands, and give it a new way when it goes through a relay", async () => {
  const call = await connected();
  const servers = [{ urls: "turn:relay.example:3478", username: "2", credential: "b" }];
  await peer.useWay({ iceServers: servers });
  expect(call.configuration.iceServers).toEqual(servers);
  expect(call.restarts).toBe(0);
  call.stats = new Map<string, unknown>([
    ["t", { type: "transport", selectedCandidatePairId: "p" }],
    ["p", { type: "candidate-pair", localCandidateId: "l", remoteCandidateId: "r" }],
    ["l", { candidateType: "relay", protocol: "udp" }],
  ]);
  await peer.useWay({ iceServers: servers });
  expect(call.restarts).toBe(1);
});

it("another microphone, or none, needs no other call", async () => {
  const call = await connected();
  const other = {} as MediaStreamTrack;
  await peer.use(other);
  expect(call.sent).toBe(other);
  await peer.use(null);
  expect([call.sent, offers.length]).toEqual([null, 1]);
});

it("a call that does not connect is made again, after longer and longer waits", async () => {
  peer.usePath("direct");
  await peer.start({ iceServers: [] }, track);
  await pass(10_000);
  expect(states.at(-1)).toBe("lost");
  await pass(500);
  expect(offers).toHaveLength(2);
  expect(peer.tryingMs).toBe(10_500);
  await pass(10_000 + 900);
  expect(offers).toHaveLength(2);
  await pass(200);
  expect(offers).toHaveLength(3);
});

it("an answer to an older offer is nothing", async () => {
  const call = await connected();
  await peer.restart();
  await peer.answer("v=0 late", offers[0]!.generation);
  expect(call.remoteDescription?.sdp).toBe("v=0 answer");
});
