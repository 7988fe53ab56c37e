import { isFramed } from '../../embed/frame';

/** Whether a script opened this window, as platforms do: then one may close it, and what was before is in the other one. */
export function isOpened(): boolean {
  return typeof window !== 'undefined' && !isFramed() && (Boolean(window.opener) || window.history?.length === 1);
}

/** How long a browser may take to close a window, in milliseconds. */
const CLOSES_WITHIN = 800;

/** Closes this window; `otherwise` is done where the browser does not let us. */
export function closeWindow(otherwise: () => void): void {
  window.close();
  setTimeout(otherwise, CLOSES_WITHIN);
}
