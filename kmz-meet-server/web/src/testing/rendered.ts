/*
 * Components in tests are rendered as HTML text, without a browser: what is in the page can be read from it. A test file that
 * uses this begins with `@vitest-environment node`, for which components are built as for a server.
 */
const VOID = new Set(['br', 'img', 'input', 'link', 'meta', 'path', 'circle', 'line', 'rect', 'polyline', 'polygon']);

export interface Shown {
  text: string;
  /** The elements around it, as their start tags, the innermost last. */
  within: string[];
}

/** All texts that can be read, each with what is around it. */
export function shown(html: string): Shown[] {
  const found: Shown[] = [];
  const within: string[] = [];
  for (const [part] of html.replace(/<!--.*?-->/gs, '').matchAll(/<[^>]*>|[^<]+/g)) {
    if (part.startsWith('</')) within.pop();
    else if (part.startsWith('<')) {
      const name = /^<([\w-]+)/.exec(part)?.[1] ?? '';
      if (!VOID.has(name) && !part.endsWith('/>')) within.push(part);
    } else if (part.trim() !== '') found.push({ text: unescape(part), within: [...within] });
  }
  return found;
}

/** What is written in attributes of these names. */
export function attributes(html: string, ...names: string[]): string[] {
  const tags = [...html.replace(/<!--.*?-->/gs, '').matchAll(/<\w[^>]*>/g)].map(([tag]) => tag);
  return names
    .flatMap((name) => tags.flatMap((tag) => new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1] ?? []))
    .map(unescape);
}

function unescape(text: string): string {
  return text
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, '&');
}
