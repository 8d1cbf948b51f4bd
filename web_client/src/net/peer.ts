/** This browser's sound: one microphone track up, one stereo track down. */

import { Call, type CallHooks } from "./call";
import { askForStereo } from "./sdp";

export interface PeerHooks extends CallHooks {
  /** The mixed sound of the room, as a plain remote track (browsers cancel its echo). */
  heard(stream: MediaStream): void;
}

export class Peer extends Call {
  private sender: RTCRtpSender | null = null;
  private track: MediaStreamTrack | null = null;
  private readonly heard: (stream: MediaStream) => void;

  constructor(hooks: PeerHooks) {
    super(hooks);
    this.heard = (stream) => hooks.heard(stream);
  }

  /** Start, or start anew. Without a track it only listens. */
  async start(way: RTCConfiguration, track: MediaStreamTrack | null): Promise<void> {
    this.track = track;
    await this.begin(way);
  }

  /** The office is back and still knows this person: a call that stands is kept, another gets a new way. */
  async resume(way: RTCConfiguration, track: MediaStreamTrack | null): Promise<void> {
    if (this.connection === null || !this.wanted) {
      await this.start(way, track);
      return;
    }
    await this.useWay(way);
    await this.use(track);
    if (!this.up) await this.restart();
  }

  /** Another microphone, or none, in the same call. */
  async use(track: MediaStreamTrack | null): Promise<void> {
    this.track = track;
    if (this.connection !== null) await this.sender?.replaceTrack(track);
  }

  protected override described(sdp: string): string {
    return askForStereo(sdp);
  }

  protected override async lay(connection: RTCPeerConnection): Promise<void> {
    connection.ontrack = (event) => this.heard(new MediaStream([event.track]));
    // Both ways even without a microphone: one can be put in later without another call.
    this.sender = connection.addTransceiver("audio", { direction: "sendrecv" }).sender;
    await this.sender.replaceTrack(this.track);
  }
}
