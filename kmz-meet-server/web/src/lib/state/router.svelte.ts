import { readOptions } from '../../embed/options';
import { loadEntry } from './entry';
import { isFramed } from '../../embed/frame';

export type Route =
  | { screen: 'home' }
  | { screen: 'sign-in'; next: string }
  | { screen: 'rooms' }
  | { screen: 'account' }
  | { screen: 'check' }
  /** A password is chosen by a one-time link, or such a link is asked for. */
  | { screen: 'password'; token: string | null }
  | { screen: 'confirm-address'; token: string | null }
  /** A teacher asks for an account, or looks how the request stands. */
  | { screen: 'request'; token: string | null }
  /** The way into a room for a pupil with a card. */
  | { screen: 'card'; token: string | null }
  /** The way into a room for a substitute. */
  | { screen: 'substitute'; token: string | null }
  /** The self test: a new one, the result with a code, or the note for the network's administrator. */
  | { screen: 'test'; code: string | null; note: boolean; room: string | null }
  | { screen: 'room'; name: string }
  /** No page of ours, and no room's. */
  | { screen: 'nothing' };

/** First parts of the pages of this application; the server knows them, too (`own_pages.rs`). */
const SCREENS = [
  'sign-in',
  'rooms',
  'account',
  'check',
  'password',
  'confirm-address',
  'request',
  'substitute',
  'card',
  'test',
] as const;

/** What needs a session or a mailed link. */
const PERSONAL = new Set<string>([
  'rooms',
  'account',
  'sign-in',
  'password',
  'confirm-address',
  'request',
  'substitute',
  'card',
]);

/** First parts of paths that are the server's: never a room (`RESERVED` in the server's `room_name.rs`). */
const OURS = new Set<string>([
  ...SCREENS,
  'accessibility',
  'api',
  'apart',
  'assets',
  'console',
  'demo',
  'drop',
  'healthz',
  'metrics',
  'privacy',
  'help',
  'bigbluebutton',
  'lti',
  'external-api',
  'external_api.js',
  'static',
  'about',
  'admin',
  'login',
  'index',
  'index.html',
]);

/** Pages that are no part of this application: the browser loads them. */
const APART = new Set<string>(['accessibility', 'console', 'demo', 'drop', 'privacy']);

/** Only a path of this site: anything else would make the sign-in a signpost to foreign pages. */
export function safeNext(next: string | null): string {
  return next !== null && /^\/(?![/\\])/.test(next) ? next : '/rooms';
}

/**
 * @param inTenant whether a room may stand below a tenant, as in the pages that platforms made for Jitsi embed
 */
export function routeOf(path: string, search: string, inTenant: (room: string) => boolean = () => false): Route {
  const parts = path.split('/').filter((part) => part !== '');
  const first = decode(parts[0] ?? '').toLowerCase();
  const room = decode(parts.at(-1) ?? '').trim();
  if (parts.length === 0 || (parts.length === 1 && /^index(\.html)?$/.test(first))) return { screen: 'home' };
  if (parts.length === 1 && first === 'sign-in')
    return { screen: 'sign-in', next: safeNext(new URLSearchParams(search).get('next')) };
  if (parts.length === 1 && (first === 'rooms' || first === 'account' || first === 'check')) return { screen: first };
  if (
    parts.length === 1 &&
    (first === 'password' ||
      first === 'confirm-address' ||
      first === 'request' ||
      first === 'substitute' ||
      first === 'card')
  )
    return { screen: first, token: null };
  if (first === 'test' && parts.length <= 2) return testOf(parts[1], new URLSearchParams(search));
  if (OURS.has(first) || room === '') return { screen: 'nothing' };
  return parts.length === 1 || inTenant(room) ? { screen: 'room', name: room } : { screen: 'nothing' };
}

/** What is shown at `/test`, `/test/note` and `/test/CODE`. */
function testOf(second: string | undefined, query: URLSearchParams): Route {
  const part = second === undefined ? null : decode(second);
  const note = part === 'note';
  return { screen: 'test', code: note ? query.get('code') : part, note, room: query.get('room') };
}

