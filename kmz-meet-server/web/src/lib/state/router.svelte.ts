import { isFramed } from '../../embed/frame';

export type Route =
  | { screen: 'home' }
  | { screen: 'sign-in'; next: string }
  | { screen: 'rooms' }
  | { screen: 'check' }
  | { screen: 'room'; name: string };

/** Only a path of this site: anything else would make the sign-in a signpost to foreign pages. */
export function safeNext(next: string | null): string {
  return next !== null && /^\/(?![/\\])/.test(next) ? next : '/rooms';
}

export function routeOf(path: string, search: string): Route {
  const clean = path.replace(/\/+$/, '') || '/';
  switch (clean) {
    case '/':
      return { screen: 'home' };
    case '/sign-in':
      return { screen: 'sign-in', next: safeNext(new URLSearchParams(search).get('next')) };
    case '/rooms':
      return { screen: 'rooms' };
    case '/check':
      return { screen: 'check' };
    default:
      // Pages that embedded a Jitsi room may have a tenant before its name.
      return { screen: 'room', name: decode(clean.split('/').at(-1) ?? '') };
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What a person may type or paste into the room field: a name, or the whole link. */
export function roomNameFrom(input: string): string {
  const text = input.trim();
  try {
    const url = new URL(text);
    return decode(url.pathname.split('/').find((part) => part !== '') ?? '');
  } catch {
    return decode(text.replace(/^\/+/, '').split(/[/?#]/)[0] ?? '')
      .trim()
      .replace(/\s+/g, '-');
  }
}

class Router {
  route = $state.raw<Route>({ screen: 'home' });

  start(): void {
    const read = (): void => {
      this.route = routeOf(location.pathname, location.search);
    };
    addEventListener('popstate', read);
    read();
  }

  /** Goes to a path of this site. The language chosen by `?lang=` stays. */
  go(path: string, replace = false): void {
    const url = new URL(path, location.origin);
    const language = new URLSearchParams(location.search).get('lang');
    if (language && !url.searchParams.has('lang')) url.searchParams.set('lang', language);
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

/** What needs a session: never shown inside another page, where someone else may decide what is under the pointer. */
export const isPersonal = (path: string): boolean => ['rooms', 'sign-in'].includes(routeOf(path, '').screen);

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
