import { LinkifyIt } from 'linkify-it';

export interface Piece {
  text: string;
  href?: string;
}

// Only whole addresses of the web; `school.de@evil.example` is read as such, to be refused as a whole.
const finder = new LinkifyIt({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false, urlAuth: true })
  .add('//', null)
  .add('ftp:', null)
  .add('mailto:', null);

/** Signs that no address has, though the finder takes them: emoji and what joins them, invisible signs, backticks. */
const FOREIGN = /[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}\p{C}\ufe0e\ufe0f\u20e3`]/gu;
/** Emphasis as people type it, before an address. */
const EMPHASIS = /[*_~]+(?=https?:\/\/)/giu;

/** Cuts people's text into plain pieces and links. Nothing here makes markup. */
export function linkify(text: string): Piece[] {
  // Of the same length, so that places in it are places in the text.
  const blank = (signs: string): string => ' '.repeat(signs.length);
  const searched = text.replace(FOREIGN, blank).replace(EMPHASIS, blank);
  const pieces: Piece[] = [];
  let from = 0;
  for (const { index, lastIndex } of finder.match(searched) ?? []) {
    const address = trim(searched.slice(index, lastIndex), text[index - 1]);
    const href = safe(address);
    if (href === null) continue;
    if (index > from) pieces.push({ text: text.slice(from, index) });
    pieces.push({ text: address, href });
    from = index + address.length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from) });
  return pieces;
}

/** `**address?!**`: the signs at its end are not the address's. A low line may be, unless one stands before it as well. */
function trim(address: string, before: string | undefined): string {
  return address.replace(before === '_' ? /[*~_?!.,;:]+$/u : /[*~?!.,;:]+$/u, '');
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
