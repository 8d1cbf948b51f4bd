import { encode } from "@msgpack/msgpack";
import { beforeEach, describe, expect, it } from "vitest";

import { decodeClient } from "../protocol/codec";
import { backoffSeconds } from "./backoff";
import { Connection, type Link, type Socket, type Surroundings } from "./connection";

class FakeSocket implements Socket {
  binaryType = "";
  readyState = 0;
  readonly bufferedAmount = 0;
  onopen: Socket["onopen"] = null;
  onclose: Socket["onclose"] = null;
  onmessage: Socket["onmessage"] = null;
  sent: string[] = [];
  closedWith: number | undefined;
  send(data: Uint8Array): void {
    this.sent.push(decodeClient(data).t);
  }
  close(code?: number): void {
    this.closedWith = code;
  }
  accept(): void {
    this.readyState = 1;
    this.onopen?.();
  }
}

/** A clock that is moved by hand. */
class World implements Surroundings {
  time = 0;
  sockets: FakeSocket[] = [];
  network: (online: boolean) => void = () => undefined;
  private timers = new Map<number, { at: number; run: () => void }>();
  private next = 1;
  now = (): number => this.time;
  chance = (): number => 0.5;
  open = (): Socket => {
    this.sockets.push(new FakeSocket());
    return this.socket;
  };
  after = (milliseconds: number, run: () => void): number => {
    this.timers.set(this.next, { at: this.time + milliseconds, run });
    return this.next++;
  };
  cancel = (timer: number): void => void this.timers.delete(timer);
  onNetwork = (run: (online: boolean) => void): (() => void) => {
    this.network = run;
    return () => undefined;
  };
  get socket(): FakeSocket {
    return this.sockets.at(-1)!;
  }
  pass(milliseconds: number): void {
    const end = this.time + milliseconds;
    for (;;) {
      const due = [...this.timers].filter(([, t]) => t.at <= end).sort((a, b) => a[1].at - b[1].at)[0];
      if (due === undefined) break;
      this.timers.delete(due[0]);
      this.time = due[1].at;
      due[1].run();
    }
    this.time = end;
  }
}

describe("the connection", () => {
  let world: World;
  let links: Link[];
  let faults: string[];
  let opened: boolean[];
  let connection: Connection;

  beforeEach(() => {
    world = new World();
    [links, faults, opened] = [[], [], []];
    connection = new Connection("ws://office/ws", {
      opened: (resume) => opened.push(resume),
      received: () => undefined,
      changed: (link) => links.push(link),
      faulty: (reason) => faults.push(reason),
    }, world);
    connection.start();
    world.socket.accept();
  });

  it("says hello, then hello again as a return", () => {
    world.socket.onclose?.({ code: 1006, reason: "" });
    expect(links.at(-1)).toMatchObject({ kind: "waiting", until: 750 });
    world.pass(750);
    world.socket.accept();
    expect(opened).toEqual([false, true]);
  });

  it("is lost after two unanswered pings", () => {
    world.pass(29_000);
    expect(connection.state.kind).toBe("open");
    world.pass(1_000);
    expect(world.sockets[0]?.sent).toEqual(["ping", "ping"]);
    expect(connection.state.kind).toBe("waiting");
  });

  it("stays while answers come", () => {
    const pong = Uint8Array.from([1, ...encode({ t: "pong", at: 1, server_time: 2 })]).buffer;
    for (let count = 0; count < 8; count += 1) {
      world.pass(10_000);
      world.socket.onmessage?.({ data: pong });
    }
    expect(connection.state.kind).toBe("open");
  });

  it.each([4001, 4002, 4006, 4007])("does not come back after %i", (code) => {
    world.socket.onclose?.({ code, reason: "no" });
    world.pass(60_000);
    expect(world.sockets).toHaveLength(1);
    expect(connection.state).toEqual({ kind: "closed", code, reason: "no" });
  });

  it("starts anew on a frame it cannot read, and ignores messages it does not know", () => {
    world.socket.onmessage?.({ data: Uint8Array.from([1, ...encode({ t: "tomorrow" })]).buffer });
    expect(faults).toEqual([]);
    world.socket.onmessage?.({ data: Uint8Array.from([7]).buffer });
    expect(faults).toHaveLength(1);
    expect(connection.state.kind).toBe("waiting");
  });

  it("waits while offline and returns at once with the network", () => {
    world.network(false);
    expect(connection.state).toMatchObject({ kind: "waiting", offline: true });
    world.network(true);
    expect(world.sockets).toHaveLength(2);
  });

  it("waits longer each time, up to fifteen seconds", () => {
    const waits = [0, 1, 2, 3, 4, 5, 9].map((attempt) => backoffSeconds(attempt, 1));
    expect(waits).toEqual([1, 2, 4, 8, 15, 15, 15]);
    expect(backoffSeconds(0, 0)).toBe(0.5);
  });
});
