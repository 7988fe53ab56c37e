// Schools whose firewall blocks UDP: sound and pictures take the port of the page.
import assert from 'node:assert/strict';
import { after, afterEach, beforeEach, test } from 'node:test';

import { BROWSERS } from '../lib/browsers.mjs';
import { blockUdp, openUdp } from '../lib/firewall.mjs';
import { Stage } from '../lib/stage.mjs';

const UDP = 10_000;
const stage = await Stage.set({ KMZ_MEET_MEDIA_PORT: String(UDP) });
beforeEach(() => openUdp());
const secure = await Stage.set({ KMZ_MEET_MEDIA_PORT: String(UDP + 1) }, { tls: true });
afterEach(async () => {
  await stage.clear();
  await secure.clear();
});
after(() => openUdp());

/** Milliseconds until this has happened. */
async function time(act) {
  const start = performance.now();
  await act();
  return Math.round(performance.now() - start);
}

/** Someone who is heard and seen, whatever the network does meanwhile. */
async function sender(room, on = stage, options = {}) {
  const person = await on.person('chromium', 'Sina Sender', options);
  await person.join(room);
  await person.press('Turn on camera');
  await person.press('Turn on microphone');
  return person;
}

for (const kind of BROWSERS) {
  for (const [how, most] of [
    ['reject', 5_000],
    ['drop', 8_000],
  ]) {
    test(`a pupil in ${kind} hears and sees where the firewall answers UDP with ${how}`, async () => {
      const room = await stage.api.room();
      const eye = await stage.raw(room, '', { teacher: true });
      blockUdp(UDP, how);
      await sender(room);
      const pupil = await stage.person(kind, 'Paula Pupil');
      await pupil.knock(room);
      const first = await time(() => pupil.hearsSound());
      assert.ok(first <= most, `${first} ms until the first sound`);
      await pupil.decodesVideoOf('Sina Sender');
      await pupil.press('More');
      await pupil.reads('Your network blocks the direct way');
      assert.equal(eye.roster.size, 3);
      // The next time the relay is not found out again.
      const again = await time(async () => {
        await pupil.reload();
        await pupil.isIn();
        await pupil.hearsSound();
      });
      assert.ok(again <= most, `${again} ms until the first sound after a reload`);
    });
  }

  test(`a pupil in ${kind} hears and sees over the TLS port of the page`, async () => {
    const room = await secure.api.room();
    const eye = await secure.raw(room, '', { teacher: true });
    blockUdp(UDP + 1, 'reject');
    const trusting = { browser: { trusting: true } };
    await sender(room, secure, trusting);
    const pupil = await secure.person(kind, 'Paula Pupil', trusting);
    await pupil.knock(room);
    const first = await time(() => pupil.hearsSound());
    assert.ok(first <= 5_000, `${first} ms until the first sound`);
    await pupil.decodesVideoOf('Sina Sender');
    await pupil.press('More');
    await pupil.reads('Your network blocks the direct way');
    assert.equal(eye.roster.size, 3);
  });

  test(`a conference in ${kind} goes on when UDP dies, with the same seat, and takes UDP again when it is back`, async () => {
    const room = await stage.api.room();
    const eye = await stage.raw(room, '', { teacher: true });
    await sender(room);
    const pupil = await stage.person(kind, 'Paula Pupil');
    await pupil.join(room);
    await pupil.hearsSound();
    const before = eye.named('Paula Pupil')[0].id;
    blockUdp(UDP, 'drop');
    // What is in the browser's buffer is played first.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const silent = await time(() => pupil.hearsSound());
    assert.ok(silent <= 9_000, `${silent} ms without sound`);
    await pupil.decodesVideoOf('Sina Sender');
    assert.equal(eye.named('Paula Pupil')[0].id, before);
    assert.equal(eye.named('Paula Pupil').length, 1);
    await pupil.press('More');
    await pupil.reads('Your network blocks the direct way');
    openUdp();
    await pupil.reads('go the direct way (UDP)', 60_000);
    await pupil.hearsSound();
    assert.equal(eye.named('Paula Pupil')[0].id, before);
    assert.equal(eye.named('Paula Pupil').length, 1);
  });
}
