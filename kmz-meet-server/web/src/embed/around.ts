/**
 * Which pages are around ours. The server needs to know: who is signed in at this browser is so only on pages of the room's
 * own school. A page around cannot make us say something else than what the browser tells.
 */
import { isFramed } from './frame';

/** Stands for a page that is not known. */
const UNKNOWN = '';

/** What the browser tells by itself: Firefox nothing, others the origins of all pages around, the nearest first. */
function told(): string[] | null {
  const { ancestorOrigins } = location as { ancestorOrigins?: ArrayLike<string> };
  return ancestorOrigins ? Array.from(ancestorOrigins) : null;
}

/**
 * The origins of the pages around, the nearest first; `null` in a window of our own. `parent` is the origin from which the
 * page around has said something: the browser vouches for it, but not for pages around that one.
 */
export function pagesAround(parent: string | null): string[] | null {
  if (!isFramed()) return null;
  const origins = told();
  if (origins && !origins.includes('null')) return origins;
  return [window.parent === window.top && parent !== null ? parent : UNKNOWN];
}

/** Whether it is worth waiting for a word of the page around. */
export const areKnown = (parent: string | null): boolean => !(pagesAround(parent) ?? []).includes(UNKNOWN);
