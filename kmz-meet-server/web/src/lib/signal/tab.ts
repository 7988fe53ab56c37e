import { isFramed } from '../../embed/frame';

/**
 * Under which name this tab keeps something. Pages in the same tab share what we keep there, so a frame has a place of its
 * own for each page around: one page must not come in with the seat or the ticket that was given on another one.
 */
export function tabKey(name: string): string {
  if (!isFramed()) return name;
  const { ancestorOrigins } = location as { ancestorOrigins?: ArrayLike<string> };
  const around = ancestorOrigins ? Array.from(ancestorOrigins) : [referrer()];
  return `${name}@${around.join(' ')}`;
}

/** Firefox tells no more of the page around than where the frame was led from. */
function referrer(): string {
  try {
    return new URL(document.referrer).origin;
  } catch {
    return '';
  }
}
