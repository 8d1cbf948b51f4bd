/** The connection for pictures: one's camera and screen up, others' down, on lines that stay as they are. */

import { Call } from "./call";

export type VideoKind = "camera" | "screen";

/** What goes up at most; the office asks for no more and lets no more through. */
const ENCODINGS: Readonly<Record<VideoKind, RTCRtpEncodingParameters>> = {
  camera: { maxBitrate: 150_000, maxFramerate: 15 },
  screen: { maxBitrate: 1_500_000, maxFramerate: 10 },
};
/** Lines down: two for screens, then six for cameras. The office shows nobody more at once. */
const LINES_DOWN = 8;

export class VideoPeer extends Call {
  private readonly senders = new Map<VideoKind, RTCRtpSender>();
  private readonly tracks: Record<VideoKind, MediaStreamTrack | null> = { camera: null, screen: null };

  /** Have a connection from now on. */
  want(way: RTCConfiguration): void {
    if (!this.wanted) void this.begin(way);
  }

  /** Have none any more. */
  forgo(): void {
    if (this.wanted) this.stop();
  }

  /** A picture to send, or none. */
  async use(kind: VideoKind, track: MediaStreamTrack | null): Promise<void> {
    this.tracks[kind] = track;
    if (this.connection !== null) await this.senders.get(kind)?.replaceTrack(track);
  }

  /** What comes down on a line, by its name in our offer. */
  track(mid: string): MediaStreamTrack | null {
    return this.connection?.getTransceivers().find((line) => line.mid === mid)?.receiver.track ?? null;
  }

  protected override async lay(connection: RTCPeerConnection): Promise<void> {
    for (const kind of ["camera", "screen"] as const) {
      const line = connection.addTransceiver("video", { direction: "sendonly", sendEncodings: [ENCODINGS[kind]] });
      this.senders.set(kind, line.sender);
    }
    for (let line = 0; line < LINES_DOWN; line++) connection.addTransceiver("video", { direction: "recvonly" });
    // All other ways to encode, on ten lines, would make an offer longer than the office reads.
    const vp8 = RTCRtpReceiver.getCapabilities("video")?.codecs.filter(({ mimeType }) => mimeType.toLowerCase() === "video/vp8") ?? [];
    for (const line of connection.getTransceivers()) line.setCodecPreferences(vp8);
    await Promise.all([...this.senders].map(([kind, sender]) => sender.replaceTrack(this.tracks[kind])));
  }
}
