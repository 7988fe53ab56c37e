// How a lesson does on bad lines: somebody with camera and microphone on a good line, somebody else behind a bad one, in
// real browsers. Writes target/lines/lines.json and lines.md. Start it by `make lines`.
//
//   LINES_SECONDS=20     how long each line is bad (60)
//   LINES_BROWSERS=...   chromium firefox
//   LINES_RAW=1          every sample too, in a file for each line
//   LINES_ONLY=...       names of lines, for example "300k; 5%"; the others keep what is recorded of them
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

import { Api } from '../lib/api.mjs';
import { BROWSERS, launch } from '../lib/browsers.mjs';
import { Person } from '../lib/person.mjs';
import { Server } from '../lib/server.mjs';
import { Line } from './line.mjs';
import * as watch from './watch.mjs';

const RECORDED = new URL('../../../benches/results/lines.json', import.meta.url);
const words = (key, all) => process.env[key]?.split(/[\s,]+/).filter(Boolean) ?? all;
const COMMIT = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
const SECONDS = Number(process.env['LINES_SECONDS'] ?? 60);
const RESULTS = new URL('../../../target/lines/', import.meta.url);
/** What a picture has on a good line in two tiles side by side, and how long it may take to get there. */
const HEIGHT = 360;
const GROWS_WITHIN = 20_000;
/** Before the line is bad, and after it. */
const GOOD = 6_000;
const AFTER = 25_000;

/** Of a home or a school: some milliseconds each way. */
const CLEAR = { delay: 0.01 };
const lossy = (loss) => ({ down: { ...CLEAR, loss }, up: { ...CLEAR, loss } });
const narrow = (rate) => ({ down: { ...CLEAR, rate, queue: 0.5 }, up: CLEAR });
const LINES = {
  clear: { down: CLEAR, up: CLEAR },
  '1%': lossy(0.01),
  '5%': lossy(0.05),
  '10%': lossy(0.1),
  '20%': lossy(0.2),
  '2000k': narrow(2_000_000),
  '1000k': narrow(1_000_000),
  '500k': narrow(500_000),
  '300k': narrow(300_000),
  '200k': narrow(200_000),
  '300k up': { down: CLEAR, up: { ...CLEAR, rate: 300_000, queue: 0.5 }, sends: true },
  'delay 100±30, 2%': { down: { delay: 0.1, jitter: 0.03, loss: 0.02 }, up: { delay: 0.1, jitter: 0.03, loss: 0.02 } },
};

/** A fake camera of 30 frames a second: the usual one gives 20, and none may get lost to be 20. */
const SMOOTH = { frames: 30 };

const file = (name, ending) => `${RESULTS.pathname}${name.replace(/[^a-z0-9]+/gi, '-')}.${ending}`;

async function measure(stage, kind, name) {
  const { line, server, sender, room, teacher } = stage;
  const { down, up, sends } = LINES[name];
  const sources = ['microphone', 'camera'];
  const far = { name: 'Far' };
  line.set(CLEAR);
  await line.tell('join', { server: { origin: server.origin }, room, name: far.name, sends: sends ? sources : [] });
  try {
    // Who watches, and whom.
    const near = {
      sees: ({ name: of }) => sender.decodesVideoOf(of),
      grows: ({ name: of, height, ms }) => sender.page.evaluate(watch.grows, of, height, ms),
      begin: ({ name: of }) => sender.page.evaluate(watch.begin, of),
      end: () => sender.page.evaluate(watch.end),
    };
    const beyond = Object.fromEntries(['sees', 'grows', 'begin', 'end'].map((act) => [act, (told) => line.tell(act, told)]));
    const [watches, of] = sends ? [near, far.name] : [beyond, teacher];
    await watches.sees({ name: of });
    if (!(await watches.grows({ name: of, height: HEIGHT, ms: GROWS_WITHIN }))) console.log(`${kind}, ${name}: still small on a good line`);
    await watches.begin({ name: of });
    await sleep(GOOD);
    await line.report();
    const bad = Date.now();
    line.set(down, up);
    const sending = [];
    for (let passed = 0; passed < SECONDS; passed += 10) {
      await sleep(Math.min(10, SECONDS - passed) * 1_000);
      sending.push(await (sends ? line.tell('sends') : sender.page.evaluate(watch.sends)));
    }
    if (process.env['LINES_PICTURES']) await line.tell('picture', { path: file(`${kind} ${name}`, 'png') });
    const report = await line.report();
    const clear = Date.now();
    line.set(CLEAR);
    await sleep(AFTER);
    const noted = await watches.end();
    const over = Date.now();
    if (process.env['LINES_RAW']) writeFileSync(file(`${kind} ${name}`, 'json'), JSON.stringify({ noted, bad, clear, over }));
    const kbps = (direction) => Math.round((report[direction].bytes * 8) / (clear - bad));
    return {
      browser: kind,
      line: name,
      commit: COMMIT,
      ...watch.summary(noted, { bad, clear, over }),
      carried_kbps: { down: kbps('down'), up: kbps('up') },
      bridge: report,
      sending: sending.at(-1),
    };
  } finally {
    await line.tell('leave');
  }
}

