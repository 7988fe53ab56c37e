/*
 * Another app shares an invitation with ours: the share target of the manifest opens the home page with what was shared. A
 * link of this server leads on. It is loaded only then.
 */
import { i18n } from '../i18n/index.svelte';
import { linkify } from './links';
import { notices } from './notices.svelte';
import { routeOf } from './router.svelte';

/** As in `public/app.webmanifest`. */
const PARAMETERS = ['share-url', 'share-text', 'share-title'];
/** To what a link may lead. Invitations have that of the room and that of the self test: the room comes first. */
const SCREENS = ['room', 'substitute', 'test'] as const;

const TEXTS = {
  de: {
    foreign: 'Der geteilte Link führt nicht zu diesem Server. Er lässt sich nur im Browser öffnen.',
    none: 'In dem, was geteilt wurde, steht kein Link. Der Raum lässt sich hier auch mit seinem Namen öffnen.',
  },
  en: {
    foreign: 'The shared link does not lead to this server. It can only be opened in the browser.',
    none: 'There is no link in what was shared. You can also open the room here by its name.',
  },
};

export type Shared = { url: string } | { problem: 'foreign' | 'none' };

export function sharedLink(search: string, origin: string): Shared {
  const query = new URLSearchParams(search);
  const links = PARAMETERS.flatMap((name) => linkify(query.get(name) ?? '').flatMap(({ href }) => href ?? []));
  const own = links.map((link) => new URL(link)).filter((url) => url.origin === origin);
  for (const screen of SCREENS) {
    const url = own.find(({ pathname, search: of }) => routeOf(pathname, of).screen === screen);
    if (url) return { url: url.href };
  }
  return { problem: links.length > own.length ? 'foreign' : 'none' };
}

/** Goes to the shared link, or says why not. What was shared leaves the address and the history: it may have a password in it. */
export function openShared(): void {
  const shared = sharedLink(location.search, location.origin);
  if ('url' in shared) {
    location.replace(shared.url);
    return;
  }
  history.replaceState(null, '', '/');
  notices.tell(TEXTS[i18n.language][shared.problem], { tone: 'warning', stays: true });
}
