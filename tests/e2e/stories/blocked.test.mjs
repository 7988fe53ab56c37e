// Schools whose firewall blocks UDP: sound and pictures take the port of the page.
import assert from 'node:assert/strict';
import { after, afterEach, beforeEach, test } from 'node:test';

import { BROWSERS } from '../lib/browsers.mjs';
import { blockUdp, openUdp } from '../lib/firewall.mjs';
import { Stage } from '../lib/stage.mjs';

/** What the page's port speaks, with the UDP port of the server that does. */
const PORTS = { 'plain TCP': 10_000, TLS: 10_001 };
const stages = {
  'plain TCP': await Stage.set({ KMZ_MEET_MEDIA_PORT: String(PORTS['plain TCP']) }),
  TLS: await Stage.set({ KMZ_MEET_MEDIA_PORT: String(PORTS.TLS) }, { tls: true }),
};
/** Nobody knows the certificate of a test. */
const TRUSTING = { browser: { trusting: true } };

beforeEach(() => openUdp());
afterEach(async () => {
  for (const stage of Object.values(stages)) await stage.clear();
});
after(() => openUdp());

/** Milliseconds until this has happened. */
async function time(act) {
  const start = performance.now();
  await act();
  return Math.round(performance.now() - start);
}

/** Someone who is heard and seen, whatever the network does meanwhile. */
async function sender(room, stage, options) {
  const person = await stage.person('chromium', 'Sina Sender', options);
  await person.join(room);
  await person.press('Turn on camera');
  await person.press('Turn on microphone');
  return person;
}

for (const kind of BROWSERS) {
  for (const [port, stage] of Object.entries(stages)) {
    const options = port === 'TLS' ? TRUSTING : {};

    for (const [how, most] of [
      ['reject', 5_000],
      ['drop', 8_000],
    ]) {
      test(`a pupil in ${kind} hears and sees over ${port} where the firewall answers UDP with ${how}`, async () => {
        const room = await stage.api.room();
        const eye = await stage.raw(room, '', { teacher: true });
        blockUdp(PORTS[port], how);
        await sender(room, stage, options);
        const pupil = await stage.person(kind, 'Paula Pupil', options);
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
          // After a reload some browsers stay silent until somebody does something.
          await pupil.press('More');
          await pupil.hearsSound();
        });
        assert.ok(again <= most, `${again} ms until the first sound after a reload`);
      });
    }

    test(`a conference in ${kind} goes on over ${port} when UDP dies, with the same seat, and takes UDP again when it is back`, async () => {
      const room = await stage.api.room();
      const eye = await stage.raw(room, '', { teacher: true });
      await sender(room, stage, options);
      const pupil = await stage.person(kind, 'Paula Pupil', options);
      await pupil.join(room);
      await pupil.hearsSound();
      const before = eye.named('Paula Pupil')[0].id;
      blockUdp(PORTS[port], 'drop');
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
}
