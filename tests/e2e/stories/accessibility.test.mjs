// axe finds nothing on any screen and in any state: both browsers, light and dark, a laptop and 320 px.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';

import { assertAccessible } from '../lib/axe.mjs';
import { BROWSERS } from '../lib/browsers.mjs';
import { Stage } from '../lib/stage.mjs';

const stage = await Stage.set();
afterEach(() => stage.clear());

const LAPTOP = { width: 1366, height: 768 };
/** 320 px wide: a small phone, and a laptop at 400 %. */
const NARROW = { width: 320, height: 640 };

for (const kind of BROWSERS) {
  for (const theme of ['light', 'dark']) {
    const name = `every screen in ${kind}, ${theme}`;
    test(name, { timeout: 300_000 }, async () => {
      const problems = [];
      const person = async (who, options = {}) => {
        const one = await stage.person(kind, who, { browser: kind === 'firefox' && theme === 'dark' ? { dark: true } : {}, ...options });
        one.theme = theme;
        if (kind === 'chromium') await one.page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: theme }]);
        const dark = await one.page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches);
        assert.equal(dark, theme === 'dark', 'the browser does not show the theme');
        return one;
      };
      /** Checks one state at both widths. Collects all findings, so that one run shows them all. */
      const look = async (one, state) => {
        for (const size of [NARROW, LAPTOP]) {
          await one.page.setViewport(size);
          await assertAccessible(one, state).catch((error) => problems.push(error.message));
        }
      };
      await walk(person, look);
      assert.equal(problems.length, 0, `${problems.length} findings\n${[...new Set(problems)].join('\n')}`);
    });
  }
}

/** Goes through the whole product once, and looks at every screen and state on the way. */
async function walk(person, look) {
  const { teacher: account } = stage.server.demo;
  const room = await stage.api.room();

  const guest = await person('Anna Guest');
  await guest.visit('/');
  await guest.awaits('Join');
  await look(guest, 'home');
  await guest.press('Join');
  await guest.reads('Type the name of the room first');
  await look(guest, 'home with an error');
  await guest.visit('/check');
  await guest.reads('Check my device');
  await look(guest, 'device check');
  await guest.press('Turn on camera');
  await guest.awaits('Turn off camera');
  await look(guest, 'device check with camera');

  const teacher = await person(stage.api.user.name);
  await teacher.visit('/sign-in');
  await teacher.awaits('Sign in');
  await look(teacher, 'sign in');
  await teacher.fill('User name', account.username);
  await teacher.fill('Password', 'wrong');
  await teacher.press('Sign in');
  await teacher.reads('is not right');
  await look(teacher, 'sign in, wrong password');
  await teacher.signIn(account);
  await look(teacher, 'rooms');
  await teacher.press('New room');
  await teacher.awaits('Make the room');
  await look(teacher, 'new room');
  await teacher.page.keyboard.press('Escape');
  await teacher.visit('/rooms');
  await teacher.press(`Settings of ${room.name}`);
  await teacher.reads('Door at the start');
  await look(teacher, 'room settings');

  await guest.visit(`/${room.name}`);
  await guest.awaits('Your name', 'textbox');
  await look(guest, 'pre-join');
  await guest.press('Join');
  await guest.reads('Type your name first');
  await look(guest, 'pre-join with an error');
  await guest.press('Turn on camera');
  await guest.awaits('Turn off camera');
  await look(guest, 'pre-join with own picture');
  await guest.press('Turn off camera');
  await guest.fill('Your name', guest.name);
  await guest.press('Join');
  await guest.reads('Not yet');
  await look(guest, 'waiting for the start');

  await teacher.visit(`/${room.name}`);
  await teacher.awaits('Join');
  await look(teacher, 'pre-join of the teacher');
  await teacher.press('Join');
  await teacher.isIn();
  await guest.isIn();
  await look(guest, 'conference of two');
  await teacher.press('Turn on camera');
  await guest.decodesVideoOf(stage.api.user.name);
  await look(guest, 'conference with a picture');
  // Encoding a camera takes a core, which the rest of the walk can do without.
  await teacher.press('Turn off camera');
  await guest.press('Raise hand');
  await guest.panel('Chat');
  await look(guest, 'empty chat');
  await guest.writes('Hello from Anna');
  await teacher.panel('Chat');
  await teacher.reads('Hello from Anna');
  await look(teacher, 'chat with a message');

  const eye = await stage.raw(room, '', { teacher: true });
  eye.say({ type: 'set_policy', change: { door: 'knock' } });
  const outside = await person('Otto Outside');
  await outside.knock(room);
  await outside.reads('Your teacher knows that you are here');
  await look(outside, 'lobby');
  await teacher.panel('Participants');
  await teacher.reads('Otto Outside');
  await look(teacher, 'participants with lobby and hand');
  await teacher.press('Options for Anna Guest');
  await look(teacher, 'options for one person');
  await teacher.page.keyboard.press('Escape');
  await teacher.panel('Safety');
  await teacher.reads('Mute all');
  await look(teacher, 'safety');
  await teacher.press('More');
  await look(teacher, 'more');
  await teacher.page.keyboard.press('Escape');

  eye.say({ type: 'refuse', target: 'all' });
  await outside.reads('not let in');
  await look(outside, 'turned away');
  eye.say({ type: 'set_policy', change: { door: 'closed' } });
  await eye.until((one) => one.room.policy.door === 'closed');
  const late = await person('Late Guest');
  await late.knock(room);
  await late.reads('The door is closed');
  await look(late, 'door closed');

  const { id } = eye.named('Anna Guest')[0];
  eye.say({ type: 'ask', participant: id, source: 'microphone' });
  await guest.reads('asks you to turn on your microphone');
  await look(guest, 'asked for the microphone');
  await guest.press('Not now');
  eye.say({ type: 'stop_everything' });
  await eye.until((one) => one.room.safety.emergency_stop !== null);
  await guest.reads('Just a moment, please');
  await look(guest, 'everything locked');
  await teacher.reads('Everything is stopped');
  await look(teacher, 'everything stopped, for a moderator');
  eye.say({ type: 'release', target: 'all' });
  await guest.reads('The lesson goes on');
  eye.say({ type: 'set_lesson_closed', closed: true });
  await guest.reads('The lesson has begun');
  await look(guest, 'a closed lesson');
  await look(teacher, 'a closed lesson, for a moderator');
  eye.say({ type: 'set_lesson_closed', closed: false });
  // Firefox has no screen to share without a display.
  if (teacher.browser.kind === 'chromium') {
    await teacher.press('Share screen');
    await teacher.awaits('Stop sharing');
    await guest.decodesVideoOf(`Screen of ${teacher.name}`);
    await look(guest, 'a shared screen');
  }
  await teacher.press('Leave');
  await teacher.reads('Only I go');
  await look(teacher, 'leaving');
  await teacher.page.keyboard.press('Escape');
  eye.say({ type: 'remove', target: { these: [id] } });
  await guest.reads('You were removed');
  await look(guest, 'removed');
  eye.say({ type: 'end_for_all' });
  await teacher.reads('The conference is over');
  await look(teacher, 'over');
}
