import type { Relay } from '../../generated/Relay';

const KEY = 'kmz-meet.relay';
/** Networks change over night. */
const REMEMBERED = 24 * 60 * 60 * 1000;

/** The relay on the port of this page: TURN over TLS, or over TCP where the page has no TLS. */
export function relayServer(
  { username, password }: Relay,
  page: Pick<Location, 'protocol' | 'hostname' | 'port'> = location,
): RTCIceServer {
  const secure = page.protocol === 'https:';
  const port = page.port || (secure ? '443' : '80');
  const urls = `${secure ? 'turns' : 'turn'}:${page.hostname}:${port}?transport=tcp`;
  return { urls, username, credential: password };
}

/** Whether media went over the relay when they were last sent from here, not long ago. */
export function relayWasNeeded(now: number = Date.now()): boolean {
  try {
    const at = Number(localStorage.getItem(KEY) ?? 0);
    return now - at < REMEMBERED && now >= at;
  } catch {
    // Without a store nothing is remembered.
    return false;
  }
}

export function rememberRelay(needed: boolean, now: number = Date.now()): void {
  try {
    if (needed) localStorage.setItem(KEY, String(now));
    else localStorage.removeItem(KEY);
  } catch {
    // Only the next start is slower.
  }
}
