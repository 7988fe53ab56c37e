import type { Entry } from '../lib/state/entry';

/** `document.featurePolicy` is Chromium's; other browsers tell only when one tries. */
interface WithPolicy {
  featurePolicy?: { allowsFeature(name: string): boolean };
}

export const isFramed = (): boolean => window.parent !== window;

/** Whether the frame around us lets a screen be shared. Unknown counts as yes: then trying tells. */
export function frameAllows(feature: 'display-capture' | 'camera' | 'microphone'): boolean {
  if (!isFramed()) return true;
  return (document as WithPolicy).featurePolicy?.allowsFeature(feature) ?? true;
}

/** The same room in a window of our own. The ticket is in the fragment, which no server and no log sees. */
export function ownWindow(room: string, entry: Entry, language: string): string {
  const fragment = new URLSearchParams({ ticket: entry.token, lang: language });
  if (entry.name) fragment.set('name', entry.name);
  return `/${encodeURIComponent(room)}#${fragment.toString()}`;
}
