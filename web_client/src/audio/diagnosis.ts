/** "Sound problems?": from what is known of a call to what works, what does not, and what to do. Pure. */

import type { CallNumbers } from "../net/stats";

export interface Facts {
  /** The line to the office is open. */
  online: boolean;
  microphone: {
    listenOnly: boolean;
    /** Words for why there is none, or null. */
    fault: string | null;
    /** Its name, or null while there is none. */
    device: string | null;
    muted: boolean;
    /** The keys that unmute: "press M", "hold Space". */
    unmute: string;
    systemMuted: boolean;
    silent: boolean;
    /** Decibels, the loudest of the last seconds. */
    loudest: number;
  };
  office: { up: boolean; path: string; load: string } | null;
  call: {
    connected: boolean;
    /** Milliseconds for which it has been tried in vain. */
    tryingMs: number;
    ice: string;
    numbers: CallNumbers | null;
    /** Packets in the last seconds, or null before the second look. */
    sent: number | null;
    received: number | null;
    /** Where the office takes sound, from its answer. */
    officeAt: { address: string; port: number } | null;
    relays: number;
  };
  /** What the office says of this person, or null while it has not answered. */
  report: {
    connected: boolean;
    /** Packets since the look before, or null before the second. */
    packets: number | null;
    lostShare: number;
    level: number;
    delayMs: number;
  } | null;
  output: { blocked: boolean; volume: number; deaf: boolean; playing: boolean; name: string };
  /** Names of others nearby who are speaking. */
  speaking: readonly string[];
}

export type Verdict = "ok" | "problem" | "note" | "checking";

export interface Check {
  id: "microphone" | "signal" | "office" | "way" | "sent" | "received" | "speaker";
  title: string;
  verdict: Verdict;
  text: string;
  /** What to do about it. */
  remedy?: string;
  /** Something that can be done at once. */
  act?: "microphone" | "unmute" | "unlock" | "undeafen" | "volume";
}

/** Time for a first connection before its absence is a problem. */
const PATIENCE_MS = 4_000;
const LOSSY = 0.05;
const FAR_SECONDS = 0.3;
/** Behind this people begin to talk over each other. */
const LATE_MS = 400;

type Finding = Omit<Check, "id" | "title">;

const ok = (text: string): Finding => ({ verdict: "ok", text });
const note = (text: string, act?: Check["act"]): Finding => ({ verdict: "note", text, act });
const checking = (text: string): Finding => ({ verdict: "checking", text });
const problem = (text: string, remedy: string, act?: Check["act"]): Finding => ({ verdict: "problem", text, remedy, act });

/** Every check, in the way that sound takes. */
export function diagnose(facts: Facts): Check[] {
  return TABLE.map(({ id, title, look }) => ({ id, title, ...look(facts) }));
}

const TABLE: readonly { id: Check["id"]; title: string; look: (facts: Facts) => Finding }[] = [
  { id: "microphone", title: "Microphone", look: microphone },
  { id: "signal", title: "Your voice", look: signal },
  { id: "office", title: "The office's sound", look: office },
  { id: "way", title: "Way to the office", look: way },
  { id: "sent", title: "The office hears you", look: sent },
  { id: "received", title: "You hear the office", look: received },
  { id: "speaker", title: "Loudspeaker", look: speaker },
];

function microphone({ microphone: mic }: Facts): Finding {
  if (mic.device !== null) return ok(mic.device);
  if (mic.listenOnly) return note("Off: you only listen.", "microphone");
  const [text, remedy] = split(mic.fault ?? "The microphone is off. Turn it on to be heard.");
  return problem(text, remedy, "microphone");
}

function signal({ microphone: mic }: Facts): Finding {
  if (mic.device === null) return note("Nothing to measure without a microphone.");
  if (mic.systemMuted) {
    return problem("Your microphone is muted by the system.", "Unmute it in your system's sound settings or by the switch on the device.");
  }
  if (mic.silent) {
    return problem(
      "Not even noise comes from the microphone.",
      "Look for a mute switch on the device or the keyboard, raise its level in the system's sound settings, or choose another microphone below.",
    );
  }
  const loud = `The loudest just now: ${Math.round(mic.loudest)} dB.`;
  return mic.muted ? note(`You are muted: ${mic.unmute} to speak. ${loud}`, "unmute") : ok(loud);
}

function office({ online, office: state }: Facts): Finding {
  if (!online) return problem("This browser has no line to the office.", "Look at your network. The office is called again by itself.");
  if (state === null) return checking("Asking the office.");
  if (!state.up) return problem("The office's sound is restarting.", "Wait some seconds: the call comes back by itself.");
  if (state.load === "strained") {
    return note("The office's machine is busy: it leaves out the quietest voices so that the rest stays clear.");
  }
  return ok(state.load === "saving" ? "At work, saving effort: voices far away have less direction." : "At work.");
}

