// A teacher in one browser, a guest in the other: they see and hear each other, and do what a lesson needs.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';

import { BROWSERS } from '../lib/browsers.mjs';
import { Stage } from '../lib/stage.mjs';

const stage = await Stage.set();
afterEach(() => stage.clear());

for (const kind of BROWSERS) {
  const other = BROWSERS.find((one) => one !== kind);

  test(`a teacher in ${kind} and a guest in ${other} see and hear each other`, async () => {
    const room = await stage.api.room();
    const teacher = await stage.teacher(kind);
    await teacher.join(room);
    const guest = await stage.person(other, 'Anna Guest');
    await guest.join(room);

    // Everyone joins muted and with the camera off.
    assert.equal(await guest.has('Turn on camera'), true);
    assert.equal(await guest.has('Turn on microphone'), true);
    await teacher.hearsNothing(1_500);

    await guest.press('Turn on camera');
    await teacher.press('Turn on camera');
    await guest.awaits('Turn off camera');
    await teacher.awaits('Turn off camera');
    await Promise.all([teacher.decodesVideoOf('Anna Guest'), guest.decodesVideoOf(teacher.name)]);

    await guest.press('Turn on microphone');
    await teacher.hearsSound();
    await teacher.press('Turn on microphone');
    await guest.hearsSound();

    // A camera that is off sends nothing.
    await guest.press('Turn off microphone');
    await guest.awaits('Turn on microphone');
    await teacher.hearsNothing();
    await guest.press('Turn off camera');
    await guest.awaits('Turn on camera');
    const left = await teacher.page.evaluate(
      () => new Promise((resolve) => setTimeout(() => resolve(globalThis.__e2e.videosOf('Anna Guest').length), 1_500)),
    );
    const frames = left === 0 ? 0 : await teacher.framesOf('Anna Guest', 1_500);
    assert.equal(frames, 0, 'the camera is off, yet its picture moves on');
  });
}

test('three people, in two Chromiums and a Firefox, all see and hear each other', { timeout: 240_000 }, async () => {
  const room = await stage.api.room();
  const teacher = await stage.teacher('chromium');
  await teacher.join(room);
  const anna = await stage.person('chromium', 'Anna Guest');
  await anna.join(room);
  const ben = await stage.person('firefox', 'Ben Guest');
  await ben.join(room);
  const people = [teacher, anna, ben];
  for (const person of people) {
    await person.press('Turn on camera');
    await person.awaits('Turn off camera');
  }
  const othersThan = (one) => people.filter((person) => person !== one);
  await Promise.all(people.flatMap((person) => othersThan(person).map((other) => person.decodesVideoOf(other.name))));
  // They speak one after the other, so that it is clear who is heard.
  for (const speaker of people) {
    await speaker.press('Turn on microphone');
    await Promise.all(othersThan(speaker).map((person) => person.hearsSound()));
    await speaker.press('Turn off microphone');
    await speaker.awaits('Turn on microphone');
    await Promise.all(othersThan(speaker).map((person) => person.hearsNothing()));
  }
});

test('the teacher shares the screen and the guest sees it; a guest cannot share', async () => {
  const room = await stage.api.room();
  const teacher = await stage.teacher('chromium');
  await teacher.join(room);
  const guest = await stage.person('firefox', 'Ben Guest');
  await guest.join(room);

  await teacher.press('Share screen');
  await teacher.awaits('Stop sharing');
  await guest.decodesVideoOf(`Screen of ${teacher.name}`);
  await teacher.press('Stop sharing');
  await teacher.awaits('Share screen');

  assert.equal(await guest.has('Share screen'), false, 'a guest is offered to share');
  // The server refuses clients without our buttons, too.
  const cheat = await stage.raw(room, 'Cheat Guest');
  cheat.say({ type: 'set_source', source: 'screen', on: true });
  const refused = await cheat.hear('error');
  assert.equal(refused.code, 'not_permitted');
  assert.deepEqual(cheat.named('Cheat Guest')[0].sources, []);
});

test('the teacher lets one person share', async () => {
  const room = await stage.api.room();
  const teacher = await stage.raw(room, '', { teacher: true });
  const guest = await stage.person('chromium', 'Cleo Guest');
  await guest.join(room);
  const { id } = await teacher.until((one) => one.named('Cleo Guest')[0]);
  teacher.say({ type: 'grant', participant: id, right: 'screen', granted: true });
  await guest.press('Share screen');
  await teacher.until((one) => one.named('Cleo Guest')[0].sources.includes('screen'));
  teacher.say({ type: 'grant', participant: id, right: 'screen', granted: false });
  await teacher.until((one) => one.named('Cleo Guest')[0].sources.length === 0);
  await guest.page.waitForFunction(() => ![...document.querySelectorAll('button')].some((b) => b.getAttribute('aria-label') === 'Stop sharing'));
});

test('a late participant reads the earlier chat, and markup in it stays text', async () => {
  const room = await stage.api.room();
  const teacher = await stage.teacher('chromium');
  await teacher.join(room);
  const early = await stage.person('firefox', 'Dora Guest');
  await early.join(room);
  await teacher.writes('Page 42, please.');
  await early.panel('Chat');
  await early.reads('Page 42, please.');
  await early.writes('<img src=x onerror="document.title=1"> & <b>bold</b>');
  await teacher.reads('<img src=x onerror="document.title=1"> & <b>bold</b>');

  const late = await stage.person('chromium', 'Emil Guest');
  await late.join(room);
  await late.panel('Chat');
  await late.reads('Page 42, please.');
  await late.reads('<b>bold</b>');
  const text = await late.text();
  assert.ok(text.indexOf('Page 42') < text.indexOf('<b>bold'), 'the oldest message comes first');
});

test('hands are raised in an order and lowered again', async () => {
  const room = await stage.api.room();
  const teacher = await stage.teacher('chromium');
  await teacher.join(room);
  const eye = await stage.raw(room, 'Eye Guest');
  const second = await stage.person('firefox', 'Finn Guest');
  await second.join(room);

  const first = await stage.raw(room, 'Gina Guest');
  first.say({ type: 'set_hand', raised: true });
  await eye.until((one) => one.named('Gina Guest')[0]?.hand === 1);
  await second.press('Raise hand');
  await second.awaits('Lower hand');
  await eye.until((one) => one.named('Finn Guest')[0]?.hand === 2);

  await teacher.panel('Participants');
  await teacher.awaits('Lower all hands');
  assert.ok(await teacher.lists('Gina Guest', 'Finn Guest'), 'the first hand is listed first');

  first.say({ type: 'set_hand', raised: false });
  await eye.until((one) => one.named('Finn Guest')[0]?.hand === 1);
  await second.press('Lower hand');
  await second.awaits('Raise hand');
  await eye.until((one) => one.named('Finn Guest')[0]?.hand == null);
});
