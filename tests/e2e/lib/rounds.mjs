// Runs files of stories, each in a network and a process of its own, some at a time: people in a story wait most of
// their time, for each other and for deadlines. A file with a failure runs once more, alone, and both results are
// shown: browsers on a busy machine are sometimes late, and a defect fails twice.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Two on two cores: a third one makes those late that count seconds. */
const LANES = Number(process.env['E2E_LANES'] ?? Math.max(2, availableParallelism() - 1));
const NETWORK = fileURLToPath(new URL('../netns.sh', import.meta.url));
const ONE_FILE = fileURLToPath(new URL('one-file.mjs', import.meta.url));

/** Runs one file. What it prints is shown when it ends, so that two files do not mix their lines. */
async function runFile({ path: file, timeout }) {
  const dir = mkdtempSync(join(tmpdir(), 'kmz-meet-story-'));
  const result = join(dir, 'result.json');
  const started = performance.now();
  const child = spawn(NETWORK, [process.execPath, ONE_FILE, file, String(timeout), result], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => output.push(data));
  const code = await new Promise((resolve) => child.once('close', resolve));
  console.log(`=== ${basename(file)}, ${Math.round((performance.now() - started) / 1_000)} s`);
  process.stdout.write(Buffer.concat(output));
  try {
    return JSON.parse(readFileSync(result, 'utf8'));
  } catch {
    console.log(`${basename(file)} ended without a result (${code})`);
    return { passed: 0, failed: 1, skipped: 0 };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Takes the next file as soon as one is done, at most `lanes` at a time. */
async function round(files, lanes) {
  const waiting = [...files];
  const results = [];
  const lane = async () => {
    for (let file = waiting.shift(); file; file = waiting.shift()) {
      results.push({ file, ...(await runFile(file)) });
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return results;
}

const sum = (results, key) => results.reduce((total, one) => total + one[key], 0);

/** Ends the process with 0 when every story has passed, in the first round or in the second. */
export async function runStories(files) {
  let results = await round(files, LANES);
  const bad = results.filter((one) => one.failed > 0);
  if (bad.length > 0) {
    console.log(`once more: ${bad.map((one) => one.file.name).join(', ')} (${sum(bad, 'failed')} failed)`);
    const again = await round(bad.map((one) => one.file), 1);
    results = [...results.filter((one) => one.failed === 0), ...again];
  }
  const [passed, failed, skipped] = ['passed', 'failed', 'skipped'].map((key) => sum(results, key));
  // A file without a test, or with a skipped one, has shown nothing.
  const empty = results.filter((one) => one.passed + one.failed === 0);
  for (const one of empty) console.log(`${one.file.name} ran no test`);
  console.log(`${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`);
  process.exit(failed > 0 || skipped > 0 || empty.length > 0 || passed === 0 ? 1 : 0);
}
