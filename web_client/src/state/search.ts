/** Finding words in what was said: without regard to case or accents, with the place of every match. Pure. */

export interface Match {
  /** Of the line. */
  id: string;
  start: number;
  end: number;
}

/** A stretch of a line that looks the same all through. */
export interface Piece {
  text: string;
  settled: boolean;
  /** Index among the line's matches, or null. */
  match: number | null;
}

/** Lower case without accents, and for each of its characters the index it had. */
function folded(text: string): { text: string; at: number[] } {
  let plain = "";
  const at: number[] = [];
  let index = 0;
  for (const sign of text) {
    const simple = sign.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
    for (let i = 0; i < simple.length; i++) at.push(index);
    plain += simple;
    index += sign.length;
  }
  at.push(text.length);
  return { text: plain, at };
}

/** Every place where the query stands, the earliest line first. A query of blanks finds nothing. */
export function findMatches(lines: readonly { id: string; text: string; name: string }[], query: string): Match[] {
  const wanted = folded(query.trim().replace(/\s+/g, " ")).text;
  if (wanted === "") return [];
  const found: Match[] = [];
  for (const { id, text } of lines) {
    const { text: plain, at } = folded(text);
    for (let from = plain.indexOf(wanted); from >= 0; from = plain.indexOf(wanted, from + wanted.length)) {
      const end = from + wanted.length;
      // A sign that folds into several must not be cut; accents of its own after the last sign belong to it.
      let stop = end;
      while (stop < plain.length && at[stop] === at[end - 1]) stop += 1;
      found.push({ id, start: at[from]!, end: at[stop]! });
    }
  }
  return found;
}

/** Cuts a line where its settled part ends and at each match; the pieces together are the line. */
export function pieces(text: string, settled: number, matches: readonly { start: number; end: number }[]): Piece[] {
  const cuts = new Set([0, settled, text.length]);
  for (const { start, end } of matches) cuts.add(start).add(end);
  const edges = [...cuts].filter((cut) => cut <= text.length).sort((a, b) => a - b);
  return edges.slice(1).map((end, index) => {
    const start = edges[index]!;
    const match = matches.findIndex((one) => one.start <= start && end <= one.end);
    return { text: text.slice(start, end), settled: end <= settled, match: match < 0 ? null : match };
  });
}

/** The next or previous of `count` matches, round and round. */
export function stepTo(current: number, step: 1 | -1, count: number): number {
  return count === 0 ? 0 : (current + step + count) % count;
}