function way({ call, online, office: state }: Facts): Finding {
  const { pair } = call.numbers ?? { pair: null };
  if (call.connected && pair !== null) {
    const { roundTrip } = pair;
    const through = pair.local?.candidateType === "relay" ? "Through a relay" : "Direct";
    const text = `${through}, over ${(pair.local?.protocol ?? "udp").toUpperCase()}${roundTrip === null ? "" : `, ${Math.round(roundTrip * 1000)} ms there and back`}.`;
    if (roundTrip !== null && roundTrip > FAR_SECONDS) {
      return problem(text, "Answers come late. A cable instead of Wi-Fi, or a nearer network, helps.");
    }
    return ok(text);
  }
  if (!online || state?.up === false) return note("Not tried while the office's sound cannot be reached.");
  if (call.tryingMs < PATIENCE_MS) return checking("Looking for a way.");
  const { officeAt, relays } = call;
  if (officeAt === null) {
    return problem("The office has not answered the call.", "Press “Reconnect sound”. If that does not help, ask whoever runs the office to look at its log.");
  }
  const port = `UDP port ${officeAt.port} of ${officeAt.address}`;
  return problem(
    "No candidate pair: a firewall blocks UDP to this office.",
    relays > 0
      ? `Neither ${port} nor the relay can be reached. Ask whoever runs your network to open that port.`
      : `Try another network, or ask whoever runs the office to open ${port} or to set up TURN.`,
  );
}

function sent({ call, report, microphone: mic }: Facts): Finding {
  if (!call.connected) return note("Not before there is a way to the office.");
  if (mic.device === null) return note("You only listen.");
  if (call.sent === null || report === null || report.packets === null) return checking("Counting packets.");
  if (call.sent === 0) {
    return mic.muted
      ? note("You are muted, so nothing is sent.")
      : problem("The browser sends nothing.", "Press “Reconnect sound”, or choose another microphone.");
  }
  if (!report.connected || report.packets === 0) {
    return problem("You send, but nothing arrives at the office.", "Press “Reconnect sound”. If it stays so, a firewall lets only one direction through.");
  }
  if (report.lostShare > LOSSY) {
    return problem(
      `${Math.round(report.lostShare * 100)} % of what you send is lost on the way.`,
      "Your voice may break up. Move nearer to the Wi-Fi, use a cable, or stop large downloads.",
    );
  }
  if (report.delayMs > LATE_MS) {
    return problem(
      `Your voice is played ${Math.round(report.delayMs)} ms late.`,
      "Packets come very unevenly. Close what keeps this machine or its network busy, or use a cable.",
    );
  }
  const level = mic.muted ? "you are muted" : `at ${Math.round(report.level)} dB`;
  return ok(`It arrives, ${level}, played ${Math.round(report.delayMs)} ms later.`);
}

function received({ call, speaking, output }: Facts): Finding {
  if (!call.connected) return note("Not before there is a way to the office.");
  if (output.deaf) return note("You deafened yourself: you hear nobody.", "undeafen");
  if (call.received === null) return checking("Counting packets.");
  if (call.received > 0) {
    const { packetsLost, packetsReceived } = call.numbers ?? { packetsLost: 0, packetsReceived: 1 };
    const share = packetsLost / Math.max(1, packetsLost + packetsReceived);
    if (share > LOSSY) {
      return problem(
        `${Math.round(share * 100)} % of what the office sends is lost on the way.`,
        "Voices may break up. Move nearer to the Wi-Fi, use a cable, or stop large downloads.",
      );
    }
    return ok("Sound arrives.");
  }
  if (speaking.length === 0) return note("Nobody speaks near you now, so nothing is sent to you.");
  return problem(`${speaking[0]} speaks, but nothing arrives here.`, "Press “Reconnect sound”. If it stays so, a firewall lets only one direction through.");
}

function speaker({ output }: Facts): Finding {
  if (output.blocked) return problem("The browser waits for a click before it plays sound.", "Press “Hear the room”.", "unlock");
  if (output.volume === 0) return problem("The volume of the room is at zero.", "Turn it up.", "volume");
  const loud = `${output.name}, ${Math.round(output.volume * 100)} %.`;
  return output.playing ? ok(`${loud} Test it below.`) : note(`${loud} Nothing is played yet.`);
}

/** The words of a fault as what happened and what to do. */
function split(fault: string): [string, string] {
  const at = fault.indexOf(". ");
  return at < 0 ? [fault, "Turn it on in the dock."] : [fault.slice(0, at + 1), fault.slice(at + 2)];
}

/** One sentence for all of them. */
export function summary(checks: readonly Check[]): string {
  const problems = checks.filter(({ verdict }) => verdict === "problem").length;
  if (problems > 0) return problems === 1 ? "One problem was found." : `${problems} problems were found.`;
  if (checks.some(({ verdict }) => verdict === "checking")) return "Looking.";
  const notes = checks.filter(({ act }) => act !== undefined).length;
  return notes > 0 ? "Nothing is broken; see what is switched off." : "Everything works.";
}
