/** A look at a list before anybody else sees it: the rows of a text with separators. What a row means, the check says. */

/** The first rows of a list. */
export interface Preview {
  rows: string[][];
  /** How many there are in all. */
  total: number;
}

export const MAX_ROWS_SHOWN = 50;
const MAX_COLUMNS_SHOWN = 20;
const MAX_CELL_LENGTH = 100;
const SEPARATORS = [';', ',', '\t', '|'];

/** `null`: this is no text with rows, so only the check can read it (a workbook). */
export function preview(bytes: Uint8Array): Preview | null {
  const text = decode(bytes);
  if (text === null) return null;
  const separator = separatorOf(text);
  const rows: string[][] = [];
  let total = 0;
  for (const row of rowsOf(text, separator)) {
    if (row.every((cell) => cell.trim() === '')) continue;
    total += 1;
    if (rows.length < MAX_ROWS_SHOWN)
      rows.push(row.slice(0, MAX_COLUMNS_SHOWN).map((cell) => cell.trim().slice(0, MAX_CELL_LENGTH)));
  }
  return total === 0 ? null : { rows, total };
}

function decode(bytes: Uint8Array): string | null {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  // Archives, old workbooks and everything else that is no text.
  if (bytes.includes(0)) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/** The one that the first row has most of. */
function separatorOf(text: string): string {
  const head = text.slice(0, text.search(/[\r\n]|$/));
  const counted = SEPARATORS.map((one) => ({ one, count: head.split(one).length }));
  return counted.reduce((most, next) => (next.count > most.count ? next : most)).one;
}

/** RFC 4180, with any separator and any end of a line. */
function* rowsOf(text: string, separator: string): Generator<string[]> {
  const ends = new RegExp(`[\\r\\n${separator === '|' ? '\\|' : separator}]`, 'g');
  let row: string[] = [];
  let at = 0;
  while (at < text.length) {
    let cell = '';
    if (text.charAt(at) === '"') {
      const end = quoteEnd(text, at + 1);
      cell = text.slice(at + 1, end).replaceAll('""', '"');
      at = end + 1;
    }
    ends.lastIndex = at;
    const end = ends.exec(text)?.index ?? text.length;
    row.push(cell + text.slice(at, end));
    at = end + 1;
    if (text.charAt(end) === separator && at < text.length) continue;
    if (text.charAt(end) === separator) row.push('');
    if (text.charAt(end) === '\r' && text.charAt(at) === '\n') at += 1;
    yield row;
    row = [];
  }
}

/** Where the quotes end that were opened before `at`. */
function quoteEnd(text: string, at: number): number {
  for (;;) {
    const end = text.indexOf('"', at);
    if (end < 0) return text.length;
    if (text.charAt(end + 1) !== '"') return end;
    at = end + 2;
  }
}
