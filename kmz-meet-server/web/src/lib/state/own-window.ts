import { isFramed } from '../../embed/frame';

/** Whether a page that is still there opened this window: what was before is in that one. */
export function hasOpener(): boolean {
  return typeof window !== 'undefined' && !isFramed() && Boolean(window.opener);
}

/** Whether a script may close this window: a page opened it, or nothing was in it before. */
export function isOpened(): boolean {
  return hasOpener() || (typeof window !== 'undefined' && !isFramed() && window.history?.length === 1);
}

/** How long a browser may take to close a window, in milliseconds. */
const CLOSES_WITHIN = 800;

/** Closes this window; `otherwise` is done where the browser does not let us. */
export function closeWindow(otherwise: () => void): void {
  window.close();
  setTimeout(otherwise, CLOSES_WITHIN);
}