function table(results) {
  const head = ['line', 'browser', 'commit', 'concealed %', 'after 2 s %', 'fps', 'height', 'freezes', 'longest ms', 'round trip p50/max ms', 'queue p95 ms', 'settled s', 'recovered s'];
  const rows = results.map((one) => [
    one.line, one.browser, one.commit, one.concealed_percent, one.concealed_after_2s_percent, one.fps, `${one.height} (${one.before.height})`,
    `${one.freezes} (${one.freezes_after_2s})`, `${one.longest_freeze_ms} (${one.longest_freeze_after_2s_ms})`,
    `${one.round_trip_ms.p50}/${one.round_trip_ms.max}`, Math.max(one.bridge.down.queue_p95_ms, one.bridge.up.queue_p95_ms),
    one.settled_after_s ?? '–', one.recovered_after_s ?? '–',
  ]);
  const row = (cells) => `| ${cells.join(' | ')} |`;
  return `${[row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n')}\n`;
}

/** What was measured now, and for each line that was not, what is recorded of it; in the order of the lines. */
function withRecorded(results) {
  const recorded = existsSync(RECORDED) ? JSON.parse(readFileSync(RECORDED, 'utf8')) : { lines: [] };
  const of = (lines, browser, line) => lines.find((one) => one.browser === browser && one.line === line);
  return BROWSERS.flatMap((browser) =>
    Object.keys(LINES).flatMap((line) => {
      const former = of(recorded.lines, browser, line);
      return of(results, browser, line) ?? (former ? { commit: recorded.commit, ...former } : []);
    }),
  );
}

const asked = process.env['LINES_ONLY']?.split(';').map((one) => one.trim()) ?? Object.keys(LINES);
for (const name of asked) if (!LINES[name]) throw new Error(`no such line: ${name}; there are: ${Object.keys(LINES).join('; ')}`);
mkdirSync(RESULTS, { recursive: true });
const results = [];
const server = await Server.start();
let line;
let sender;
try {
  line = await Line.lay(server.port);
  const api = await Api.teacher(server);
  sender = await launch('chromium', SMOOTH);
  for (const kind of words('LINES_BROWSERS', BROWSERS)) {
    await line.tell('launch', { kind, options: SMOOTH });
    for (const name of asked) {
      const room = await api.room();
      const teacher = await Person.open(sender, server, { name: api.user.name });
      await teacher.signIn(server.demo.teacher);
      await teacher.join(room);
      if (!LINES[name].sends) {
        for (const source of ['microphone', 'camera']) {
          await teacher.press(`Turn on ${source}`);
          await teacher.awaits(`Turn off ${source}`);
        }
      }
      const result = await measure({ line, server, sender: teacher, room, teacher: api.user.name }, kind, name);
      results.push(result);
      console.log(JSON.stringify(result));
      await teacher.close();
      await teacher.context.close();
    }
    await line.tell('close');
  }
  const lines = withRecorded(results);
  const told = {
    date: new Date().toISOString().slice(0, 10),
    commit: COMMIT,
    machine: { cpu: cpus()[0].model, cores: cpus().length },
    seconds: SECONDS,
    lines,
  };
  writeFileSync(new URL('lines.json', RESULTS), `${JSON.stringify(told, null, 2)}\n`);
  writeFileSync(new URL('lines.md', RESULTS), table(lines));
  console.log(readFileSync(new URL('lines.md', RESULTS), 'utf8'));
} finally {
  await sender?.close();
  await line?.close();
  await server.close();
}
