// A long lesson behind a firewall without UDP: ten people in Chromium, their sound and pictures over the port of the
// page. Every half minute each of them must hear someone, nobody may have come twice, and the server must not grow.
// Start it by `make soak`; SOAK_MINUTES (30) says how long.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { Api } from './lib/api.mjs';
import { launch } from './lib/browsers.mjs';
import { blockUdp } from './lib/firewall.mjs';
import { Person } from './lib/person.mjs';
import { Server } from './lib/server.mjs';
import { Raw } from './lib/socket.mjs';

const MINUTES = Number(process.env['SOAK_MINUTES'] ?? 30);
const PEOPLE = 10;
const LOOK_EVERY = 30_000;
const MEDIA_PORT = 10_000;
/** What the memory may grow by after everybody came in, in MB: the tables of a running conference, no more. */
const MAX_GROWTH = 12;

const secure = process.env['SOAK_TLS'] !== '0';
const server = await Server.start({ KMZ_MEET_MEDIA_PORT: String(MEDIA_PORT) }, { tls: secure });
const browser = await launch('chromium', { trusting: secure });

const memory = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))[1]) / 1024;
async function relayed() {
  const text = await (await fetch(`${server.origin}/metrics`)).text();
  return Number(/^kmz_meet_relayed_clients (\d+)/m.exec(text)[1]);
}

let result = 1;
try {
  blockUdp(MEDIA_PORT, 'drop');
  const api = await Api.teacher(server);
  const room = await api.room();
  const eye = await Raw.join(server, { room: room.name, name: '' }, { cookie: api.cookie });
  const people = [];
  for (let number = 1; number <= PEOPLE; number += 1) {
    const person = await Person.open(browser, server, { name: `Person ${number}` });
    people.push(person);
    await person.join(room);
    if (number > 2) continue;
    await person.press('Turn on microphone');
    await person.press('Turn on camera');
  }
  for (const person of people.slice(2)) await person.decodesVideoOf('Person 1');
  const seats = [...eye.roster.keys()].sort();
  const start = memory();
  console.log(`${PEOPLE} people are in, ${await relayed()} over the relay, the server has ${start.toFixed(1)} MB`);

  const end = performance.now() + MINUTES * 60_000;
  let looks = 0;
  while (performance.now() < end) {
    await sleep(Math.min(LOOK_EVERY, Math.max(0, end - performance.now())));
    for (const person of people) await person.hearsSound(5_000);
    await people[looks % (PEOPLE - 2) + 2].decodesVideoOf('Person 2', { ms: 5_000 });
    assert.deepEqual([...eye.roster.keys()].sort(), seats, 'somebody left or came twice');
    assert.equal(await relayed(), PEOPLE, 'somebody is not on the relay');
    looks += 1;
    if (looks % 10 === 0) console.log(`${Math.round(looks * LOOK_EVERY / 60_000)} min: all hear, ${memory().toFixed(1)} MB`);
  }
  for (const person of people) await person.assertClean();
  const grown = memory() - start;
  console.log(`${looks} looks, everybody heard somebody each time; memory ${grown >= 0 ? '+' : ''}${grown.toFixed(1)} MB`);
  assert.ok(looks > 0, 'nothing was looked at');
  assert.ok(grown <= MAX_GROWTH, `the server grew by ${grown.toFixed(1)} MB`);
  console.log('1 passed, 0 failed');
  result = 0;
} catch (error) {
  console.error(error, server.log());
  console.log('0 passed, 1 failed');
} finally {
  await browser.close();
  await server.close();
}
process.exit(result);
