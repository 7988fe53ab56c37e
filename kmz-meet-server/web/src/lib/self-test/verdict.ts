import type { SelfTestPath as Path, SelfTestReport as Report } from '../../generated/api';

/**
 * What a result means: `good`; `relay`, by the port of the page alone; `weak`, where a path is there that carries little;
 * `blocked`; `unfit`, where the browser cannot do it.
 */
export type Verdict = 'good' | 'relay' | 'weak' | 'blocked' | 'unfit';

/** Lost of a thousand packets of a voice from which words are missing. */
const MAX_LOST = 50;
/** Milliseconds from which people talk into each other's sentences. */
const MAX_ROUND_TRIP = 400;
/** Kilobits per second that a small own picture with sound needs. */
const MIN_UP = 150;
/** … and the picture of who speaks, with sound. */
const MIN_DOWN = 200;

/** The path that a conference would take. */
export function bestPath(paths: readonly Path[]): Path | undefined {
  const reached = paths.filter((path) => path.reached);
  return reached.find(({ kind }) => kind === 'udp') ?? reached[0];
}

/** Whether words or pictures would suffer on this path. What was not measured is not held against it. */
export function isWeak({ measured }: Path): boolean {
  const above = (value: number | undefined, most: number): boolean => value !== undefined && value > most;
  const below = (value: number | undefined, least: number): boolean => value !== undefined && value < least;
  return (
    above(measured.lost_up_permille, MAX_LOST) ||
    above(measured.lost_down_permille, MAX_LOST) ||
    above(measured.round_trip_ms, MAX_ROUND_TRIP) ||
    below(measured.up_kbps, MIN_UP) ||
    below(measured.down_kbps, MIN_DOWN)
  );
}

export function judge({ outcome, tested, paths }: Report): Verdict {
  if (tested.browser === 'unfit') return 'unfit';
  const best = bestPath(paths);
  if (outcome === 'nothing' || !best) return 'blocked';
  if (outcome === 'relay') return 'relay';
  return isWeak(best) ? 'weak' : 'good';
}

/** The ports that the network's administrator has to look at. */
export const blockedPaths = (paths: readonly Path[]): Path[] => paths.filter((path) => !path.reached);
