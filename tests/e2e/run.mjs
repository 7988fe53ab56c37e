// Runs the stories one after the other (two cores carry two browsers, not four) and closes with one line of result.
import { readdirSync } from 'node:fs';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';

const dir = new URL('./stories/', import.meta.url);
const all = readdirSync(dir).filter((file) => file.endsWith('.test.mjs')).sort();
const asked = process.argv.slice(2);
const files = asked.length ? all.filter((file) => asked.includes(file.replace('.test.mjs', ''))) : all;
if (files.length < Math.max(1, asked.length)) {
  console.error(`no such story; there are: ${all.map((file) => file.replace('.test.mjs', '')).join(', ')}`);
  process.exit(1);
}

let passed = 0;
let failed = 0;
let skipped = 0;
const stream = run({ files: files.map((file) => new URL(file, dir).pathname), concurrency: 1, timeout: 600_000 });
// Files and suites count as tests for the runner; here only what has no tests inside counts.
const isLeaf = (data) => data.details?.type !== 'suite' && !data.name.endsWith('.test.mjs');
stream.on('test:pass', (data) => {
  if (!isLeaf(data)) return;
  if (data.skip !== undefined || data.todo !== undefined) skipped += 1;
  else passed += 1;
});
stream.on('test:fail', (data) => {
  // A file that dies before its first test is a failure too.
  if (isLeaf(data) || data.details?.error?.failureType !== 'subtestsFailed') failed += 1;
});
stream.on('end', () => {
  // A run without a test, or with a skipped one, has shown nothing.
  const bad = failed > 0 || passed === 0 || skipped > 0;
  console.log(`${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`);
  process.exit(bad ? 1 : 0);
});
stream.compose(new spec()).pipe(process.stdout);
