// The stories: where their files lie, which of them take long, and when one hangs.
import { readdirSync } from 'node:fs';
import { basename } from 'node:path';

const END = '.test.mjs';

/** Our own client against the server. */
export const END_TO_END = {
  dir: new URL('../stories/', import.meta.url),
  long: ['selftest', 'blocked', 'accessibility', 'meeting', 'speakers-only', 'layers'],
  timeout: 600_000,
};

/** Other people's clients and platforms against the server. */
export const INTEROP = {
  dir: new URL('../../interop/stories/', import.meta.url),
  long: ['county', 'lti-browsers', 'jitsi', 'bbb-browsers'],
  timeout: 1_200_000,
};

/**
 * The files of these folders with these names, all of them without a name. The long ones begin first: otherwise one of
 * them would be alone at the end. A name that no file has ends the process.
 */
export function stories(folders, names = []) {
  const files = folders.flatMap(({ dir, long, timeout }) =>
    readdirSync(dir)
      .filter((file) => file.endsWith(END))
      .map((file) => ({ path: new URL(file, dir).pathname, name: basename(file, END), timeout, long })),
  );
  const unknown = names.filter((name) => !files.some((file) => file.name === name));
  if (unknown.length || !files.length) {
    console.error(`no story '${unknown}'; there are: ${files.map((file) => file.name).join(', ')}`);
    process.exit(1);
  }
  const place = ({ name, long }) => (long.includes(name) ? long.indexOf(name) : long.length);
  const asked = names.length ? files.filter((file) => names.includes(file.name)) : files;
  return asked.sort((a, b) => place(a) - place(b) || a.name.localeCompare(b.name));
}
