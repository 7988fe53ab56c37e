/** Largest pause between two attempts to reconnect, in milliseconds. */
export const MAX_PAUSE = 5_000;

/**
 * How long to wait before attempt number `attempt` (from 0).
 *
 * The first pause is 0–500 ms at random, so that a class that lost the server together does not come back in the
 * same instant; later ones double up to `most`, of which a random half is taken off.
 */
export function pause(attempt: number, random: () => number = Math.random, most = MAX_PAUSE): number {
  if (attempt <= 0) return Math.round(random() * 500);
  const longest = Math.min(most, 500 * 2 ** Math.min(attempt, 10));
  return Math.round(longest / 2 + (random() * longest) / 2);
}
