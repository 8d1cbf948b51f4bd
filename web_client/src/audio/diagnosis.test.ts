import { describe, expect, it } from "vitest";

import { type Check, diagnose, type Facts, summary } from "./diagnosis";

/** Ana, heard and hearing. */
const WELL: Facts = {
  online: true,
  microphone: {
    listenOnly: false, fault: null, device: "Headset", muted: false, unmute: "press M", systemMuted: false, silent: false, loudest: -21.4,
  },
  office: { up: true, path: "direct", load: "normal" },
  call: {
    connected: true,
    tryingMs: 0,
    ice: "connected",
    numbers: {
      pair: { roundTrip: 0.012, local: { candidateType: "host", protocol: "udp" }, remote: { candidateType: "host", protocol: "udp" } },
      packetsSent: 500, packetsReceived: 480, packetsLost: 2, jitter: 0.003,
    },
    sent: 100,
    received: 100,
    officeAt: { address: "192.0.2.7", port: 40_000 },
    relays: 0,
  },
  report: { connected: true, packets: 99, lostShare: 0, level: -24, delayMs: 31 },
  output: { blocked: false, volume: 1, deaf: false, playing: true, name: "System default" },
  speaking: ["Bo"],
};

type Changes = { [K in keyof Facts]?: Facts[K] extends object | null ? Partial<NonNullable<Facts[K]>> | null : Facts[K] };

function facts(changes: Changes): Facts {
  const part = (name: keyof Facts): unknown => {
    const [usual, change] = [WELL[name], changes[name]];
    if (change === undefined) return usual;
    return typeof change === "object" && change !== null && !Array.isArray(change) ? { ...(usual as object), ...change } : change;
  };
  return Object.fromEntries(Object.keys(WELL).map((name) => [name, part(name as keyof Facts)])) as unknown as Facts;
}

function find(id: Check["id"], changes: Changes): Check {
  return diagnose(facts(changes)).find((check) => check.id === id)!;
}

const unconnected = { connected: false, numbers: null, tryingMs: 9_000, ice: "checking", sent: null, received: null };

describe("the diagnosis", () => {
  it("finds nothing where everything works", () => {
    const checks = diagnose(WELL);
    expect(checks.map(({ verdict }) => verdict)).toEqual(checks.map(() => "ok"));
    expect(summary(checks)).toBe("Everything works.");
  });

  it.each<[string, Check["id"], Changes, RegExp, RegExp | null]>([
    ["a refusal of the browser", "microphone", { microphone: { device: null, fault: "The browser does not let this page. Allow it." } }, /does not let/, /^Allow it/],
    ["no microphone yet", "microphone", { microphone: { device: null } }, /is off/, /Turn it on/],
    ["a system that mutes", "signal", { microphone: { systemMuted: true } }, /muted by the system/, /system's sound settings/],
    ["a switch on the device", "signal", { microphone: { silent: true } }, /Not even noise/, /switch/],
    ["no line", "office", { online: false }, /no line/, /network/],
    ["a restart", "office", { office: { up: false } }, /restarting/, /Wait/],
    ["a blocked port", "way", { call: unconnected }, /No candidate pair: a firewall blocks UDP/, /open UDP port 40000 of 192\.0\.2\.7 or to set up TURN/],
    ["a blocked port and relay", "way", { call: { ...unconnected, relays: 1 } }, /No candidate pair/, /nor the relay/],
    ["no answer", "way", { call: { ...unconnected, officeAt: null } }, /not answered/, /Reconnect sound/],
    ["a slow way", "way", { call: { numbers: { ...WELL.call.numbers!, pair: { ...WELL.call.numbers!.pair!, roundTrip: 0.8 } } } }, /800 ms/, /late/],
    ["a browser that sends nothing", "sent", { call: { sent: 0 } }, /sends nothing/, /Reconnect sound/],
    ["packets that do not arrive", "sent", { report: { packets: 0 } }, /nothing arrives/, /one direction/],
    ["loss on the way there", "sent", { report: { lostShare: 0.12 } }, /12 % of what you send/, /Wi-Fi/],
    ["a voice that comes late", "sent", { report: { delayMs: 620 } }, /620 ms late/, /unevenly/],
    ["voices that do not arrive", "received", { call: { received: 0 } }, /Bo speaks/, /one direction/],
    ["loss on the way back", "received", { call: { numbers: { ...WELL.call.numbers!, packetsLost: 120 } } }, /20 % of what the office/, /Wi-Fi/],
    ["a browser that wants a click", "speaker", { output: { blocked: true } }, /waits for a click/, /Hear the room/],
    ["a volume at zero", "speaker", { output: { volume: 0 } }, /at zero/, /Turn it up/],
  ])("says what is wrong and what to do: %s", (_, id, changes, text, remedy) => {
    const check = find(id, changes);
    expect(check.verdict).toBe("problem");
    expect(check.text).toMatch(text);
    expect(check.remedy).toMatch(remedy!);
  });

  it.each<[string, Check["id"], Changes, RegExp]>([
    ["only listening", "microphone", { microphone: { device: null, listenOnly: true } }, /only listen/],
    ["muted", "signal", { microphone: { muted: true, unmute: "hold Space" } }, /muted: hold Space/],
    ["muted and sending nothing", "sent", { microphone: { muted: true }, call: { sent: 0 } }, /muted/],
    ["deafened", "received", { output: { deaf: true }, call: { received: 0 } }, /deafened/],
    ["a quiet room", "received", { call: { received: 0 }, speaking: [] }, /Nobody speaks near you/],
    ["many voices", "office", { office: { load: "strained" } }, /quietest voices/],
  ])("does not call it broken: %s", (_, id, changes, text) => {
    const check = find(id, changes);
    expect(check.verdict).toBe("note");
    expect(check.text).toMatch(text);
    expect(check.remedy).toBeUndefined();
  });

  it("waits for the first seconds of a call and for a second look before it judges", () => {
    expect(find("way", { call: { ...unconnected, tryingMs: 500 } }).verdict).toBe("checking");
    expect(find("sent", { call: { sent: null } }).verdict).toBe("checking");
    expect(find("received", { call: { received: null } }).verdict).toBe("checking");
    expect(find("office", { office: null }).verdict).toBe("checking");
    expect(summary(diagnose(facts({ call: { sent: null } })))).toBe("Looking.");
  });

  it("says that a relay is used", () => {
    const relayed = { ...WELL.call.numbers!.pair!, local: { candidateType: "relay", protocol: "tls" } };
    expect(find("way", { call: { numbers: { ...WELL.call.numbers!, pair: relayed } } }).text).toBe("Through a relay, over TLS, 12 ms there and back.");
  });

  it("blames only the first broken part: what comes after it is not tried", () => {
    const checks = diagnose(facts({ call: unconnected, report: null }));
    expect(checks.filter(({ verdict }) => verdict === "problem").map(({ id }) => id)).toEqual(["way"]);
    expect(summary(checks)).toBe("One problem was found.");
  });
});
