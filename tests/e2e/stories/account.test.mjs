// A teacher's own account by keyboard alone: a new password, and the sessions of the account.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';

import { Api } from '../lib/api.mjs';
import { look } from '../lib/axe.mjs';
import { BROWSERS } from '../lib/browsers.mjs';
import { tabTo, use } from '../lib/keys.mjs';
import { Stage } from '../lib/stage.mjs';

const stage = await Stage.set();
afterEach(() => stage.clear());

/** Replaces the text of the field with this label. */
async function types(person, label, text, way) {
  const { keyboard } = person.page;
  await tabTo(person, label, way);
  await keyboard.down('Control');
  await keyboard.press('a');
  await keyboard.up('Control');
  await keyboard.type(text);
}

const focusedField = (person) => person.page.evaluate(() => [document.activeElement.id, document.activeElement.getAttribute('aria-invalid')]);

for (const kind of BROWSERS) {
  test(`a teacher in ${kind} changes the password and ends another session, by keyboard alone`, { timeout: 240_000 }, async () => {
    const { teacher: account } = stage.server.demo;
    const fresh = `Kürbis Lampe Treppe ${kind}`;
    const other = await stage.teacher(kind, { name: 'Old laptop' });
    const room = await stage.api.room();
    const teacher = await stage.person(kind, stage.api.user.name);
    const { keyboard } = teacher.page;

    const signsIn = async (password, way) => {
      await types(teacher, 'User name', account.username, way);
      await types(teacher, 'Password', password);
      await keyboard.press('Enter');
    };
    await teacher.visit('/sign-in');
    await teacher.awaits('Sign in');
    await signsIn(account.password);
    await teacher.reads('My rooms');
    await use(teacher, 'My account');
    await teacher.reads('Where I am signed in');
    await teacher.reads('this device');
    await look(teacher, 'my account');

    // Another session is listed, ended, and really over.
    const listed = () => teacher.page.evaluate(() => document.querySelectorAll('.session').length);
    // The sessions of the API, of the old laptop and of this one.
    assert.equal(await listed(), 3);
    const ends = await teacher.page.evaluate(() =>
      [...document.querySelectorAll('.session button')].map((button) => button.getAttribute('aria-label')),
    );
    const laptop = ends.find((name) => !name.includes('Unknown browser'));
    assert.match(laptop ?? '', /^Sign out there: \w+, Linux, signed in today, \d/);
    await use(teacher, laptop);
    await teacher.reads('Signed out there.');
    await teacher.page.waitForFunction(() => document.querySelectorAll('.session').length === 2);
    await other.visit('/rooms');
    await other.reads('For teachers. Pupils need no account.');
    await other.visit(`/${room.name}`);
    await other.awaits('Your name', 'textbox');
    assert.doesNotMatch(await other.text(), /You are signed in as/);

    // The page says what is wrong, and the wrong field has the focus.
    const changes = async (current, wanted, again = wanted) => {
      await teacher.visit('/account');
      await teacher.reads('this device');
      await types(teacher, 'Current password', current);
      await types(teacher, 'New password', wanted);
      await types(teacher, 'New password again', again);
      await keyboard.press('Enter');
    };
    await changes('not the right one', fresh);
    await teacher.reads('The current password is wrong');
    assert.deepEqual(await focusedField(teacher), ['current', 'true']);
    await look(teacher, 'my account, wrong password');
    await changes(account.password, 'passwort12');
    await teacher.reads('too short or easily guessed');
    assert.deepEqual(await focusedField(teacher), ['fresh', 'true']);
    await changes(account.password, fresh, `${fresh}!`);
    await teacher.reads('The two new passwords differ');
    assert.deepEqual(await focusedField(teacher), ['again', 'true']);

    await changes(account.password, fresh);
    await teacher.reads('The password is changed');
    await teacher.page.waitForFunction(() => document.querySelectorAll('.session').length === 1);
    await look(teacher, 'my account, password changed');
    await assert.rejects(stage.api.room(), /401/, 'all other sessions are over');

    // The teacher signs out and in again: the old password opens nothing any more.
    await use(teacher, 'Sign out', { back: true });
    await teacher.awaits('Join');
    await teacher.visit('/sign-in');
    await teacher.awaits('Sign in');
    await signsIn(account.password);
    await teacher.reads('is not right');
    await signsIn(fresh, { back: true });
    await teacher.reads('My rooms');

    // The stories after this one use the new password.
    await teacher.press('Sign out');
    await teacher.awaits('Join');
    account.password = fresh;
    stage.api = await Api.teacher(stage.server);
  });
}

for (const kind of BROWSERS) {
  test(`in ${kind} a server that does not answer signs nobody out, and typed text stays`, { timeout: 120_000 }, async () => {
    const teacher = await stage.teacher(kind);
    await stage.server.kill();
    await teacher.press('Sign out');
    await teacher.reads('You are still signed in here');
    await stage.server.up();

    // The server sends the page, and does not answer who is signed in.
    await teacher.page.evaluateOnNewDocument(() => {
      const real = globalThis.fetch;
      globalThis.silent = true;
      globalThis.fetch = (...call) => (globalThis.silent ? Promise.reject(new TypeError('NetworkError')) : real(...call));
    });
    await teacher.visit('/');
    await teacher.reads('The server does not answer at the moment');
    await look(teacher, 'home without an answer');
    await teacher.fill('Room', 'mutiger-dachs');
    await teacher.awaits('Try now');
    await teacher.page.evaluate(() => (globalThis.silent = false));
    await teacher.readsNot('The server does not answer at the moment');
    await teacher.awaits('Sign out');
    assert.equal(await teacher.page.evaluate(() => document.querySelector('#room').value), 'mutiger-dachs');
  });
}
