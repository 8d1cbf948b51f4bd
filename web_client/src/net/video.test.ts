import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { VideoPeer } from "./video";

interface Line {
  mid: string;
  direction: string;
  codecs: unknown;
  limit: unknown;
  sent: unknown;
}

/** A connection that does what it is told. */
class Connection {
  static made: Connection[] = [];
  connectionState = "new";
  iceConnectionState = "new";
  signalingState = "stable";
  localDescription: { sdp: string } | null = null;
  remoteDescription: { sdp: string } | null = null;
  closed = false;
  readonly lines: Line[] = [];
  onconnectionstatechange: (() => void) | null = null;
  oniceconnectionstatechange: (() => void) | null = null;

  constructor() {
    Connection.made.push(this);
  }

  addTransceiver(kind: string, init: { direction: string; sendEncodings?: unknown[] }): unknown {
    const line: Line = { mid: String(this.lines.length), direction: `${kind} ${init.direction}`, codecs: null, limit: init.sendEncodings?.[0], sent: null };
    this.lines.push(line);
    return this.transceiver(line);
  }

  getTransceivers = (): unknown[] => this.lines.map((line) => this.transceiver(line));
  createOffer = async (): Promise<{ sdp: string }> => ({ sdp: "v=0" });
  close = (): void => void (this.closed = true);

  async setLocalDescription(description: { sdp: string }): Promise<void> {
    this.localDescription = description;
    this.signalingState = "have-local-offer";
  }

  async setRemoteDescription(description: { sdp: string }): Promise<void> {
    this.remoteDescription = description;
    this.connectionState = this.iceConnectionState = "connected";
    this.onconnectionstatechange?.();
  }

  private transceiver(line: Line): unknown {
    return {
      mid: line.mid,
      setCodecPreferences: (codecs: unknown) => void (line.codecs = codecs),
      sender: { replaceTrack: async (track: unknown) => void (line.sent = track) },
      receiver: { track: `track of ${line.mid}` },
    };
  }
}

const VP8 = { mimeType: "video/VP8" };
const screen = {} as MediaStreamTrack;
const offers: number[] = [];
const states: string[] = [];
let closes = 0;
let peer: VideoPeer;

const newest = (): Connection => Connection.made.at(-1)!;
const pass = (milliseconds: number): Promise<unknown> => vi.advanceTimersByTimeAsync(milliseconds);

async function connected(): Promise<Connection> {
  peer.want({});
  await pass(0);
  await peer.answer("v=0 answer", offers.at(-1)!);
  return newest();
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("window", globalThis);
  vi.stubGlobal("RTCPeerConnection", Connection);
  vi.stubGlobal("RTCRtpReceiver", { getCapabilities: () => ({ codecs: [{ mimeType: "video/H264" }, VP8] }) });
  Connection.made = [];
  offers.length = states.length = closes = 0;
  peer = new VideoPeer({
    offer: (_, generation) => void offers.push(generation),
    close: () => void (closes += 1),
    state: (state) => void states.push(state),
    reachable: () => true,
  });
  peer.usePath("direct");
});

afterEach(() => {
  peer.forgo();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("lays the lines that the office expects: camera and screen up, eight down, VP8 on all", async () => {
  const { lines } = await connected();
  expect(lines.map(({ direction }) => direction)).toEqual([...Array<string>(2).fill("video sendonly"), ...Array<string>(8).fill("video recvonly")]);
  expect(lines.every(({ codecs }) => JSON.stringify(codecs) === JSON.stringify([VP8]))).toBe(true);
  expect(lines[0]!.limit).toMatchObject({ maxBitrate: 150_000 });
  expect(lines[1]!.limit).toMatchObject({ maxBitrate: 1_500_000 });
  expect(states).toEqual(["connecting", "on"]);
});

it("what is shared goes on its line, in a connection that stands and in the next one", async () => {
  const first = await connected();
  await peer.use("screen", screen);
  expect(first.lines.map(({ sent }) => sent)).toEqual([null, screen, ...Array<null>(8).fill(null)]);
  peer.redial();
  await pass(200);
  expect([first.closed, Connection.made.length]).toEqual([true, 2]);
  expect(newest().lines[1]!.sent).toBe(screen);
  await peer.use("screen", null);
  expect(newest().lines[1]!.sent).toBeNull();
});

it("tells what comes on a line only while there is a connection", async () => {
  expect(peer.track("3")).toBeNull();
  await connected();
  expect(peer.track("3")).toBe("track of 3");
  expect(peer.track("")).toBeNull();
  peer.pause();
  expect(peer.track("3")).toBeNull();
});

it("connects once however often it is wanted, and says goodbye once", async () => {
  await connected();
  peer.want({});
  await pass(0);
  expect(Connection.made).toHaveLength(1);
  peer.forgo();
  peer.forgo();
  expect([newest().closed, closes]).toEqual([true, 1]);
  peer.redial();
  await pass(1_000);
  expect(Connection.made).toHaveLength(1);
});
