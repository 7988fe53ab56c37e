// Runs one file of stories: `node one-file.mjs FILE TIMEOUT_MS RESULT`. RESULT gets the counts as JSON.
import { writeFileSync } from 'node:fs';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';

const [file, timeout, target] = process.argv.slice(2);
const result = { passed: 0, failed: 0, skipped: 0 };
const stream = run({ files: [file], concurrency: 1, timeout: Number(timeout) });

// Files and suites count as tests for the runner; here only what has no tests inside counts.
const isLeaf = (data) => data.details?.type !== 'suite' && !data.name.endsWith('.test.mjs');
stream.on('test:pass', (data) => {
  if (!isLeaf(data)) return;
  if (data.skip !== undefined || data.todo !== undefined) result.skipped += 1;
  else result.passed += 1;
});
stream.on('test:fail', (data) => {
  // A file that dies before its first test is a failure too.
  if (isLeaf(data) || data.details?.error?.failureType !== 'subtestsFailed') result.failed += 1;
});
stream.on('end', () => writeFileSync(target, JSON.stringify(result)));
stream.compose(new spec()).pipe(process.stdout, { end: false });
