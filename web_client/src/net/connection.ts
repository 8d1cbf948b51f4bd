/** The room socket: opens, notices when it is lost, and comes back by itself. */

import { decodeServer, encodeClient } from "../protocol/codec";
import { ProtocolError } from "../protocol/check";
import { SUBPROTOCOL, type ClientFrame, type ServerFrame } from "../protocol/messages";
import { backoffSeconds } from "./backoff";

export type Link =
  | { kind: "idle" }
  | { kind: "connecting"; attempt: number }
  | { kind: "open" }
  | { kind: "waiting"; until: number; attempt: number; offline: boolean }
  | { kind: "closed"; code: number; reason: string };

/** The part of a WebSocket that is used here; tests bring their own. */
export interface Socket {
  binaryType: string;
  readyState: number;
  readonly bufferedAmount: number;
  onopen: (() => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  send(data: Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
}

export interface Surroundings {
  open(url: string, subprotocol: string): Socket;
  /** Milliseconds, monotonic. */
  now(): number;
  chance(): number;
  after(milliseconds: number, run: () => void): number;
  cancel(timer: number): void;
  /** Calls back when the machine's network comes (true) or goes (false); returns the undo. */
  onNetwork(run: (online: boolean) => void): () => void;
}

export interface ConnectionEvents {
  /** The socket is open: say hello. */
  opened(resume: boolean): void;
  received(frame: ServerFrame): void;
  changed(link: Link): void;
  /** A frame that could not be read, or a state that does not fit; the connection starts anew. */
  faulty(reason: string): void;
}

const PING_MS = 10_000;
const MISSED_PINGS = 2;
const OPEN = 1;
const STABLE_MS = 5_000;
/** Codes after which trying again is pointless: bad token, version, another tab, removed. */
const FINAL_CODES: ReadonlySet<number> = new Set([4001, 4002, 4006, 4007]);
const LOST = 4900;
const RESYNC = 4901;

export class Connection {
  private socket: Socket | null = null;
  private link: Link = { kind: "idle" };
  private attempt = 0;
  private openedAt = 0;
  private everOpen = false;
  private unanswered = 0;
  private pingTimer: number | null = null;
  private retryTimer: number | null = null;
  private readonly forgetNetwork: () => void;

  constructor(
    private readonly url: string,
    private readonly events: ConnectionEvents,
    private readonly around: Surroundings,
  ) {
    this.forgetNetwork = around.onNetwork((online) => this.networkChanged(online));
  }

  get state(): Link {
    return this.link;
  }

  start(): void {
    if (this.link.kind === "idle" || this.link.kind === "closed") this.connect();
  }

  /** Try now instead of at the end of the countdown. */
  retryNow(): void {
    if (this.link.kind === "waiting" || this.link.kind === "closed") this.connect();
  }

  /** Leave for good. */
  stop(): void {
    this.forgetNetwork();
    this.cancelTimers();
    this.drop(1000, "left");
    this.show({ kind: "idle" });
  }

  /** Throw away what is known and ask for a new snapshot by connecting again. */
  resync(reason: string): void {
    this.events.faulty(reason);
    this.lose(RESYNC, reason);
  }

  /** False when there is no open socket: the caller then keeps or forgets what it wanted to say. */
  send(frame: ClientFrame): boolean {
    if (this.socket === null || this.socket.readyState !== OPEN) return false;
    this.socket.send(encodeClient(frame));
    return true;
  }

  private connect(): void {
    this.cancelTimers();
    this.show({ kind: "connecting", attempt: this.attempt });
    const socket = this.around.open(this.url, SUBPROTOCOL);
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      if (this.socket !== socket) return;
      this.openedAt = this.around.now();
      this.unanswered = 0;
      this.show({ kind: "open" });
      this.events.opened(this.everOpen);
      this.everOpen = true;
      this.schedulePing();
    };
    socket.onmessage = (event) => {
      if (this.socket === socket) this.receive(event.data);
    };
    socket.onclose = (event) => {
      if (this.socket === socket) this.closed(event.code, event.reason);
    };
  }

  private receive(data: unknown): void {
    if (!(data instanceof ArrayBuffer)) {
      this.resync("The office sent text where bytes were expected.");
      return;
    }
    this.unanswered = 0;
    try {
      this.events.received(decodeServer(new Uint8Array(data)));
    } catch (fault) {
      if (fault instanceof ProtocolError && fault.code === "unknown") return;
      this.resync(fault instanceof Error ? fault.message : String(fault));
    }
  }

  private schedulePing(): void {
    this.pingTimer = this.around.after(PING_MS, () => {
      if (this.unanswered >= MISSED_PINGS) {
        this.lose(LOST, "The office does not answer.");
        return;
      }
      this.unanswered += 1;
      this.send({ t: "ping", at: this.around.now() / 1000 });
      this.schedulePing();
    });
  }

  private closed(code: number, reason: string): void {
    this.socket = null;
    this.cancelTimers();
    if (FINAL_CODES.has(code)) this.show({ kind: "closed", code, reason });
    else this.wait(false);
  }

  private lose(code: number, reason: string): void {
    this.cancelTimers();
    this.drop(code, reason);
    this.wait(false);
  }

  private wait(offline: boolean): void {
    if (this.openedAt > 0 && this.around.now() - this.openedAt > STABLE_MS) this.attempt = 0;
    this.openedAt = 0;
    const milliseconds = backoffSeconds(this.attempt, this.around.chance()) * 1000;
    this.attempt += 1;
    this.show({ kind: "waiting", until: this.around.now() + milliseconds, attempt: this.attempt, offline });
    this.retryTimer = this.around.after(milliseconds, () => this.connect());
  }

  private networkChanged(online: boolean): void {
    if (online && this.link.kind === "waiting") {
      this.attempt = 0;
      this.connect();
    } else if (!online && (this.link.kind === "open" || this.link.kind === "connecting")) {
      this.cancelTimers();
      this.drop(LOST, "offline");
      this.wait(true);
    }
  }

  private drop(code: number, reason: string): void {
    const socket = this.socket;
    this.socket = null;
    if (socket === null) return;
    socket.onopen = socket.onclose = socket.onmessage = null;
    socket.close(code, reason.slice(0, 100));
  }

  private cancelTimers(): void {
    for (const timer of [this.pingTimer, this.retryTimer]) if (timer !== null) this.around.cancel(timer);
    this.pingTimer = this.retryTimer = null;
  }

  private show(link: Link): void {
    this.link = link;
    this.events.changed(link);
  }
}

/** The browser's own socket, clock and network events. */
export function browserSurroundings(): Surroundings {
  return {
    open: (url, subprotocol) => new WebSocket(url, subprotocol) as Socket,
    now: () => performance.now(),
    chance: () => Math.random(),
    after: (milliseconds, run) => window.setTimeout(run, milliseconds),
    cancel: (timer) => window.clearTimeout(timer),
    onNetwork: (run) => {
      const online = (): void => run(true);
      const offline = (): void => run(false);
      window.addEventListener("online", online);
      window.addEventListener("offline", offline);
      return () => {
        window.removeEventListener("online", online);
        window.removeEventListener("offline", offline);
      };
    },
  };
}
