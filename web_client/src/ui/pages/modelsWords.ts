/** What the page of models says, in words. Pure. */

import type { Engine, Models, Queue, Speech } from "../../net/models";

const ENGINES: Readonly<Record<string, string>> = {
  whisper: "Whisper",
  torch: "Whisper on torch",
  wyoming: "Wyoming server",
  pocketsphinx: "PocketSphinx",
};

/** An engine's name as people write it. */
export function engineName(name: string): string {
  return ENGINES[name] ?? name;
}

export type Tone = "good" | "plain" | "waiting" | "bad";

/** What an engine is doing now. */
export function engineUse(engine: Pick<Engine, "use" | "primary">): { words: string; tone: Tone } {
  switch (engine.use) {
    case "working":
      return engine.primary ? { words: "At work", tone: "good" } : { words: "Standing in", tone: "waiting" };
    case "loading":
      return { words: "Loading", tone: "waiting" };
    case "failed":
      return { words: "Failed, tried again", tone: "bad" };
    case "off":
      return { words: "Off", tone: "plain" };
    default:
      return { words: engine.primary ? "Ready" : "Ready to stand in", tone: "plain" };
  }
}

/** The one sentence under the title. */
export function headline(speech: Speech): string {
  const working = speech.engines.find((one) => one.use === "working");
  if (working === undefined) {
    return speech.engines.some((one) => one.use === "loading")
      ? "The recogniser is loading. What is said meanwhile is kept and written down after."
      : "No recogniser is at work. What is said is kept and written down when one is back.";
  }
  const best = speech.engines.find((one) => one.primary);
  if (!working.primary && best !== undefined) {
    return `${engineName(working.name)} stands in for ${engineName(best.name)}, which is tried again by itself.`;
  }
  const up = speech.processes.filter((one) => one.up).length;
  const where = up === 0 ? "" : ` in ${up === 1 ? "one process" : `${up} processes`}`;
  return `${engineName(working.name)}${modelName(working.model) === "" ? "" : ` (${modelName(working.model)})`} writes down what is said${where}.`;
}

/** The last part of a path, or the name as it is. */
export function modelName(model: string): string {
  return model.replaceAll("\\", "/").replace(/\/+$/, "").split("/").pop() ?? model;
}

/** Where something runs, for people. */
export function deviceName(device: string): string {
  if (device === "cpu") return "Processor";
  const card = /^cuda(?::(\d+))?$/.exec(device);
  return card === null ? device : `Graphics card${card[1] === undefined ? "" : ` ${card[1]}`}`;
}

/** "240 ms", "1.4 s"; a dash where nothing was measured. */
export function milliseconds(value: number | null): string {
  if (value === null) return "–";
  return value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(1)} s`;
}

/** "900 MB", "1.3 GB". */
export function megabytes(mb: number | null): string {
  if (mb === null) return "–";
  return mb < 1000 ? `${Math.round(mb)} MB` : `${(mb / 1000).toFixed(1)} GB`;
}

/** The same from bytes. */
export const bytes = (size: number): string => megabytes(size / 1e6);

/** Seconds of work per second of sound. */
export function factor(value: number | null): string {
  return value === null ? "–" : value < 0.095 ? value.toFixed(3) : value.toFixed(2);
}

/** What the factor means for people who talk. */
export function factorMeans(value: number | null): string {
  if (value === null) return "measured when people have spoken";
  if (value >= 1) return "too slow to keep up with one speaker";
  const speakers = Math.floor(1 / value);
  return speakers === 1 ? "keeps up with one speaker" : `one process keeps up with ${Math.min(speakers, 999)} who speak at once`;
}

/** How much is asked of the recogniser, of what it can do. */
export function loadWords(load: number): { words: string; tone: Tone } {
  const percent = `${Math.round(load * 100)} %`;
  if (load <= 0.7) return { words: `${percent}: at ease`, tone: "good" };
  if (load <= 1) return { words: `${percent}: busy`, tone: "waiting" };
  return { words: `${percent}: more than it can do, captions come less often`, tone: "bad" };
}

/** What waits, the most urgent first. */
export function waiting(queue: Queue): readonly { words: string; detail: string; count: number }[] {
  return [
    { words: "Finished utterances", detail: "come first", count: queue.final },
    { words: "Likely finished", detail: "worked out ahead, in the pause", count: queue.likely },
    { words: "Captions while people speak", detail: "newer ones replace older", count: queue.partial },
    { words: "Being recognised now", detail: "", count: queue.running },
    { words: "Kept on disk until handled", detail: "survive a crash", count: queue.on_disk },
  ];
}

const REASONS: Readonly<Record<string, string>> = {
  silence: "Too quiet or too short to hold a word",
  no_speech: "The recogniser itself heard no speech",
  compression: "Text that only repeats itself",
  loop: "A phrase said over and over",
  stale: "Words behind what was settled",
  phrase: "Phrases learnt from subtitles",
  unsure: "No word reached the least sureness",
};

/** What was not believed, the most frequent first; `share` is of the largest, for a bar. */
export function notBelieved(suppressed: Readonly<Record<string, number>>): readonly { reason: string; words: string; count: number; share: number }[] {
  const counted = Object.entries(suppressed).filter(([, count]) => count > 0);
  const most = Math.max(1, ...counted.map(([, count]) => count));
  return counted
    .sort(([a, first], [b, second]) => second - first || a.localeCompare(b))
    .map(([reason, count]) => ({ reason, words: REASONS[reason] ?? reason.replaceAll("_", " "), count, share: count / most }));
}

/** What is installed and not the one in use can be chosen by this. */
export function modelState(model: Models["installed"][number]): { words: string; tone: Tone } {
  if (model.in_use) return { words: "In use", tone: "good" };
  if (model.chosen) return { words: "From the next start", tone: "waiting" };
  return { words: "", tone: "plain" };
}

/** Takes the words of the editor apart, as the office will; says what it would refuse. */
export function glossaryTerms(written: string, mostTerms: number, mostCharacters: number): { terms: string[]; fault: string | null } {
  const terms: string[] = [];
  const known = new Set<string>();
  for (const line of written.split("\n")) {
    const term = line.split(/\s+/).filter((part) => part !== "").join(" ");
    const key = term.toLowerCase();
    if (term === "" || known.has(key)) continue;
    known.add(key);
    terms.push(term);
  }
  const long = terms.find((term) => [...term].length > mostCharacters);
  const mute = terms.find((term) => !/\p{L}/u.test(term));
  const fault =
    long !== undefined
      ? `“${long.slice(0, 30)}…” is too long: a term has at most ${mostCharacters} characters.`
      : mute !== undefined
        ? `“${mute}” holds no letter. Write it as it is spoken.`
        : terms.length > mostTerms
          ? `These are ${terms.length} terms, and ${mostTerms} are the most. Keep those that matter.`
          : null;
  return { terms, fault };
}
