/** Where somebody is in the console: the part of the service or of a school that an address names. */
export interface Where {
  /** The id of the school, or none: the whole service. */
  school: string | null;
  /** The area's part of the path; empty for the overview. */
  area: string;
}

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** `/console`, `/console/AREA`, `/console/schools/ID` and `/console/schools/ID/AREA`. */
export function whereOf(path: string): Where {
  const [, first = '', second, ...rest] = path
    .split('/')
    .filter((part) => part !== '')
    .map(decode);
  if (first === 'schools' && second !== undefined) return { school: second, area: rest.join('/') };
  return { school: null, area: second === undefined ? first : [first, second, ...rest].join('/') };
}

/** The address of a place. */
export function pathOf({ school, area }: Where): string {
  const parts = school === null ? [area] : ['schools', encodeURIComponent(school), area];
  return ['/console', ...parts.filter((part) => part !== '')].join('/');
}

class Place {
  where = $state.raw<Where>({ school: null, area: '' });
  /** Counts the ways from one place to another: the heading then takes the focus. */
  moves = $state(0);

  start(): void {
    const read = (): void => {
      this.where = whereOf(location.pathname);
    };
    addEventListener('popstate', () => {
      read();
      this.moves += 1;
    });
    read();
  }

  /** Goes there. The language chosen by `?lang=` stays. */
  go(where: Where, replace = false): void {
    const language = new URLSearchParams(location.search).get('lang');
    const search = language ? `?lang=${encodeURIComponent(language)}` : '';
    history[replace ? 'replaceState' : 'pushState'](null, '', pathOf(where) + search);
    this.where = where;
    if (replace) return;
    this.moves += 1;
    scrollTo(0, 0);
  }
}

export const place = new Place();

/** For links: an ordinary click stays inside the console, everything else is the browser's. */
export function within(node: HTMLAnchorElement): { destroy(): void } {
  const click = (event: MouseEvent): void => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    place.go(whereOf(node.pathname));
  };
  node.addEventListener('click', click);
  return { destroy: () => node.removeEventListener('click', click) };
}
