// In place of a new password in the middle of the lesson: one button closes it, the class keeps coming back, strangers do not.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';

import { assertAccessible } from '../lib/axe.mjs';
import { BROWSERS } from '../lib/browsers.mjs';
import { Stage } from '../lib/stage.mjs';

const stage = await Stage.set();
afterEach(() => stage.clear());

const BANNER = 'The lesson has begun. The door is closed';

for (const kind of BROWSERS) {
  const other = BROWSERS.find((one) => one !== kind);

  test(`the lesson is closed and opened, for a teacher in ${kind}, Anna in ${kind} and Ben in ${other}`, { timeout: 240_000 }, async () => {
    const room = await stage.api.room();
    const teacher = await stage.teacher(kind);
    await teacher.join(room);
    const anna = await stage.person(kind, 'Anna Guest');
    await anna.join(room);
    const ben = await stage.person(other, 'Ben Guest');
    await ben.join(room);
    const eye = await stage.raw(room, '', { teacher: true });
    await anna.press('Turn on camera');
    await teacher.decodesVideoOf(anna.name);

    await teacher.panel('Safety');
    await teacher.press('Close the lesson');
    await eye.until((one) => one.room.safety.lesson_closed);
    for (const pupil of [anna, ben]) await pupil.reads(BANNER);
    await teacher.reads('The cameras of the class are locked');
    await anna.awaits('Turn on camera');
    await teacher.seesNothingOf(anna.name);
    await assertAccessible(teacher, 'a closed lesson, for the teacher');
    await assertAccessible(ben, 'a closed lesson');

    // Whoever reloads comes back, and reads the same; a stranger is turned away.
    for (const pupil of [anna, ben]) {
      await pupil.reload();
      await pupil.isIn();
      await pupil.reads(BANNER);
    }
    const stranger = await stage.person(other, 'Stranger');
    await stranger.knock(room);
    await stranger.reads('The door is closed');

    await teacher.press('Release cameras');
    await eye.until((one) => !one.room.safety.cameras_locked);
    await anna.press('Turn on camera');
    await teacher.decodesVideoOf(anna.name);
    assert.equal(eye.room.policy.door, 'closed');

    await teacher.press('Open the lesson again');
    await eye.until((one) => one.room.policy.door === 'open');
    for (const pupil of [anna, ben]) await pupil.readsNot(BANNER);
    await stranger.visit(`/${room.name}`);
    await stranger.knock(room);
    await stranger.isIn();
  });
}
