// Runs the stories, each file in a network of its own, and closes with one line of result.
import { readdirSync } from 'node:fs';

import { longFirst, runStories } from './lib/rounds.mjs';

/** The long ones begin first: otherwise one of them would be alone at the end. */
const LONG = ['selftest', 'blocked', 'accessibility', 'meeting', 'speakers-only', 'layers'];
const dir = new URL('./stories/', import.meta.url);
const all = readdirSync(dir).filter((file) => file.endsWith('.test.mjs')).sort(longFirst(LONG));
const asked = process.argv.slice(2);
const files = asked.length ? all.filter((file) => asked.includes(file.replace('.test.mjs', ''))) : all;
if (files.length < Math.max(1, asked.length)) {
  console.error(`no such story; there are: ${all.map((file) => file.replace('.test.mjs', '')).join(', ')}`);
  process.exit(1);
}

await runStories(files.map((file) => new URL(file, dir).pathname), 600_000);
