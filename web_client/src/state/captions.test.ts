import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { CaptionLine } from "../protocol/messages";
import { type CaptionView, lastWords, latest, missedSince, spokenLines, spokenNow, withCaption, withCorrectedLine, withCorrection, withLine } from "./captions";

const caption = (id: string, text: string, more: Partial<CaptionLine> = {}): CaptionLine => ({
  id, slot: 1, name: "Ana", text, final: false, at: 10, kind: "human", settled: 0, meeting: "", ...more,
});
const heard = (lines: readonly CaptionLine[], touched = 0): readonly CaptionView[] =>
  lines.reduce<readonly CaptionView[]>((known, line) => withCaption(known, line, touched, 500), []);

describe("captions", () => {
  it("take newer words for the older, and call settled what the office says", () => {
    const lines = heard([caption("a", "so we"), caption("b", "yes", { final: true }), caption("a", "so we ship", { settled: 5 })]);
    expect(lines.map((line) => [line.text, line.settled])).toEqual([["so we ship", 5], ["yes", 3]]);
  });

  it("never call more settled than there is", () => {
    expect(heard([caption("a", "so", { settled: 40 })])[0]).toMatchObject({ settled: 2 });
  });

  it("are taken back by an empty final text, also when nothing is known of them", () => {
    expect(heard([caption("a", "noise"), caption("b", "yes"), caption("a", "", { final: true })]).map(({ id }) => id)).toEqual(["b"]);
    expect(heard([caption("a", "", { final: true })])).toEqual([]);
  });

  it("are kept up to so many, the latest", () => {
    const all = Array.from({ length: 8 }, (_, n) => caption(String(n), "word"));
    const kept = all.reduce<readonly CaptionView[]>((known, line) => withCaption(known, line, 0, 3), []);
    expect(kept.map(({ id }) => id)).toEqual(["5", "6", "7"]);
  });

  it("that are corrected keep what was heard first and who did it last", () => {
    const once = withCorrection(heard([caption("a", "ship it", { final: true })]), "a", "shipped it", "Bo");
    expect(withCorrection(once, "a", "We shipped it.", "Cleo")[0]).toMatchObject({
      text: "We shipped it.", settled: 14, final: true, corrected_by: "Cleo", heard: "ship it",
    });
  });

  it("that were corrected before one came tell so, too", () => {
    const [line] = heard([caption("a", "We shipped it.", { final: true, corrected_by: "Cleo", heard: "ship it" }), caption("b", "so")]);
    expect(line).toMatchObject({ corrected_by: "Cleo", heard: "ship it" });
    expect(heard([caption("b", "so", { corrected_by: "", heard: "" })])[0]).toMatchObject({ corrected_by: null, heard: null });
  });
});

describe("what can be read back", () => {
  const line = (id: string, text: string, started_at: number) => ({ id, speaker_id: "p-bo", speaker_name: "Bo", text, started_at });

  it("is the transcript and what one heard besides, in the order it was said, each once", () => {
    const captions = heard([caption("b", "second", { at: 20, final: true, meeting: "m" }), caption("d", "outside", { at: 40 })]);
    const lines = spokenLines(captions, { id: "m", lines: [line("a", "first", 10), line("b", "Second.", 20), line("c", "third", 30)] });
    expect(lines.map(({ id, text, meeting }) => [id, text, meeting])).toEqual([
      ["a", "first", "m"], ["b", "Second.", "m"], ["c", "third", "m"], ["d", "outside", ""],
    ]);
    expect(lines[1]).toMatchObject({ slot: 1, speaker: "p-bo" });
  });

  it("says who corrected a line, and what was heard only where it differs", () => {
    const [first] = withCorrectedLine([line("a", "sip it", 1)], "a", "ship it", "Ana");
    expect(spokenLines([], { id: "m", lines: [first!] })[0]).toMatchObject({ text: "ship it", correctedBy: "Ana", heard: "sip it" });
    expect(spokenLines([], { id: "m", lines: [{ ...line("a", "x", 1), original_text: "x" }] })[0]).toMatchObject({ heard: null, correctedBy: null });
  });

  it("grows by what is finished in the meeting", () => {
    const lines = withLine([line("a", "first", 10)], caption("b", "second", { final: true, kind: "avatar" }), "p-ada");
    expect(spokenLines([], { id: "m", lines }).map(({ text, kind, speaker }) => [text, kind, speaker])).toEqual([
      ["first", "human", "p-bo"], ["second", "avatar", "p-ada"],
    ]);
    for (const no of [caption("c", "half"), caption("c", "", { final: true }), caption("a", "again", { final: true })]) {
      expect(withLine(lines, no, "p-ana")).toBe(lines);
    }
  });

  it("counts what came since somebody scrolled away", () => {
    const lines = [{ id: "a" }, { id: "b" }, { id: "c" }];
    expect([missedSince(lines, "a"), missedSince(lines, "c"), missedSince(lines, "gone"), missedSince([], null)]).toEqual([2, 0, 0, 0]);
  });
});

describe("the lines above the dock", () => {
  it("are those that changed last, in the order they were begun", () => {
    const lines = [["a", 3_000], ["b", 1_000], ["c", 2_000]].map(([id, at]) => heard([caption(String(id), "word")], Number(at))[0]!);
    expect(latest(lines, 4_000, 2).map(({ id }) => id)).toEqual(["a", "c"]);
    expect(latest(lines, 11_500, 2).map(({ id }) => id)).toEqual(["a"]);
  });
});

describe("the words under a speaker", () => {
  it("are the newest ones, cut at a word", () => {
    expect(lastWords("so we ship on the fifteenth", 10, 12)).toEqual({ text: "…fifteenth", settled: 1 });
    expect(lastWords("so we ship", 5, 40)).toEqual({ text: "so we ship", settled: 5 });
  });

  it("are always an end of what was said, and settle no further", () => {
    fc.assert(fc.property(fc.string(), fc.nat(60), fc.integer({ min: 1, max: 30 }), (text, some, most) => {
      const settled = Math.min(some, text.length);
      const shown = lastWords(text, settled, most);
      const bare = shown.text.startsWith("…") && text.length > most ? shown.text.slice(1) : shown.text;
      expect(text.endsWith(bare)).toBe(true);
      expect(bare.length).toBeLessThanOrEqual(most);
      expect(shown.text.slice(shown.settled).length).toBe(Math.min(bare.length, text.length - settled));
    }));
  });

  it("stand there while somebody speaks and for a while after", () => {
    const lines = [...heard([caption("a", "done", { final: true })], 1_000), ...heard([caption("b", "still", { slot: 2 })], 1_000)];
    const at = (now: number): number[] => [...spokenNow(lines, now).keys()];
    expect([at(2_000), at(5_500), at(20_000)]).toEqual([[1, 2], [2], []]);
  });
});
