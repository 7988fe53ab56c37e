import type { Entry } from '../lib/state/entry';
import { readOptions } from './options';

/** `document.featurePolicy` is Chromium's; other browsers tell only when one tries. */
interface WithPolicy {
  featurePolicy?: { allowsFeature(name: string): boolean };
}

export type Feature = 'display-capture' | 'camera' | 'microphone';

export const isFramed = (): boolean => typeof window !== 'undefined' && window.parent !== window;

/** Whether the page around lets us use something. Frames that our own `external_api.js` makes permit everything. */
export function framePermission(feature: Feature): 'yes' | 'no' | 'unknown' {
  if (!isFramed()) return 'yes';
  const policy = (document as WithPolicy).featurePolicy;
  if (policy) return policy.allowsFeature(feature) ? 'yes' : 'no';
  return readOptions(location.hash).id === null ? 'unknown' : 'yes';
}

/** Where something is forbidden for certain; unknown counts as allowed: then trying tells. */
export const frameAllows = (feature: Feature): boolean => framePermission(feature) !== 'no';

/**
 * The same room in a window of our own. A ticket is in the fragment, which no server and no log sees; without one it is the
 * plain link.
 */
export function ownWindow(room: string, entry: Entry | null, language: string): string {
  const path = `/${encodeURIComponent(room)}`;
  if (!entry) return `${path}?lang=${language}`;
  const fragment = new URLSearchParams({ ticket: entry.token, lang: language });
  if (entry.name) fragment.set('name', entry.name);
  if (entry.title) fragment.set('title', entry.title);
  return `${path}#${fragment.toString()}`;
}
