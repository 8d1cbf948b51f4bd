/** A WebRTC connection to the office: offered, kept when the way is lost, made anew when there is no way. */

import { changeWay } from "./way";

export interface CallHooks {
  offer(sdp: string, generation: number): void;
  close(): void;
  state(state: "connecting" | "on" | "lost"): void;
  /** Whether the office can be asked now; while it cannot, everything waits for the next start or `redial`. */
  reachable(): boolean;
}

/** How long a new way for the same call may take before the call is made anew. */
const RESTART_MS = 3_000;
const GATHERING_MS = 3_000;
/** Time for an answer and a first connection; a browser itself would go on checking for much longer. */
const CONNECT_MS = 10_000;
const LONGEST_RETRY_MS = 15_000;
/** A crowd that calls again at once does not all call in the same moment. */
const JITTER_MS = 200;

export abstract class Call {
  protected connection: RTCPeerConnection | null = null;
  protected wanted = false;
  private generation = 0;
  private way: RTCConfiguration = {};
  private timer = 0;
  private failures = 0;
  private path = "";
  private enough: () => void = () => undefined;
  /** How many calls were made, this one included, and how many ways the office has answered in all. */
  calls = 0;
  ways = 0;
  /** Since when there is no connection, by `performance.now()`; null while there is. */
  private downSince: number | null = null;

  constructor(private readonly hooks: CallHooks) {}

  /** Lay the lines of a new connection, and put on them what is sent. */
  protected abstract lay(connection: RTCPeerConnection): Promise<void>;

  /** The offer as it goes out. */
  protected described(sdp: string): string {
    return sdp;
  }

  get state(): RTCPeerConnectionState | "none" {
    return this.connection?.connectionState ?? "none";
  }

  /** Whether something can flow at this moment. */
  get up(): boolean {
    return this.connection !== null && isUp(this.connection);
  }

  /** Milliseconds for which the connection has been tried without success; 0 while there is one or none is wanted. */
  get tryingMs(): number {
    return this.wanted && this.downSince !== null ? performance.now() - this.downSince : 0;
  }

  /** The office's sound has started again and knows of no call: all at once, but not in the same moment. */
  redial(): void {
    if (!this.wanted) return;
    this.hangUp();
    this.failures = 0;
    this.hooks.state("connecting");
    this.timer = window.setTimeout(() => void this.dial(), Math.random() * JITTER_MS);
  }

  /** The office's sound is down: nothing is tried until `redial`. */
  pause(): void {
    this.hangUp();
  }

  /** Fresh credentials of the relays, or other rules; a call that they concern goes on by a new way. */
  async useWay(way: RTCConfiguration): Promise<void> {
    this.way = way;
    const { connection } = this;
    if (connection !== null && (await changeWay(connection, way)) && this.connection === connection) await this.restart();
  }

  /** A new way for the same call, as after a change of the network. What does not connect soon is called anew. */
  async restart(): Promise<void> {
    const { connection } = this;
    if (!this.wanted || connection === null || !this.hooks.reachable()) return;
    if (connection.remoteDescription === null || this.path !== "direct") {
      await this.dial();
      return;
    }
    this.expect(connection, RESTART_MS);
    await this.offer(connection, { iceRestart: true });
  }

  /** How the office carries media. On the direct path it learns our address from the first checks; no offer waits for it. */
  usePath(path: string): void {
    this.path = path;
    if (path === "direct") this.enough();
  }

  stop(tell = true): void {
    this.wanted = false;
    this.hangUp();
    this.downSince = null;
    if (tell) this.hooks.close();
  }

  async answer(sdp: string, generation: number): Promise<void> {
    const { connection } = this;
    if (connection === null || generation !== this.generation || connection.signalingState !== "have-local-offer") return;
    try {
      await connection.setRemoteDescription({ type: "answer", sdp });
      this.ways += 1;
    } catch (fault) {
      console.warn("The office's answer does not fit:", fault);
      if (this.connection === connection) this.retry();
    }
  }

