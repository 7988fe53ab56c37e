/** What is searched and sorted in a cell. */
export type Value = string | number;

/** The rows of which a cell has all words of the search. */
export function found<Row>(rows: readonly Row[], values: (row: Row) => Value[], search: string): Row[] {
  const wanted = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return [...rows];
  return rows.filter((row) => {
    const text = values(row).join('\n').toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}

/** The rows by one of their values; equal ones stay as they are. */
export function sorted<Row>(
  rows: readonly Row[],
  value: (row: Row) => Value,
  descending: boolean,
  language: string,
): Row[] {
  const words = new Intl.Collator(language, { numeric: true, sensitivity: 'base' });
  const compare = (a: Value, b: Value): number =>
    typeof a === 'number' && typeof b === 'number' ? a - b : words.compare(String(a), String(b));
  return [...rows].sort((a, b) => compare(value(a), value(b)) * (descending ? -1 : 1));
}

/** A page of the rows, and how many pages there are: one at least. */
export function pageOf<Row>(
  rows: readonly Row[],
  wanted: number,
  size: number,
): { shown: Row[]; page: number; pages: number } {
  const pages = Math.max(1, Math.ceil(rows.length / size));
  const page = Math.min(Math.max(0, wanted), pages - 1);
  return { shown: rows.slice(page * size, (page + 1) * size), page, pages };
}
