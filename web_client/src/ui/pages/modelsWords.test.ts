import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { Engine, Speech } from "../../net/models";
import {
  bytes, deviceName, engineUse, factor, factorMeans, glossaryTerms, headline, loadWords, megabytes, milliseconds, modelName, modelState, notBelieved, waiting,
} from "./modelsWords";

const whisper: Engine = {
  name: "whisper", label: "", use: "working", primary: true, model: "data/models/small.en", version: "1.2.1", revision: "", licence: "MIT", device: "cpu", compute: "int8", memory_mb: 900, why: "",
};
const sphinx: Engine = { ...whisper, name: "pocketsphinx", use: "ready", primary: false, model: "en-us" };
const process = { index: 0, pid: 7, up: true, engine: "whisper", device: "cpu", memory_mb: null, restarts: 0, up_since: null, real_time_factor: null };
const queue = { final: 1, likely: 2, partial: 3, running: 4, oldest_seconds: 0, load: 0, cadence_seconds: null, hurry: false, dropped: {}, on_disk: 5, lost: 0 };
const speech: Speech = {
  engines: [whisper, sphinx],
  processes: [process],
  speed: { real_time_factor: null, wait_p50_ms: null, wait_p99_ms: null, final_p50_ms: null, final_p99_ms: null, first_word_p50_ms: null, finals: 0 },
  queue, suppressed: {}, fallbacks: [], missing: [], since: null, language: "en",
};

describe("the page of models", () => {
  it("says in one sentence what is at work", () => {
    expect(headline(speech)).toBe("Whisper (small.en) writes down what is said in one process.");
    expect(headline({ ...speech, processes: [process, { ...process, index: 1 }, { ...process, index: 2, up: false }] })).toContain("2 processes");
    expect(headline({ ...speech, engines: [{ ...whisper, use: "failed" }, { ...sphinx, use: "working" }] })).toBe(
      "PocketSphinx stands in for Whisper, which is tried again by itself.",
    );
    expect(headline({ ...speech, engines: [{ ...whisper, use: "loading" }] })).toContain("is loading");
    expect(headline({ ...speech, engines: [] })).toContain("No recogniser is at work");
  });

  it("tells standing in from being at work", () => {
    expect(engineUse(whisper)).toEqual({ words: "At work", tone: "good" });
    expect(engineUse({ ...sphinx, use: "working" })).toEqual({ words: "Standing in", tone: "waiting" });
    expect(engineUse(sphinx).words).toBe("Ready to stand in");
    expect(engineUse({ ...whisper, use: "ready" }).words).toBe("Ready");
    expect(engineUse({ ...whisper, use: "failed" }).tone).toBe("bad");
  });

  it.each([
    [null, "–"],
    [0, "0 ms"],
    [239.6, "240 ms"],
    [1449, "1.4 s"],
  ] as const)("writes %s milliseconds as %s", (value, words) => expect(milliseconds(value)).toBe(words));

  it("writes sizes, factors, places and names", () => {
    expect([null, 900, 1300].map(megabytes)).toEqual(["–", "900 MB", "1.3 GB"]);
    expect(bytes(487_000_000)).toBe("487 MB");
    expect([null, 0.031, 0.126, 1.2].map(factor)).toEqual(["–", "0.031", "0.13", "1.20"]);
    expect([0.126, 0.6, 1].map(factorMeans)).toEqual([
      "one process keeps up with 7 who speak at once", "keeps up with one speaker", "too slow to keep up with one speaker",
    ]);
    expect(["cpu", "cuda", "cuda:1", "10.0.0.2:10300"].map(deviceName)).toEqual(["Processor", "Graphics card", "Graphics card 1", "10.0.0.2:10300"]);
    expect(["data/models/small.en", "small.en", "C:\\m\\base\\", ""].map(modelName)).toEqual(["small.en", "small.en", "base", ""]);
  });

  it("says how busy it is", () => {
    expect([0.3, 0.9, 1.4].map((load) => loadWords(load).tone)).toEqual(["good", "waiting", "bad"]);
    expect(waiting(queue).map((row) => row.count)).toEqual([1, 2, 3, 4, 5]);
  });

  it("lists what was not believed, the most frequent first", () => {
    const rows = notBelieved({ loop: 2, silence: 8, stale: 0, new_reason: 2 });
    expect(rows.map((row) => [row.reason, row.count, row.share])).toEqual([["silence", 8, 1], ["loop", 2, 0.25], ["new_reason", 2, 0.25]]);
    expect(rows[2]?.words).toBe("new reason");
  });

  it("tells which model is in use", () => {
    const model = { name: "base", size: 1, format: "ctranslate2", repository: "", revision: "", licence: "", purpose: "", languages: "", chosen: true, in_use: false };
    expect([model, { ...model, in_use: true }, { ...model, chosen: false }].map((one) => modelState(one).words)).toEqual(["From the next start", "In use", ""]);
  });
});

describe("the glossary editor", () => {
  it("takes one term a line, none twice", () => {
    expect(glossaryTerms("  Zephyr  drive\n\nkubernetes\nKubernetes \n", 200, 40)).toEqual({ terms: ["Zephyr drive", "kubernetes"], fault: null });
  });

  it.each([
    ["x".repeat(41), "at most 40"],
    ["12", "no letter"],
    [Array.from({ length: 201 }, (_, n) => `term ${n}`).join("\n"), "201 terms"],
  ])("says what it cannot take", (written, words) => expect(glossaryTerms(written, 200, 40).fault).toContain(words));

  it("changes nothing that it gave itself", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 20 })), (lines) => {
        const once = glossaryTerms(lines.join("\n"), 200, 40).terms;
        expect(glossaryTerms(once.join("\n"), 200, 40).terms).toEqual(once);
      }),
    );
  });
});
