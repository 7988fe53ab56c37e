// Something is wrong: a pupil says so, the teacher stops everything by one press, and goes on with those whom she releases.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';

import { assertAccessible } from '../lib/axe.mjs';
import { BROWSERS } from '../lib/browsers.mjs';
import { Stage } from '../lib/stage.mjs';

const stage = await Stage.set();
afterEach(() => stage.clear());

const CALM = 'Just a moment, please';

/** Pictures that this person's browser has decoded so far, whoever's. */
function decoded(person) {
  return person.page.evaluate(() =>
    [...document.querySelectorAll('video')].reduce((sum, one) => sum + one.getVideoPlaybackQuality().totalVideoFrames, 0),
  );
}

for (const kind of BROWSERS) {
  const other = BROWSERS.find((one) => one !== kind);

  test(`everything is stopped and released, for a teacher in ${kind}, Anna in ${kind} and Ben in ${other}`, { timeout: 300_000 }, async () => {
    const room = await stage.api.room();
    const teacher = await stage.teacher(kind);
    await teacher.join(room);
    const anna = await stage.person(kind, 'Anna Guest');
    await anna.join(room);
    const ben = await stage.person(other, 'Ben Guest');
    await ben.join(room);
    const eye = await stage.raw(room, '', { teacher: true });
    for (const pupil of [anna, ben]) {
      await pupil.press('Turn on camera');
      await pupil.awaits('Turn off camera');
    }
    await ben.press('Turn on microphone');
    await Promise.all([anna.decodesVideoOf(ben.name), ben.decodesVideoOf(anna.name), anna.hearsSound()]);

    // A pupil says that something is wrong; the teacher reads who, and may stop everything by it.
    await anna.press('More');
    await anna.press('Something is wrong here');
    await anna.reads('Your teacher knows now');
    await teacher.reads('Anna Guest reports: something is wrong here');
    await anna.press('More');
    await anna.press('Something is wrong here');
    await ben.readsNot('reports: something is wrong');

    // One shortcut, from wherever the teacher is.
    await teacher.page.keyboard.down('Alt');
    await teacher.page.keyboard.down('Shift');
    await teacher.page.keyboard.press('KeyS');
    await teacher.page.keyboard.up('Shift');
    await teacher.page.keyboard.up('Alt');
    await eye.until((one) => one.room.safety.emergency_stop !== null);
    for (const pupil of [anna, ben]) {
      await pupil.reads(CALM);
      await pupil.awaits('Turn on camera');
      // Nothing of the lesson is left on the screen.
      const text = await pupil.text();
      for (const name of ['Anna Guest', 'Ben Guest']) assert.ok(!text.includes(name), `${pupil.name} reads ${name}`);
      assert.equal(await pupil.has('Chat'), false);
      assert.equal(await pupil.has('Participants'), false);
      assert.equal(await decoded(pupil), 0, 'no picture is there');
    }
    await anna.hearsNothing();
    await assertAccessible(anna, 'held by the emergency stop');
    await assertAccessible(teacher, 'the emergency stop');
    assert.deepEqual(eye.named('Ben Guest')[0].sources, []);

    // A stranger is turned away, and whoever reloads comes back into it.
    const cheat = await stage.socket();
    cheat.say({ type: 'join', room: room.name, name: 'Cheat' });
    assert.equal((await cheat.hear('refused')).reason, 'closed');
    await ben.reload();
    await ben.reads(CALM);
    await ben.press('Something is wrong here');
    await ben.reads('Your teacher knows now');
    await teacher.reads('Ben Guest reports: something is wrong here');

    // Anna alone is released: she sees the lesson again, and is seen; Ben is not.
    await teacher.page.click('main summary');
    await teacher.press('Release Anna Guest');
    await anna.page.waitForFunction(() => !document.querySelector('.calm'));
    await anna.press('Turn on camera');
    await teacher.decodesVideoOf(anna.name);
    await ben.reads(CALM);
    assert.deepEqual(eye.named('Ben Guest')[0].sources, []);

    // All are released; the door stays closed until it is opened, and there is a record for the head of school.
    await teacher.press('Release all');
    await teacher.reads('The door stays closed until you open it');
    await teacher.awaits('Record for the head of school');
    await ben.page.waitForFunction(() => !document.querySelector('.calm'));
    await ben.press('Turn on camera');
    await Promise.all([anna.decodesVideoOf(ben.name), ben.decodesVideoOf(anna.name)]);
    assert.equal(eye.room.policy.door, 'closed');
    const { incidents } = await stage.api.request('GET', `/api/v1/rooms/${room.id}/incidents`);
    assert.deepEqual(
      incidents.map((one) => one.kind),
      ['report', 'emergency_stop', 'report'],
    );
    const stop = incidents[1];
    assert.deepEqual(
      stop.seats.map((one) => [one.number, one.kind, one.sent]),
      [
        [2, 'guest', ['camera']],
        [3, 'guest', ['microphone', 'camera']],
      ],
    );
    await teacher.press('Record for the head of school');
    await teacher.readsNot('The record cannot be fetched here');
    await teacher.press('Open again');
    await eye.until((one) => one.room.policy.door === 'open');
  });
}
