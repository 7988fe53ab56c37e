// Runs the stories one after the other and closes with one line of result. What is missing fails; nothing is skipped.
import { readdirSync } from 'node:fs';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';

const dir = new URL('./stories/', import.meta.url);
const END = '.test.mjs';
const all = readdirSync(dir).filter((file) => file.endsWith(END)).sort();
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !all.includes(name + END));
if (unknown.length || !all.length) {
  console.error(`no story '${unknown}'; there are: ${all.map((file) => file.replace(END, '')).join(', ')}`);
  process.exit(1);
}

let passed = 0;
let failed = 0;
const files = (asked.length ? asked.map((name) => name + END) : all).map((file) => new URL(file, dir).pathname);
const stream = run({ files, concurrency: 1, timeout: 1_200_000 });
// Files and suites count as tests for the runner; here only what has no tests inside counts.
const isLeaf = (data) => data.details?.type !== 'suite' && !data.name.endsWith(END);
stream.on('test:pass', (data) => {
  if (!isLeaf(data)) return;
  // A test that was skipped has shown nothing.
  if (data.skip !== undefined || data.todo !== undefined) failed += 1;
  else passed += 1;
});
stream.on('test:fail', (data) => {
  // A file that dies before its first test is a failure too.
  if (isLeaf(data) || data.details?.error?.failureType !== 'subtestsFailed') failed += 1;
});
stream.on('end', () => {
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed > 0 || passed === 0 ? 1 : 0);
});
stream.compose(new spec()).pipe(process.stdout);
