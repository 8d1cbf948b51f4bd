/** Which part of a caption will not change any more. Pure. */

/** How much of `next` has settled: the words that both versions begin with, in characters. */
export function settledLength(previous: string, next: string): number {
  const before = previous.split(" ");
  const after = next.split(" ");
  let same = 0;
  while (same < before.length && same < after.length && before[same] === after[same]) same += 1;
  return after.slice(0, same).join(" ").length;
}
