/** Names as somebody types or pastes them. */

/** One name a line. */
export const namesOf = (text: string): string[] =>
  text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** Whether these lines are cells of a table, such as were copied out of a spreadsheet: the server finds the names in them. */
export const isTable = (text: string): boolean => /[\t;]/.test(text);

/** What stands there twice; `null`: each name once. The server compares more closely. */
export function twice(names: readonly string[]): string | null {
  const seen = new Set<string>();
  for (const name of names) {
    const folded = name.toLocaleLowerCase().replace(/\s+/g, ' ');
    if (seen.has(folded)) return name;
    seen.add(folded);
  }
  return null;
}
