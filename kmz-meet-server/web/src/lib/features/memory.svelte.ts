import type { Door } from '../../generated/Door';

/** What outlives a conference: whoever leaves and comes back by the same page finds it as it was. */
export class Memory {
  /** What the door was before it was closed. */
  doorBefore: Door | null = null;
  /** When the last tip about one's own connection was given, on the clock of `performance.now()`. */
  lastTip = Number.NEGATIVE_INFINITY;
}
