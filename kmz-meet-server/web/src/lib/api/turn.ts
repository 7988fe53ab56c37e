import { ApiError } from './http';

/** So often it is tried again before somebody is asked to do it themselves: a little longer than a cookie takes to count as old. */
export const MAX_TRIES = 60;
/** The first ones follow each other soon: of many one has a turn. Milliseconds. */
const SOON = 1_000;
const FIRST = 10;
const LATER = 4_000;

/** The server did not get to it; the same may go through the next time. A wrong password is not of this kind. */
function hadNoTurn(error: unknown): boolean {
  return error instanceof ApiError && (error.code === 'no_turn' || error.code === 'timed_out');
}

/** The pause before the next try, in milliseconds; browsers that began together do not stay in step. */
export function pauseBefore(tries: number, retryAfter: number, random: () => number = Math.random): number {
  const least = tries <= FIRST ? SOON : LATER;
  return Math.max(least, retryAfter * 1_000) * (1 + random() / 2);
}

function sleep(milliseconds: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      stop.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    stop.addEventListener('abort', done);
    if (stop.aborted) done();
  });
}

/**
 * Tries until there is a turn: where very many sign in, or somebody floods the server, the same has to be sent again.
 * `waiting` hears it once. Gives `null` where it was stopped, and throws what else went wrong.
 */
export async function untilTurn<T>(
  attempt: () => Promise<T>,
  waiting: () => void,
  stop: AbortSignal,
): Promise<T | null> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (stop.aborted) return null;
      if (!hadNoTurn(error) || tries >= MAX_TRIES) throw error;
      if (tries === 1) waiting();
      await sleep(pauseBefore(tries, (error as ApiError).retryAfter), stop);
      if (stop.aborted) return null;
    }
  }
}
