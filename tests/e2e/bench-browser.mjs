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

/**
 * Runs in the page before its own code: notes when each step of joining was done, in milliseconds of the page's clock.
 * The steps are those of the protocols, so the page's code may change.
 */
function noteSteps() {
  const steps = (globalThis.__steps = {});
  const note = (name) => (steps[name] ??= performance.now());
  const Socket = globalThis.WebSocket;
  globalThis.WebSocket = class extends Socket {
    constructor(...given) {
      super(...given);
      this.addEventListener('open', () => note('websocket_open'));
      this.addEventListener('message', ({ data }) => {
        const { type, video } = JSON.parse(data);
        if (type === 'joined' || type === 'answer') note(`${type}_received`);
        if (type === 'slots' && video.some((id) => id !== null)) note('picture_in_slot');
      });
    }
    send(data) {
      const { type } = JSON.parse(data);
      if (type === 'offer' || type === 'view') note(`${type}_sent`);
      super.send(data);
    }
  };
  const Connection = globalThis.RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends Connection {
    constructor(...given) {
      note('peer_connection');
      super(...given);
      this.addEventListener('iceconnectionstatechange', () => {
        if (this.iceConnectionState === 'connected') note('ice_connected');
      });
      this.addEventListener('connectionstatechange', () => {
        if (this.connectionState === 'connected') note('dtls_connected');
      });
    }
    async setLocalDescription(...given) {
      note('local_description_wanted');
      await super.setLocalDescription(...given);
      note('local_description_set');
    }
    async setRemoteDescription(...given) {
      await super.setRemoteDescription(...given);
      note('remote_description_set');
      for (const { receiver } of this.getTransceivers())
        if (receiver.track.kind === 'video') receiver.track.addEventListener('unmute', () => note('first_video_packet'), { once: true });
    }
  };
}

/** From the click to the first remote picture, by the page's own clock, and to each step before it. */
async function joinOnce(browser, server, room, number, name) {
  const guest = await Person.open(browser, server, { name: `Guest ${number}` });
  try {
    await guest.page.evaluateOnNewDocument(noteSteps);
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
            video.requestVideoFrameCallback((now) => {
              const steps = Object.entries(globalThis.__steps).map(([step, at]) => [step, at - start]);
              resolve({ took: now - start, steps: Object.fromEntries(steps) });
            });
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
  const steps = {};
  for (let run = 0; run <= RUNS; run += 1) {
    const joined = await joinOnce(viewer, server, room, run, api.user.name);
    // The first run warms the browser up and is not counted.
    if (run === 0) continue;
    took.push(Math.round(joined.took));
    for (const [step, at] of Object.entries(joined.steps)) (steps[step] ??= []).push(Math.round(at));
  }
  const medians = Object.entries(steps).map(([step, all]) => [step, percentile(all.sort((a, b) => a - b), 0.5)]);
  medians.sort(([, a], [, b]) => a - b);
  took.sort((a, b) => a - b);
  const result = {
    date: new Date().toISOString().slice(0, 10),
    commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim(),
    machine: { cpu: cpus()[0].model, cores: cpus().length, memory_gib: Math.round(totalmem() / 2 ** 30) },
    browser: await viewer.version(),
    join_to_first_picture_ms: { runs: took.length, p50: percentile(took, 0.5), p95: percentile(took, 0.95), max: took.at(-1), all: took },
    // Medians, from the click on.
    join_steps_ms: Object.fromEntries(medians),
    first_load: await firstLoad(viewer, server, room),
  };
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(new URL('browser.json', RESULTS), `${JSON.stringify(result, null, 2)}\n`);
  const { p50, p95 } = result.join_to_first_picture_ms;
  console.log(`join to first picture (Chromium, ${took.length} runs): p50 ${p50} ms, p95 ${p95} ms (goal: p95 <= 300)`);
  for (const [step, at] of medians) console.log(`    ${step.padEnd(28)} ${at} ms`);
  console.log(`first load: ${result.first_load.bytes} bytes in ${result.first_load.requests} requests (goal: <= 150000)`);
} finally {
  for (const browser of browsers) await browser.close();
  await server.close();
}