/** Who embeds a room as it did with Jitsi may have a tenant before its name; so may who was sent by such a platform. */
function inTenant({ search, hash }: Pick<Location, 'search' | 'hash'>): (room: string) => boolean {
  return (room) => readOptions(hash).id !== null || new URLSearchParams(search).has('jwt') || loadEntry(room) !== null;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What a person may type or paste into the room field: a name, the link, or a whole message with the link in it. */
export function roomNameFrom(input: string): string {
  const words = input.trim().split(/\s+/);
  const address =
    words.flatMap((word) => /https?:\/\/[^<>"„“”«»‹›]+/iu.exec(word) ?? [])[0] ??
    words.find((word) => /[^/]\/[^/]/.test(word));
  if (address === undefined)
    return bare(
      decode(
        input
          .trim()
          .replace(/^\p{L}+:\s+/u, '')
          .split(/[?#]/)[0] ?? '',
      ),
    ).replace(/\s+/g, '-');
  const path = address.replace(/^.*?https?:\/\//iu, '').split(/[?#]/)[0] ?? '';
  const parts = path.split('/').map((part) => bare(decode(part)));
  return parts.slice(1).findLast((part) => part !== '') ?? '';
}

/** Without the signs around it, which are of the sentence. */
function bare(name: string): string {
  return name.replace(/^[^\p{L}\p{M}\p{N}_-]+|[^\p{L}\p{M}\p{N}_-]+$/gu, '');
}

/** The token of a one-time link stands behind the `#`. It leaves the address bar and the history at once. */
function withToken(route: Route): Route {
  if (!('token' in route) || location.hash.length < 2) return route;
  const token = decode(location.hash.slice(1));
  history.replaceState(null, '', location.pathname + location.search);
  return { ...route, token };
}

/** The address of a page as its link has it: with the token, if it came with one. */
export function addressOf(
  route: Route,
  { pathname, search, hash }: Pick<Location, 'pathname' | 'search' | 'hash'>,
): string {
  const token = 'token' in route ? route.token : null;
  return pathname + search + (token === null ? hash : `#${encodeURIComponent(token)}`);
}

class Router {
  route = $state.raw<Route>({ screen: 'home' });

  start(): void {
    const read = (): void => {
      this.route = withToken(routeOf(location.pathname, location.search, inTenant(location)));
    };
    addEventListener('popstate', read);
    read();
    // Another app shared an invitation with this one.
    if (this.route.screen === 'home' && /[?&]share-/.test(location.search))
      void import('./shared-link').then(({ openShared }) => openShared()).catch(() => undefined);
  }

  /** Goes to a path of this site. The language chosen by `?lang=` stays. */
  go(path: string, replace = false): void {
    const url = new URL(path, location.origin);
    const language = new URLSearchParams(location.search).get('lang');
    if (language && !url.searchParams.has('lang')) url.searchParams.set('lang', language);
    if (APART.has(url.pathname.split('/')[1] ?? '')) {
      location[replace ? 'replace' : 'assign'](url);
      return;
    }
    history[replace ? 'replaceState' : 'pushState'](null, '', url.pathname + url.search);
    this.route = routeOf(url.pathname, url.search);
    scrollTo(0, 0);
  }

  setLanguage(language: string): void {
    const url = new URL(location.href);
    url.searchParams.set('lang', language);
    history.replaceState(null, '', url.pathname + url.search + url.hash);
  }
}

export const router = new Router();

/** Never shown inside another page, where someone else may decide what is under the pointer. */
export const isPersonal = (path: string): boolean => PERSONAL.has(routeOf(path, '').screen);

/** For links: an ordinary click stays inside the application, everything else is the browser's. */
export function link(node: HTMLAnchorElement): { destroy(): void } {
  const click = (event: MouseEvent): void => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    if (isFramed() && isPersonal(node.pathname)) return void window.open(node.href, '_blank', 'noopener');
    router.go(node.pathname + node.search);
  };
  node.addEventListener('click', click);
  return { destroy: () => node.removeEventListener('click', click) };
}

/** For links that jump within the page: the fragment stays, embedding pages keep what they want in it. */
export function skip(node: HTMLAnchorElement): { destroy(): void } {
  const click = (event: MouseEvent): void => {
    const target = document.getElementById(node.hash.slice(1));
    if (!target) return;
    event.preventDefault();
    target.focus();
    target.scrollIntoView();
  };
  node.addEventListener('click', click);
  return { destroy: () => node.removeEventListener('click', click) };
}
