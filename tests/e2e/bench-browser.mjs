// Numbers that only a browser can give: from the click on `Join` to the first decoded remote picture, and what the
// first visit loads. Writes target/bench/browser.json. Start it by `make bench`.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';

import { Api } from './lib/api.mjs';
import { launch } from './lib/browsers.mjs';
import { Person } from './lib/person.mjs';
import { Server } from './lib/server.mjs';

const RUNS = Number(process.env['BENCH_RUNS'] ?? 20);
const RESULTS = new URL('../../target/bench/', import.meta.url);

const percentile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];

/** From the click to the first remote picture, by the page's own clock. */
async function joinOnce(browser, server, room, number, name) {
  const guest = await Person.open(browser, server, { name: `Guest ${number}` });
  try {
    await guest.visit(`/${room.name}`);
    await guest.awaits('Join');
    await guest.fill('Your name', guest.name);
    await guest.page.evaluate((teacher) => {
      globalThis.__took = new Promise((resolve) => {
        let start;
        addEventListener('click', (event) => (start ??= event.timeStamp), { capture: true });
        const followed = new WeakSet();
        const look = () => {
          for (const video of globalThis.__e2e.videosOf(teacher)) {
            if (followed.has(video)) continue;
            followed.add(video);
            video.requestVideoFrameCallback((now) => resolve(now - start));
          }
        };
        new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true });
      });
    }, name);
    await guest.press('Join');
    return await guest.page.evaluate(() =>
      Promise.race([globalThis.__took, new Promise((_, reject) => setTimeout(() => reject(new Error('no picture in 15 s')), 15_000))]),
    );
  } finally {
    await guest.close();
    await guest.context.close();
  }
}

/** What the first visit to a room's page moves over the wire, as the browser counts it. */
async function firstLoad(browser, server, room) {
  const guest = await Person.open(browser, server, { name: 'Guest' });
  const session = await guest.page.createCDPSession();
  await session.send('Network.enable');
  let bytes = 0;
  let requests = 0;
  session.on('Network.loadingFinished', (event) => {
    bytes += event.encodedDataLength;
    requests += 1;
  });
  await guest.visit(`/${room.name}`);
  await guest.awaits('Join');
  await guest.page.waitForNetworkIdle();
  await guest.close();
  return { bytes, requests };
}

const server = await Server.start();
const browsers = [];
try {
  const api = await Api.teacher(server);
  const room = await api.room();
  const sender = await launch('chromium');
  const viewer = await launch('chromium');
  browsers.push(sender, viewer);
  const teacher = await Person.open(sender, server, { name: api.user.name });
  await teacher.signIn(server.demo.teacher);
  await teacher.join(room);
  await teacher.press('Turn on camera');
  await teacher.awaits('Turn off camera');

  const took = [];
  for (let run = 0; run <= RUNS; run += 1) {
    const ms = await joinOnce(viewer, server, room, run, api.user.name);
    // The first run warms the browser up and is not counted.
    if (run > 0) took.push(Math.round(ms));
  }
  took.sort((a, b) => a - b);
  const result = {
    date: new Date().toISOString().slice(0, 10),
    commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim(),
    machine: { cpu: cpus()[0].model, cores: cpus().length, memory_gib: Math.round(totalmem() / 2 ** 30) },
    browser: await viewer.version(),
    join_to_first_picture_ms: { runs: took.length, p50: percentile(took, 0.5), p95: percentile(took, 0.95), max: took.at(-1), all: took },
    first_load: await firstLoad(viewer, server, room),
  };
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(new URL('browser.json', RESULTS), `${JSON.stringify(result, null, 2)}\n`);
  const { p50, p95 } = result.join_to_first_picture_ms;
  console.log(`join to first picture (Chromium, ${took.length} runs): p50 ${p50} ms, p95 ${p95} ms (goal: p95 <= 1000)`);
  console.log(`first load: ${result.first_load.bytes} bytes in ${result.first_load.requests} requests (goal: <= 150000)`);
} finally {
  for (const browser of browsers) await browser.close();
  await server.close();
}
