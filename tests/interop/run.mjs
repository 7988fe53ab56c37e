// Runs the stories and closes with one line of result. What is missing fails; nothing is skipped.
import { readdirSync } from 'node:fs';

import { longFirst, runStories } from '../e2e/lib/rounds.mjs';

/** The long ones begin first: otherwise one of them would be alone at the end. */
const LONG = ['county', 'lti-browsers', 'jitsi', 'bbb-browsers'];
const dir = new URL('./stories/', import.meta.url);
const END = '.test.mjs';
const all = readdirSync(dir).filter((file) => file.endsWith(END)).sort(longFirst(LONG));
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !all.includes(name + END));
if (unknown.length || !all.length) {
  console.error(`no story '${unknown}'; there are: ${all.map((file) => file.replace(END, '')).join(', ')}`);
  process.exit(1);
}

const files = (asked.length ? asked.map((name) => name + END) : all).map((file) => new URL(file, dir).pathname);
await runStories(files, 1_200_000);
