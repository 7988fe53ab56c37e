/**
 * How someone comes who was sent here by a course or another platform: a ticket in the fragment, or a Jitsi token in the
 * query. Both are secrets of this person, so they leave the address bar before anything else happens.
 */
import { tabKey } from '../signal/tab';

export interface Entry {
  /** What the server lets in. */
  token: string;
  /** For showing it; the server knows the name by the ticket. */
  name: string | null;
  /** What the platform calls the room, for showing it before coming in; strangers are not told. */
  title: string | null;
  /** Where 'leave' leads, as the server read it from the ticket: what the address says is not signed. */
  leave: string | null;
}

const KEY = 'kmz-meet.entry';

interface Place {
  pathname: string;
  search: string;
  hash: string;
}

/** What the address says, and the address without its secrets; `null` when nobody sent this person. */
export function readEntry(place: Place): { entry: Entry; clean: string; lang: string | null } | null {
  const fragment = new URLSearchParams(place.hash.replace(/^#/, ''));
  const query = new URLSearchParams(place.search);
  const token = fragment.get('ticket') ?? query.get('jwt');
  if (!token) return null;
  query.delete('jwt');
  const isTicket = fragment.has('ticket');
  const rest = query.toString();
  return {
    entry: {
      token,
      name: isTicket ? fragment.get('name') : null,
      title: isTicket ? fragment.get('title') : null,
      leave: null,
    },
    clean: `${place.pathname}${rest ? `?${rest}` : ''}${isTicket ? '' : place.hash}`,
    lang: isTicket ? fragment.get('lang') : null,
  };
}

/**
 * The name that came with the link, if it may stand as it is. One that the server refused, or that cannot be a name, is
 * typed by the person: nobody stands before a field that is wrong and cannot be changed.
 */
export function givenName(entry: Entry | null, refused: boolean): string | null {
  const name = entry?.name ?? null;
  return name !== null && !refused && /[\p{L}\p{N}]/u.test(name) ? name : null;
}

/** Only http and https: anything else could be a script. */
export function webAddress(text: string | null): string | null {
  if (!text) return null;
  try {
    const url = new URL(text);
    return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : null;
  } catch {
    return null;
  }
}

/** Remembers the entry for this tab, so that a reload before joining does not lose it. */
export function keepEntry(room: string, entry: Entry | null): void {
  try {
    if (entry) sessionStorage.setItem(tabKey(KEY), JSON.stringify({ room, ...entry }));
    else sessionStorage.removeItem(tabKey(KEY));
  } catch {
    // Storage may be forbidden, as in some frames: then a reload needs a new launch.
  }
}

export function loadEntry(room: string): Entry | null {
  try {
    const stored = JSON.parse(sessionStorage.getItem(tabKey(KEY)) ?? 'null') as
      (Partial<Entry> & { room?: string }) | null;
    if (stored?.room !== room || typeof stored.token !== 'string') return null;
    return {
      token: stored.token,
      name: stored.name ?? null,
      title: stored.title ?? null,
      leave: webAddress(stored.leave ?? null),
    };
  } catch {
    return null;
  }
}
