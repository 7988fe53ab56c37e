// A teacher lets somebody without an account moderate one room for a time, and takes it back: by keyboard alone.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';

import { look } from '../lib/axe.mjs';
import { BROWSERS } from '../lib/browsers.mjs';
import { tabTo, use } from '../lib/keys.mjs';
import { Stage } from '../lib/stage.mjs';

const stage = await Stage.set();
afterEach(() => stage.clear());

for (const kind of BROWSERS) {
  test(`in ${kind} a substitute moderates by a link until it is taken back`, { timeout: 240_000 }, async () => {
    const room = await stage.api.room();
    const teacher = await stage.teacher(kind);
    const { keyboard } = teacher.page;
    await teacher.visit('/rooms');
    await teacher.awaits(`Substitute in ${room.name}`);
    await use(teacher, `Substitute in ${room.name}`, { most: 120 });
    await teacher.reads('No link holds now.');
    await look(teacher, 'substitute, no link');
    await tabTo(teacher, 'For whom? (only you see it)');
    await keyboard.type('Frau Neu, 7b');
    await tabTo(teacher, 'How long?');
    await keyboard.type('4 hours');
    await use(teacher, 'Make the link');
    await teacher.reads('The link is ready.');
    await teacher.reads('not opened yet');
    await look(teacher, 'substitute, link made');
    const link = new URL(await teacher.page.$eval('#substitute-link', (field) => field.value));
    assert.equal(link.pathname, '/substitute');
    assert.match(link.hash, /^#[\w-]{43}$/);

    const substitute = await stage.person(kind, 'Frau Neu');
    const asked = [];
    substitute.page.on('request', (request) => asked.push(request.url()));
    await substitute.visit(link.pathname + link.hash);
    await substitute.awaits('Join');
    assert.equal(new URL(substitute.page.url()).pathname, `/${room.name}`);
    assert.ok(!asked.some((url) => url.split('#')[0].includes(link.hash.slice(1))), 'the token is in an address that was sent');
    await substitute.fill('Your name', 'Frau Neu');
    await substitute.press('Join');
    await substitute.isIn();
    // What moderators alone have.
    await substitute.awaits('Safety');
    // A pupil comes in, and finds the room begun.
    const pupil = await stage.raw(room, 'Anna');
    assert.ok(pupil);

    // Keys go to the window in front, which was the substitute's.
    await teacher.page.bringToFront();
    await teacher.visit('/rooms');
    await teacher.awaits(`Substitute in ${room.name}`);
    await use(teacher, `Substitute in ${room.name}`, { most: 120 });
    await teacher.reads('opened once');
    await use(teacher, 'Take back: Frau Neu, 7b');
    await teacher.reads('Really take back');
    await look(teacher, 'substitute, taking back');
    await use(teacher, 'Take back');
    await teacher.reads('The link is taken back.');
    await teacher.reads('No link holds now.');
    await substitute.page.waitForFunction(() => !document.querySelector('[aria-label="Leave"]') && !/^Leave$/m.test(document.body.innerText));

    const late = await stage.person(kind, 'Late');
    await late.visit(link.pathname + link.hash);
    await late.reads('This link opens nothing any more');
    await look(late, 'substitute link that is over');
  });
}
