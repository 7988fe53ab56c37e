// A bad line: of all cameras only that of the speaker goes out, handed over by speaking, until the teacher ends it.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';

import { assertAccessible } from '../lib/axe.mjs';
import { BROWSERS } from '../lib/browsers.mjs';
import { Stage } from '../lib/stage.mjs';

const stage = await Stage.set();
afterEach(() => stage.clear());

const BANNER = 'only the person who speaks is seen';
const WAITS = 'Your camera waits until you speak';

for (const kind of BROWSERS) {
  const other = BROWSERS.find((one) => one !== kind);

  test(`the picture follows who speaks, for a teacher in ${kind}, Anna in ${kind} and Ben in ${other}`, { timeout: 300_000 }, async () => {
    const room = await stage.api.room();
    const teacher = await stage.teacher(kind);
    await teacher.join(room);
    const anna = await stage.person(kind, 'Anna Guest');
    await anna.join(room);
    const ben = await stage.person(other, 'Ben Guest');
    await ben.join(room);
    for (const pupil of [anna, ben]) {
      await pupil.press('Turn on camera');
      await pupil.awaits('Turn off camera');
    }
    await Promise.all([anna, ben].map((pupil) => teacher.decodesVideoOf(pupil.name)));
    assert.equal(await anna.has('Speakers only'), false, 'only moderators have the button');

    // One click. Nobody speaks: nobody is seen, and nothing is sent for nothing.
    await teacher.press('Speakers only');
    for (const person of [teacher, anna, ben]) await person.reads(BANNER);
    for (const pupil of [anna, ben]) {
      await pupil.reads(WAITS);
      await pupil.awaits('Turn off camera');
    }
    await Promise.all([anna, ben].flatMap((pupil) => [teacher.seesNothingOf(pupil.name), pupil.uploadsNoPictures()]));
    assert.equal(await anna.has('Show everyone again'), false, 'only moderators end it');
    await assertAccessible(teacher, 'speakers only');

    // Anna speaks, then Ben: the picture goes with the voice.
    for (const [speaks, listens] of [
      [anna, ben],
      [ben, anna],
    ]) {
      await speaks.press('Turn on microphone');
      await Promise.all([teacher, listens].map((person) => person.decodesVideoOf(speaks.name)));
      await speaks.readsNot(WAITS);
      await listens.reads(WAITS);
      await Promise.all([teacher.seesNothingOf(listens.name), listens.uploadsNoPictures()]);
      await speaks.press('Turn off microphone');
      await speaks.awaits('Turn on microphone');
    }

    // Whoever reloads comes back into it.
    await anna.reload();
    await anna.isIn();
    await anna.reads(BANNER);

    // After the turn nobody is seen.
    await ben.reads(WAITS);
    await teacher.seesNothingOf(ben.name);

    // One click back, or one key: then the keyboard is not lost with the banner. Of several windows Firefox gives keys to one.
    if (kind === 'chromium') {
      await teacher.find('Show everyone again').map((button) => button.focus()).wait();
      await teacher.page.keyboard.press('Enter');
    } else await teacher.press('Show everyone again');
    for (const person of [teacher, anna, ben]) await person.readsNot(BANNER);
    if (kind === 'chromium') await teacher.page.waitForFunction(() => document.activeElement !== document.body);
    assert.equal(await teacher.has('Show everyone again'), false);
    await teacher.decodesVideoOf(ben.name);
    await ben.readsNot(WAITS);
  });
}
