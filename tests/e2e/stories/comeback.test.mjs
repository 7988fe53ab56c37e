// Lost connections, reloaded pages, and people without camera and microphone.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';

import { BROWSERS } from '../lib/browsers.mjs';
import { Stage } from '../lib/stage.mjs';

const stage = await Stage.set();
afterEach(() => stage.clear());

for (const kind of BROWSERS) {
  test(`a reloaded page in ${kind} is the same person, once in the list, with hand and chat`, async () => {
    const room = await stage.api.room();
    const eye = await stage.raw(room, '', { teacher: true });
    const pupil = await stage.person(kind, 'Paula Pupil');
    await pupil.join(room);
    await pupil.writes('I was here before.');
    await pupil.press('Raise hand');
    const before = await eye.until((one) => one.named('Paula Pupil').find((entry) => entry.hand === 1));

    await pupil.reload();
    await pupil.isIn();
    await pupil.awaits('Lower hand');
    await pupil.panel('Chat');
    await pupil.reads('I was here before.');
    const after = await eye.until((one) => one.named('Paula Pupil').find((entry) => entry.connected));
    assert.equal(after.id, before.id);
    assert.equal(after.hand, 1);
    assert.equal(eye.roster.size, 2);
    assert.equal(await pupil.entries('Paula Pupil'), 1);

    // The others see and hear the person again.
    await pupil.press('Turn on camera');
    const viewer = await stage.person('chromium', 'Vera Viewer');
    await viewer.join(room);
    await viewer.decodesVideoOf('Paula Pupil');
  });

  test(`a lost WebSocket in ${kind} keeps the pictures running and the seat`, async () => {
    const room = await stage.api.room();
    const eye = await stage.raw(room, '', { teacher: true });
    const sender = await stage.person('chromium', 'Sina Sender');
    await sender.join(room);
    await sender.press('Turn on camera');
    const pupil = await stage.person(kind, 'Paula Pupil');
    // The test cuts the connection outside of the product: it closes the sockets, and new ones fail for a while.
    await pupil.page.evaluateOnNewDocument(() => {
      const Real = WebSocket;
      const open = new Set();
      globalThis.__line = {
        broken: false,
        cut() {
          this.broken = true;
          for (const socket of open) socket.close();
        },
      };
      globalThis.WebSocket = class extends Real {
        constructor(url, protocols) {
          super(globalThis.__line.broken ? `${url}/nothing-here` : url, protocols);
          open.add(this);
        }
      };
    });
    await pupil.join(room);
    const { id } = await eye.until((one) => one.named('Paula Pupil')[0]);
    await pupil.decodesVideoOf('Sina Sender');

    await pupil.page.evaluate(() => globalThis.__line.cut());
    await eye.until((one) => one.named('Paula Pupil')[0]?.connected === false, 'the others see that the line is lost', 10_000);
    await pupil.reads('You are being reconnected');
    const frames = await pupil.framesOf('Sina Sender', 2_000);
    assert.ok(frames > 5, `pictures stopped with the signalling: ${frames} frames in 2 s`);

    await pupil.page.evaluate(() => (globalThis.__line.broken = false));
    await eye.until((one) => one.named('Paula Pupil')[0]?.connected, 'back by itself', 15_000);
    assert.equal(eye.named('Paula Pupil')[0].id, id);
    assert.equal(eye.named('Paula Pupil').length, 1);
    await pupil.decodesVideoOf('Sina Sender');
  });

  test(`a guest without camera and microphone in ${kind} joins, sees and writes`, async () => {
    const room = await stage.api.room();
    const eye = await stage.raw(room, '', { teacher: true });
    const sender = await stage.person('chromium', 'Sina Sender');
    await sender.join(room);
    await sender.press('Turn on camera');
    const bare = await stage.person(kind, 'Bert Bare', { browser: { devices: false } });
    await bare.join(room);
    await bare.decodesVideoOf('Sina Sender');
    await bare.writes('No camera here.');
    await eye.until((one) => one.chat.some((message) => message.text === 'No camera here.'));
    // Turning on a missing device shows a notice, and nothing breaks.
    await bare.press('Turn on camera');
    await bare.reads('none found');
    await bare.isIn();
  });
}

test('the newer of two tabs with one seat is the person', async () => {
  const room = await stage.api.room();
  const eye = await stage.raw(room, '', { teacher: true });
  const first = await stage.raw(room, 'Paula Pupil');
  const second = await stage.raw(room, 'Paula Pupil', { seat: first.seat });
  assert.equal((await first.hear('refused')).reason, 'replaced');
  assert.equal(second.you, first.you);
  assert.equal(eye.named('Paula Pupil').length, 1);
});
