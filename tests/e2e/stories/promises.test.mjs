// What the pages promise: no other host, a strict policy, few announcements, and no device that turns itself on.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { BROWSERS } from '../lib/browsers.mjs';
import { Stage } from '../lib/stage.mjs';

const stage = await Stage.set();
afterEach(() => stage.clear());

for (const kind of BROWSERS) {
  // Every story ends with `assertClean`. This one shows that it finds violations.
  test(`a foreign request and an inline script are blocked and reported in ${kind}`, async () => {
    const guest = await stage.person(kind, 'Anna Guest');
    await guest.visit('/');
    await guest.awaits('Join');
    await guest.assertClean();
    const ran = await guest.page.evaluate(async () => {
      const image = new Image();
      image.src = 'http://10.99.0.1:9/foreign.png';
      const script = document.createElement('script');
      // Trusted Types refuse the text. If they did not, the policy would still have to refuse to run it.
      try {
        script.textContent = 'globalThis.__inline = true';
      } catch (refused) {
        if (!(refused instanceof TypeError)) throw refused;
      }
      document.head.append(image, script);
      await fetch('http://10.99.0.1:9/foreign.json').catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 500));
      return globalThis.__inline === true;
    });
    assert.equal(ran, false, 'an inline script ran');
    await assert.rejects(() => guest.assertClean());
    const violations = await guest.page.evaluate(() => globalThis.__e2e.violations.splice(0));
    assert.ok(violations.some((one) => /^(require-trusted-types-for|script-src)/.test(one)), violations.join());
    assert.ok(violations.some((one) => one.startsWith('img-src')), violations.join());
    assert.ok(violations.some((one) => one.startsWith('connect-src')), violations.join());
    guest.foreign.length = 0;
    guest.errors.length = 0;
  });

  test(`a class that joins at once is announced in ${kind} at most once in 3 s`, async () => {
    const room = await stage.api.room();
    await stage.raw(room, '', { teacher: true });
    const guest = await stage.person(kind, 'Anna Guest');
    await guest.join(room);
    await guest.page.evaluate(() => globalThis.__e2e.announced.splice(0));
    for (let n = 1; n <= 8; n += 1) {
      await stage.raw(room, `Pupil ${n}`);
      await sleep(250);
    }
    await sleep(4_000);
    const heard = (await guest.page.evaluate(() => globalThis.__e2e.announced)).filter((one) => one.text.includes('joined'));
    const said = heard.filter((one, index) => index === 0 || one.text !== heard[index - 1].text);
    assert.ok(said.length >= 1, 'nobody was announced');
    for (let n = 1; n < said.length; n += 1) {
      assert.ok(said[n].at - said[n - 1].at >= 2_900, `announced after ${said[n].at - said[n - 1].at} ms: ${JSON.stringify(said)}`);
    }
  });
}

test('there are few cookies, and scripts cannot read the session', async () => {
  const teacher = await stage.teacher('chromium');
  const cookies = await teacher.context.cookies();
  assert.ok(cookies.length <= 3, cookies.map((one) => one.name).join());
  for (const cookie of cookies) {
    assert.ok(cookie.name.startsWith('__Host-'), cookie.name);
    assert.ok(cookie.httpOnly && cookie.secure && cookie.sameSite !== 'None', JSON.stringify({ ...cookie, value: '' }));
  }
});

test('nobody can turn on the camera of another person; a request stays a request', async () => {
  const room = await stage.api.room();
  const teacher = await stage.raw(room, '', { teacher: true });
  const guest = await stage.person('firefox', 'Anna Guest');
  await guest.join(room);
  const { id } = await teacher.until((one) => one.named('Anna Guest')[0]);
  teacher.say({ type: 'ask', participant: id, source: 'camera' });
  await guest.reads('asks you to turn on your camera');
  await sleep(500);
  assert.deepEqual(teacher.named('Anna Guest')[0].sources, []);
  await guest.press('Turn on');
  await teacher.until((one) => one.named('Anna Guest')[0].sources.includes('camera'));
  // Muted by the teacher, it is off at once, and the page says by whom.
  teacher.say({ type: 'mute', target: { these: [id] }, source: 'camera' });
  await teacher.until((one) => one.named('Anna Guest')[0].sources.length === 0);
  await guest.reads('Your teacher turned off your camera');
  await guest.awaits('Turn on camera');
});
