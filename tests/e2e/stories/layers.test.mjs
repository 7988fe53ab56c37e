// The server tells who sends which sizes of their picture somebody looks at; the browser sends no others.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { BROWSERS } from '../lib/browsers.mjs';
import { Stage } from '../lib/stage.mjs';

const stage = await Stage.set();
afterEach(() => stage.clear());

/** The bytes that the browser has sent of its camera so far, by size. */
const sent = (person) =>
  person.page.evaluate(async () => {
    const bytes = { q: 0, h: 0, f: 0 };
    for (const connection of globalThis.__e2e.connections) {
      if (connection.connectionState === 'closed') continue;
      for (const stat of (await connection.getStats()).values()) {
        if (stat.type === 'outbound-rtp' && stat.kind === 'video' && stat.frameHeight) bytes[stat.rid] += stat.bytesSent ?? 0;
      }
    }
    return bytes;
  });

/** Waits until, for two seconds, exactly these sizes are sent. */
async function sendsOnly(person, sizes) {
  let told;
  for (let tries = 0; tries < 20; tries += 1) {
    const before = await sent(person);
    await sleep(2_000);
    const after = await sent(person);
    told = Object.keys(after).filter((size) => after[size] > before[size]);
    if (String(told) === String(sizes)) return;
  }
  assert.fail(`${person.name} (${person.browser.kind}) sends ${told} for 40 s, not ${sizes}`);
}

for (const kind of BROWSERS) {
  test(`who is watched by nobody sends the smallest picture alone, in ${kind}`, { timeout: 240_000 }, async () => {
    const room = await stage.api.room();
    const teacher = await stage.teacher(kind);
    await teacher.join(room);
    await teacher.press('Turn on camera');
    await sendsOnly(teacher, ['q']);
    const pupil = await stage.person('chromium', 'Anna');
    await pupil.join(room);
    const seen = await pupil.decodesVideoOf(stage.api.user.name);
    assert.ok(seen.width > 0);
    await sendsOnly(teacher, ['q', 'h']);
    await pupil.page.waitForFunction(
      (name) => globalThis.__e2e.videosOf(name).some((video) => video.videoHeight >= 360),
      { polling: 100 },
      stage.api.user.name,
    );
    await pupil.close();
    await sendsOnly(teacher, ['q']);
  });
}
