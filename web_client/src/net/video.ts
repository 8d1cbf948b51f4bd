/** The connection for pictures: one's camera and screen up, others' down, on lines that stay as they are. */

import { changeWay } from "./way";

export type VideoKind = "camera" | "screen";

export interface VideoHooks {
  offer(sdp: string, generation: number): void;
  close(): void;
  /** The connection stands, or no longer. */
  changed(): void;
  /** Whether the office can be asked now; while it cannot, everything waits for `want`. */
  reachable(): boolean;
}

/** What goes up at most; the office asks for no more and lets no more through. */
const ENCODINGS: Readonly<Record<VideoKind, RTCRtpEncodingParameters>> = {
  camera: { maxBitrate: 150_000, maxFramerate: 15 },
  screen: { maxBitrate: 1_500_000, maxFramerate: 10 },
};
/** Lines down: two for screens, then six for cameras. The office shows nobody more at once. */
const LINES_DOWN = 8;
const RESTART_MS = 3_000;
const CONNECT_MS = 10_000;
const LONGEST_RETRY_MS = 15_000;
const JITTER_MS = 200;

export class VideoPeer {
  private connection: RTCPeerConnection | null = null;
  private readonly senders = new Map<VideoKind, RTCRtpSender>();
  private readonly tracks: Record<VideoKind, MediaStreamTrack | null> = { camera: null, screen: null };
  private way: RTCConfiguration = {};
  private generation = 0;
  private timer = 0;
  private failures = 0;
  private wanted = false;

  constructor(private readonly hooks: VideoHooks) {}

  get up(): boolean {
    return this.connection?.connectionState === "connected";
  }

  /** Have a connection from now on. */
  want(): void {
    if (this.wanted) return;
    this.wanted = true;
    this.failures = 0;
    void this.dial();
  }

  /** Fresh credentials of the relays, or other rules; a connection that they concern goes on by a new way. */
  async useWay(way: RTCConfiguration): Promise<void> {
    this.way = way;
    const { connection } = this;
    if (connection !== null && (await changeWay(connection, way)) && this.connection === connection) await this.restart();
  }

  /** The office knows of no connection: all dial again at once, but not in the same moment. */
  redial(): void {
    if (!this.wanted) return;
    this.hangUp();
    this.failures = 0;
    this.timer = window.setTimeout(() => void this.dial(), Math.random() * JITTER_MS);
  }

  /** The office cannot answer: nothing is tried until `redial`. */
  pause(): void {
    this.hangUp();
  }

  stop(tell = true): void {
    if (!this.wanted) return;
    this.wanted = false;
    this.hangUp();
    if (tell) this.hooks.close();
  }

  /** A picture to send, or none. */
  async use(kind: VideoKind, track: MediaStreamTrack | null): Promise<void> {
    this.tracks[kind] = track;
    await this.senders.get(kind)?.replaceTrack(track);
  }

  /** What comes down on a line, by its name in our offer. */
  track(mid: string): MediaStreamTrack | null {
    return this.connection?.getTransceivers().find((line) => line.mid === mid)?.receiver.track ?? null;
  }

  async answer(sdp: string, generation: number): Promise<void> {
    const { connection } = this;
    if (connection === null || generation !== this.generation || connection.signalingState !== "have-local-offer") return;
    try {
      await connection.setRemoteDescription({ type: "answer", sdp });
    } catch (fault) {
      console.warn("The office's answer for pictures does not fit:", fault);
      if (this.connection === connection) this.retry();
    }
  }

  /** The office could not take the offer: try again later, not at once. */
  refused(): void {
    if (this.connection !== null) this.retry();
  }

  /** Another way for the same connection, as after a change of the network. */
  async restart(): Promise<void> {
    const { connection } = this;
    if (!this.wanted || connection === null || !this.hooks.reachable()) return;
    if (connection.remoteDescription === null) {
      await this.dial();
      return;
    }
    this.expect(connection, RESTART_MS);
    await this.offer(connection, { iceRestart: true });
  }

  /** Bytes and pictures of each line, for tests and the curious. */
  async stats(): Promise<RTCStatsReport | null> {
    return (await this.connection?.getStats()) ?? null;
  }

  private async dial(): Promise<void> {
    this.hangUp();
    const connection = new RTCPeerConnection(this.way);
    this.connection = connection;
    for (const kind of ["camera", "screen"] as const) {
      const line = connection.addTransceiver("video", { direction: "sendonly", sendEncodings: [ENCODINGS[kind]] });
      this.senders.set(kind, line.sender);
    }
    for (let line = 0; line < LINES_DOWN; line++) connection.addTransceiver("video", { direction: "recvonly" });
    // All other ways to encode, on ten lines, would make an offer longer than the office reads.
    const vp8 = RTCRtpReceiver.getCapabilities("video")?.codecs.filter(({ mimeType }) => mimeType.toLowerCase() === "video/vp8") ?? [];
    for (const line of connection.getTransceivers()) line.setCodecPreferences(vp8);
    connection.onconnectionstatechange = () => this.changed(connection);
    connection.oniceconnectionstatechange = () => {
      if (this.connection === connection && connection.iceConnectionState === "disconnected") void this.restart();
    };
    this.expect(connection, CONNECT_MS);
    await Promise.all([...this.senders].map(([kind, sender]) => sender.replaceTrack(this.tracks[kind])));
    await this.offer(connection);
  }

  private async offer(connection: RTCPeerConnection, options: RTCOfferOptions = {}): Promise<void> {
    const generation = ++this.generation;
    try {
      // The office learns where we are from our first checks: no offer waits for addresses.
      await connection.setLocalDescription(await connection.createOffer(options));
    } catch (fault) {
      if (this.connection === connection) this.retry();
      console.warn("No connection for pictures could be offered:", fault);
      return;
    }
    if (this.connection !== connection || this.generation !== generation) return;
    this.hooks.offer(connection.localDescription?.sdp ?? "", generation);
  }

  private expect(connection: RTCPeerConnection, milliseconds: number): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => {
      if (this.connection === connection && !isUp(connection)) this.retry();
    }, milliseconds);
  }

  private changed(connection: RTCPeerConnection): void {
    if (this.connection !== connection) return;
    if (connection.connectionState === "connected") {
      window.clearTimeout(this.timer);
      this.failures = 0;
    } else if (connection.connectionState === "failed") {
      this.retry();
    }
    this.hooks.changed();
  }

  private retry(): void {
    this.hangUp();
    if (!this.wanted || !this.hooks.reachable()) return;
    const wait = Math.min(LONGEST_RETRY_MS, 500 * 2 ** this.failures);
    this.failures += 1;
    this.timer = window.setTimeout(() => void this.dial(), wait);
  }

  private hangUp(): void {
    window.clearTimeout(this.timer);
    const { connection } = this;
    this.connection = null;
    this.senders.clear();
    if (connection === null) return;
    connection.onconnectionstatechange = connection.oniceconnectionstatechange = null;
    connection.close();
    this.hooks.changed();
  }
}

function isUp(connection: RTCPeerConnection): boolean {
  const way = connection.iceConnectionState;
  return connection.connectionState === "connected" && (way === "connected" || way === "completed");
}
