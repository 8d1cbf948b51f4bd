/** This browser's sound: one microphone track up, one stereo track down, and back again after a loss. */

import { askForStereo } from "./sdp";

export interface PeerHooks {
  offer(sdp: string, generation: number): boolean;
  close(): void;
  /** The mixed sound of the room, as a plain remote track (browsers cancel its echo). */
  heard(stream: MediaStream): void;
  state(state: "connecting" | "on" | "lost"): void;
}

const LOSS_PATIENCE_MS = 3_000;
const GATHERING_MS = 3_000;
const ANSWER_MS = 10_000;
const LONGEST_RETRY_MS = 15_000;

export class Peer {
  private connection: RTCPeerConnection | null = null;
  private generation = 0;
  private iceServers: RTCIceServer[] = [];
  private track: MediaStreamTrack | null = null;
  private timer = 0;
  private failures = 0;
  private wanted = false;

  constructor(private readonly hooks: PeerHooks) {}

  get state(): RTCPeerConnectionState | "none" {
    return this.connection?.connectionState ?? "none";
  }

  /** Start, or start anew. Without a track it only listens. The list of servers is used as it is given. */
  async start(iceServers: RTCIceServer[], track: MediaStreamTrack | null): Promise<void> {
    this.wanted = true;
    this.iceServers = iceServers;
    this.track = track;
    await this.dial();
  }

  /** Another microphone: without a new call when one is sent already. */
  async use(track: MediaStreamTrack | null): Promise<void> {
    this.track = track;
    const sender = this.connection?.getTransceivers()[0]?.sender;
    if (!this.wanted || this.connection === null) return;
    if (track !== null && sender?.track) await sender.replaceTrack(track);
    else if ((sender?.track ?? null) !== track) await this.dial();
  }

  stop(tell = true): void {
    this.wanted = false;
    this.hangUp();
    if (tell) this.hooks.close();
  }

  async answer(sdp: string, generation: number): Promise<void> {
    if (this.connection === null || generation !== this.generation) return;
    window.clearTimeout(this.timer);
    await this.connection.setRemoteDescription({ type: "answer", sdp });
  }

  /** The office could not take the call: try again later, not at once. */
  refused(): void {
    this.retry();
  }

  /** The socket is gone: the office has let go of the call too. */
  interrupt(): void {
    this.hangUp();
  }

  /** Audio numbers of WebRTC, for the curious and for tests. */
  async stats(): Promise<Record<string, number | string>> {
    const found: Record<string, number | string> = { state: this.state };
    for (const report of (await this.connection?.getStats())?.values() ?? []) {
      const entry = report as Record<string, unknown>;
      if (entry["type"] !== "inbound-rtp" && entry["type"] !== "outbound-rtp") continue;
      for (const name of ["packetsReceived", "packetsLost", "packetsSent", "jitter", "bytesReceived", "bytesSent"]) {
        const value = entry[name];
        if (typeof value === "number") found[name] = value;
      }
    }
    return found;
  }

  private async dial(): Promise<void> {
    this.hangUp();
    const generation = ++this.generation;
    this.hooks.state("connecting");
    const connection = new RTCPeerConnection({ iceServers: this.iceServers });
    this.connection = connection;
    if (this.track === null) connection.addTransceiver("audio", { direction: "recvonly" });
    else connection.addTransceiver(this.track, { direction: "sendrecv" });
    connection.ontrack = (event) => this.hooks.heard(new MediaStream([event.track]));
    connection.onconnectionstatechange = () => this.changed(connection);
    try {
      const offer = await connection.createOffer();
      await connection.setLocalDescription({ type: "offer", sdp: askForStereo(offer.sdp ?? "") });
      await gathered(connection);
    } catch (fault) {
      if (this.connection === connection) this.retry();
      console.warn("No call could be offered:", fault);
      return;
    }
    if (this.connection !== connection) return;
    const sdp = connection.localDescription?.sdp ?? "";
    if (this.hooks.offer(sdp, generation)) this.timer = window.setTimeout(() => this.retry(), ANSWER_MS);
  }

  private changed(connection: RTCPeerConnection): void {
    if (this.connection !== connection) return;
    window.clearTimeout(this.timer);
    switch (connection.connectionState) {
      case "connected":
        this.failures = 0;
        this.hooks.state("on");
        break;
      case "disconnected":
        this.timer = window.setTimeout(() => this.retry(), LOSS_PATIENCE_MS);
        break;
      case "failed":
      case "closed":
        this.retry();
        break;
      default:
    }
  }

  private retry(): void {
    if (!this.wanted) return;
    this.hooks.state("lost");
    window.clearTimeout(this.timer);
    const wait = Math.min(LONGEST_RETRY_MS, 500 * 2 ** this.failures);
    this.failures += 1;
    this.timer = window.setTimeout(() => void this.dial(), wait);
  }

  private hangUp(): void {
    window.clearTimeout(this.timer);
    const connection = this.connection;
    this.connection = null;
    if (connection === null) return;
    connection.ontrack = connection.onconnectionstatechange = null;
    connection.close();
  }
}

/** All candidates are in the description, or it took too long and what is there has to do. */
function gathered(connection: RTCPeerConnection): Promise<void> {
  if (connection.iceGatheringState === "complete") return Promise.resolve();
  return new Promise((resolve) => {
    const timer = window.setTimeout(resolve, GATHERING_MS);
    connection.addEventListener("icegatheringstatechange", () => {
      if (connection.iceGatheringState !== "complete") return;
      window.clearTimeout(timer);
      resolve();
    });
  });
}
