export type Piece = { text: string; href?: string };

/** Web addresses in a text. Only http and https ever become links. */
const ADDRESS = /https?:\/\/[^\s<>"'`\p{C}]+/giu;

/** Cuts a chat message into plain pieces and links. Nothing here makes markup. */
export function linkify(text: string): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = trim(match[0]);
    const href = safe(address);
    if (href === null) continue;
    if (match.index > from) pieces.push({ text: text.slice(from, match.index) });
    pieces.push({ text: address, href });
    from = match.index + address.length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from) });
  return pieces;
}

/** The full stop at the end of a sentence and a closing bracket around it are not the address's. */
function trim(address: string): string {
  let end = address.replace(/[.,;:!?…]+$/u, '');
  while (end.endsWith(')') && (end.match(/\(/g)?.length ?? 0) < (end.match(/\)/g)?.length ?? 0)) end = end.slice(0, -1);
  return end;
}

function safe(address: string): string | null {
  try {
    const url = new URL(address);
    const web = url.protocol === 'http:' || url.protocol === 'https:';
    // `https://school.de@evil.example` shows one host and opens another.
    return web && url.username === '' && url.password === '' ? url.href : null;
  } catch {
    return null;
  }
}
