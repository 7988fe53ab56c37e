// Runs files of stories one after the other (two cores carry two browsers, not four). A file with a failure runs
// once more, and both results are shown: browsers on a busy machine are sometimes late, and a defect fails twice.
import { run } from 'node:test';
import { spec } from 'node:test/reporters';

async function round(files, timeout) {
  const result = { passed: 0, failed: 0, skipped: 0, bad: new Set() };
  const stream = run({ files, concurrency: 1, timeout });
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
    const file = files.find((one) => data.file === one || data.name === one);
    if (file) result.bad.add(file);
    else for (const one of files) result.bad.add(one);
  });
  const ended = new Promise((resolve) => stream.on('end', resolve));
  stream.compose(new spec()).pipe(process.stdout, { end: false });
  await ended;
  return result;
}

/** Ends the process with 0 when every story has passed, in the first round or in the second. */
export async function runStories(files, timeout) {
  const first = await round(files, timeout);
  let { passed, failed } = first;
  const { skipped } = first;
  if (failed > 0 && skipped === 0) {
    const again = [...first.bad];
    console.log(`once more: ${again.map((file) => file.split('/').at(-1)).join(', ')} (${failed} failed)`);
    const second = await round(again, timeout);
    // What passed in these files the first time is counted again by the second round.
    passed = second.failed === 0 ? passed + failed : passed;
    failed = second.failed;
  }
  // A run without a test, or with a skipped one, has shown nothing.
  const bad = failed > 0 || passed === 0 || skipped > 0;
  console.log(`${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`);
  process.exit(bad ? 1 : 0);
}
