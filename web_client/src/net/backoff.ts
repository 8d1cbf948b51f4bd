/** How long to wait before trying again: doubling from half a second to fifteen, with jitter. */

export const SHORTEST_SECONDS = 0.5;
export const LONGEST_SECONDS = 15;

/** Seconds before attempt number `attempt` (from 0); `chance` in [0, 1) spreads a crowd over time. */
export function backoffSeconds(attempt: number, chance: number): number {
  const full = Math.min(LONGEST_SECONDS, SHORTEST_SECONDS * 2 ** (attempt + 1));
  return Math.max(SHORTEST_SECONDS, full * (0.5 + chance / 2));
}