  /** The office could not take the call: try again later, not at once. */
  refused(): void {
    this.retry();
  }

  /** What WebRTC says of the call, and the office's own address in it. */
  async report(): Promise<{ stats: RTCStatsReport | null; remote: string; ice: string }> {
    const { connection } = this;
    return {
      stats: (await connection?.getStats()) ?? null,
      remote: connection?.remoteDescription?.sdp ?? "",
      ice: connection?.iceConnectionState ?? "none",
    };
  }

  /** Call from now on, whatever was before. */
  protected async begin(way: RTCConfiguration): Promise<void> {
    this.wanted = true;
    this.way = way;
    this.failures = 0;
    await this.dial();
  }

  private async dial(): Promise<void> {
    this.hangUp();
    this.calls += 1;
    this.downSince ??= performance.now();
    this.hooks.state("connecting");
    const connection = new RTCPeerConnection(this.way);
    this.connection = connection;
    connection.onconnectionstatechange = () => this.changed(connection);
    connection.oniceconnectionstatechange = () => this.wayChanged(connection);
    this.expect(connection, CONNECT_MS);
    await this.lay(connection);
    await this.offer(connection);
  }

  private async offer(connection: RTCPeerConnection, options: RTCOfferOptions = {}): Promise<void> {
    const generation = ++this.generation;
    try {
      const offer = await connection.createOffer(options);
      await connection.setLocalDescription({ type: "offer", sdp: this.described(offer.sdp ?? "") });
      if (this.path !== "direct") await this.gathered(connection);
    } catch (fault) {
      if (this.connection === connection) this.retry();
      console.warn("No call could be offered:", fault);
      return;
    }
    if (this.connection !== connection || this.generation !== generation) return;
    this.hooks.offer(connection.localDescription?.sdp ?? "", generation);
  }

  /** It has to be up by then, or the call is made anew. */
  private expect(connection: RTCPeerConnection, milliseconds: number): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => {
      if (this.connection === connection && !isUp(connection)) this.retry();
    }, milliseconds);
  }

  /** All candidates are in the description, or none are needed, or it took too long and what is there has to do. */
  private gathered(connection: RTCPeerConnection): Promise<void> {
    if (connection.iceGatheringState === "complete") return Promise.resolve();
    return new Promise((resolve) => {
      const timer = window.setTimeout(resolve, GATHERING_MS);
      this.enough = () => {
        window.clearTimeout(timer);
        resolve();
      };
      connection.onicegatheringstatechange = () => {
        if (connection.iceGatheringState === "complete") this.enough();
      };
    });
  }

  private changed(connection: RTCPeerConnection): void {
    if (this.connection !== connection) return;
    switch (connection.connectionState) {
      case "connected":
        window.clearTimeout(this.timer);
        this.failures = 0;
        this.downSince = null;
        this.hooks.state("on");
        break;
      case "failed":
      case "closed":
        this.retry();
        break;
      default:
    }
  }

  private wayChanged(connection: RTCPeerConnection): void {
    if (this.connection !== connection || connection.iceConnectionState !== "disconnected") return;
    this.downSince ??= performance.now();
    this.hooks.state("connecting");
    void this.restart();
  }

  private retry(): void {
    this.hangUp();
    if (!this.wanted) return;
    this.downSince ??= performance.now();
    this.hooks.state("lost");
    if (!this.hooks.reachable()) return;
    const wait = Math.min(LONGEST_RETRY_MS, 500 * 2 ** this.failures);
    this.failures += 1;
    this.timer = window.setTimeout(() => void this.dial(), wait);
  }

  private hangUp(): void {
    window.clearTimeout(this.timer);
    const { connection } = this;
    this.connection = null;
    if (connection === null) return;
    connection.ontrack = connection.onconnectionstatechange = connection.oniceconnectionstatechange = null;
    connection.close();
  }
}

function isUp(connection: RTCPeerConnection): boolean {
  const way = connection.iceConnectionState;
  return connection.connectionState === "connected" && (way === "connected" || way === "completed");
}
