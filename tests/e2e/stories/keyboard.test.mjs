// Everything by keyboard alone: Tab reaches every control, its focus is visible, and nothing traps it.
import { afterEach, test } from 'node:test';

import { BROWSERS } from '../lib/browsers.mjs';
import { tabTo, use } from '../lib/keys.mjs';
import { Stage } from '../lib/stage.mjs';

const stage = await Stage.set();
afterEach(() => stage.clear());

for (const kind of BROWSERS) {
  test(`a guest in ${kind} takes part by keyboard alone`, { timeout: 180_000 }, async () => {
    const room = await stage.api.room();
    const eye = await stage.raw(room, '', { teacher: true });
    const guest = await stage.person(kind, 'Kim Keyboard');
    const { keyboard } = guest.page;

    await guest.visit('/');
    await guest.awaits('Join');
    await tabTo(guest, 'Room');
    await keyboard.type(room.name);
    await keyboard.press('Enter');
    await guest.awaits('Your name', 'textbox');
    await tabTo(guest, 'Your name');
    await keyboard.type('Kim Keyboard');
    await use(guest, 'Join');
    await guest.isIn();

    await use(guest, 'Turn on microphone', { key: ' ' });
    await eye.until((one) => one.named('Kim Keyboard')[0]?.sources.includes('microphone'));
    // The server tells both, and the page perhaps shows it a moment later.
    await guest.awaits('Turn off microphone');
    await use(guest, 'Turn off microphone');
    await eye.until((one) => one.named('Kim Keyboard')[0].sources.length === 0);
    await use(guest, 'Raise hand');
    await eye.until((one) => one.named('Kim Keyboard')[0].hand === 1);
    // The server tells both, and the page perhaps shows it a moment later.
    await guest.awaits('Lower hand');
    await use(guest, 'Lower hand');
    await eye.until((one) => one.named('Kim Keyboard')[0].hand == null);
    await use(guest, 'Chat');
    await tabTo(guest, 'Message');
    await keyboard.type('By keyboard');
    await keyboard.press('Enter');
    await eye.until((one) => one.chat.some((message) => message.text === 'By keyboard'));
    await use(guest, 'Participants');
    await guest.reads('Everyone');
    await keyboard.press('Escape');
    await use(guest, 'Leave');
    await guest.reads('You have left');
    await eye.until((one) => one.named('Kim Keyboard').length === 0);
  });

  test(`a teacher in ${kind} keeps order by keyboard alone`, { timeout: 180_000 }, async () => {
    const room = await stage.api.room();
    const teacher = await stage.person(kind, stage.api.user.name);
    const { keyboard } = teacher.page;
    await teacher.visit('/sign-in');
    await teacher.awaits('Sign in');
    await tabTo(teacher, 'User name');
    await keyboard.type(stage.server.demo.teacher.username);
    await tabTo(teacher, 'Password');
    await keyboard.type(stage.server.demo.teacher.password);
    await keyboard.press('Enter');
    await teacher.reads('My rooms');
    await use(teacher, `Open ${room.name}`);
    await teacher.awaits('Join');
    await use(teacher, 'Join');
    await teacher.isIn();
    const pupil = await stage.raw(room, 'Paula Pupil');

    await use(teacher, 'Safety');
    await use(teacher, 'Speakers only', { back: true });
    await pupil.hear('speakers_only_changed', (one) => one.speakers_only.on);
    await teacher.awaits('Show everyone again');
    await use(teacher, 'Show everyone again');
    await pupil.hear('speakers_only_changed', (one) => !one.speakers_only.on);
    await use(teacher, 'Close the door', { back: true });
    await pupil.until((one) => one.room.policy.door === 'closed');
    await use(teacher, 'Stop everything');
    await pupil.until((one) => one.room.safety.emergency_stop !== null);
    await use(teacher, 'Participants');
    await use(teacher, 'Options for Paula Pupil');
    await use(teacher, 'Remove');
    await teacher.reads('Remove Paula Pupil?');
    await use(teacher, 'Remove');
    await pupil.hear('removed');
  });
}
