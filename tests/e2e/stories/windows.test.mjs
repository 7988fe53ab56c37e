// Drafts are not lost, and windows that are closed, duplicated or hidden do what people expect.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { BROWSERS } from '../lib/browsers.mjs';
import { Stage } from '../lib/stage.mjs';

const stage = await Stage.set();
afterEach(() => stage.clear());

const draft = (person) => person.page.evaluate(() => document.querySelector('textarea').value);

for (const kind of BROWSERS) {
  test(`in ${kind} a draft is still there after another panel and after a lost connection`, async () => {
    const room = await stage.api.room();
    await stage.raw(room, '', { teacher: true });
    const pupil = await stage.person(kind, 'Paula Pupil');
    await pupil.page.evaluateOnNewDocument(() => {
      const Real = WebSocket;
      globalThis.__sockets = [];
      globalThis.WebSocket = class extends Real {
        constructor(...options) {
          super(...options);
          globalThis.__sockets.push(this);
        }
      };
    });
    await pupil.join(room);
    await pupil.panel('Chat');
    await pupil.fill('Message', 'half a sentence');
    await pupil.panel('Participants');
    await pupil.panel('Chat');
    assert.equal(await draft(pupil), 'half a sentence');
    await pupil.page.evaluate(() => globalThis.__sockets.forEach((socket) => socket.close()));
    await pupil.reads('You are back.');
    assert.equal(await draft(pupil), 'half a sentence');
    await pupil.press('Chat');
    await pupil.press('Chat');
    assert.equal(await draft(pupil), 'half a sentence');
    await pupil.press('Send');
    await pupil.page.waitForFunction(() => document.querySelector('[role=log]').innerText.includes('half a sentence'));
    assert.equal(await draft(pupil), '');
  });

  test(`in ${kind} Enter that ends a composition sends nothing`, async () => {
    const room = await stage.api.room();
    const eye = await stage.raw(room, '', { teacher: true });
    const pupil = await stage.person(kind, 'Paula Pupil');
    await pupil.join(room);
    await pupil.panel('Chat');
    await pupil.fill('Message', '你好');
    const enter = (more) =>
      pupil.page.evaluate((init) => {
        const event = new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true, ...init });
        // Safari reports this code; a synthetic event has none.
        if (init.keyCode) Object.defineProperty(event, 'keyCode', { value: init.keyCode });
        document.querySelector('textarea').dispatchEvent(event);
      }, more);
    await enter({ keyCode: 229 });
    await enter({ isComposing: true });
    await enter({ shiftKey: true });
    assert.equal(await draft(pupil), '你好');
    await enter({ keyCode: 13 });
    await eye.until((one) => one.chat.length === 1);
    assert.equal(eye.chat[0].text, '你好');
  });

  test(`in ${kind} a closed tab leaves at once, and the same browser is the same person again`, async () => {
    const room = await stage.api.room();
    const eye = await stage.raw(room, '', { teacher: true });
    const pupil = await stage.person(kind, 'Paula Pupil');
    await pupil.join(room);
    const { id } = await eye.until((one) => one.named('Paula Pupil')[0]);
    await pupil.page.close({ runBeforeUnload: true });
    // This is long before the server gives up a lost connection.
    await eye.until((one) => one.named('Paula Pupil').length === 0, 'the closed tab says goodbye', 10_000);
    const again = await stage.person(kind, 'Paula Pupil', { as: pupil });
    await again.join(room);
    const back = await eye.until((one) => [...one.roster.values()].find((entry) => entry.name.startsWith('Paula')));
    assert.deepEqual([back.name, back.id, eye.roster.size], ['Paula Pupil', id, 2]);
  });

  test(`in ${kind} a page that the person goes back to has its seat again`, async () => {
    const room = await stage.api.room();
    const eye = await stage.raw(room, '', { teacher: true });
    const pupil = await stage.person(kind, 'Paula Pupil');
    await pupil.join(room);
    const { id } = await eye.until((one) => one.named('Paula Pupil')[0]);
    await pupil.visit('/check');
    await pupil.reads('Check my device');
    await pupil.page.goBack({ waitUntil: 'domcontentloaded' });
    await pupil.isIn();
    await eye.until((one) => one.named('Paula Pupil')[0]?.connected);
    assert.equal(eye.named('Paula Pupil')[0].id, id);
  });

  test(`in ${kind} Join is visible, however low the frame is`, async () => {
    const room = await stage.api.room();
    const pupil = await stage.person(kind, 'Paula Pupil');
    for (const [width, height] of [[640, 480], [640, 800], [800, 600], [1100, 520], [1366, 640], [1366, 768], [844, 390]]) {
      await pupil.page.setViewport({ width, height });
      await pupil.visit(`/${room.name}`);
      await pupil.awaits('Join');
      const below = await pupil.page.evaluate(() => document.querySelector('form button[type=submit]').getBoundingClientRect().bottom - innerHeight);
      assert.ok(below <= 0, `${width}×${height}: ${below} px below what is seen`);
    }
  });

  test(`in ${kind} a person who closes the second tab comes back in the first one`, async () => {
    const room = await stage.api.room();
    const eye = await stage.raw(room, '', { teacher: true });
    const pupil = await stage.person(kind, 'Paula Pupil');
    await pupil.join(room);
    // A copy of the tab has its session storage.
    const kept = await pupil.page.evaluate(() => ({ ...sessionStorage }));
    const copy = await stage.person(kind, 'Paula Pupil', { as: pupil });
    await copy.page.evaluateOnNewDocument((all) => {
      if (location.protocol.startsWith('http')) for (const [key, value] of Object.entries(all)) sessionStorage.setItem(key, value);
    }, kept);
    await copy.visit(`/${room.name}`);
    await copy.isIn();
    await pupil.reads('You are here in another window');
    await copy.page.close({ runBeforeUnload: true });
    await pupil.press('Come back here');
    await pupil.isIn();
    await eye.until((one) => one.named('Paula Pupil')[0]?.connected);
    assert.equal(eye.roster.size, 2);
  });

  test(`in ${kind} a teacher sees that somebody guesses passwords, and what to do`, async () => {
    const room = await stage.api.room({ password: 'open sesame' });
    const teacher = await stage.teacher(kind);
    await teacher.join(room);
    const alerted = () => teacher.page.evaluate(() => document.querySelector('.notices')?.innerText.includes('Someone is trying passwords') ?? false);
    for (let tries = 0; tries < 120 && !(await alerted()); tries += 1) {
      const raw = await stage.socket();
      raw.say({ type: 'join', room: room.name, name: `Guess ${tries}`, password: `wrong ${tries}` });
      await Promise.race([raw.until((one) => one.messages.length > 0).catch(() => undefined), sleep(500)]);
      raw.socket.close();
    }
    await teacher.reads('Someone is trying passwords of this room', 10_000);
    // The alert stays until the teacher acts.
    await sleep(7_000);
    assert.ok(await alerted());
    await teacher.press('Change the password');
    await teacher.reads('New password');
    assert.ok(!(await alerted()));
  });
}
