// The console: what an operator and a school's administrator do there, by keyboard alone, and every area by axe.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';

import { assertAccessible } from '../lib/axe.mjs';
import { BROWSERS } from '../lib/browsers.mjs';
import { tabTo, use } from '../lib/keys.mjs';
import { Stage } from '../lib/stage.mjs';

const LAPTOP = { width: 1366, height: 768 };
const PHONE = { width: 390, height: 844 };
const OF_SERVICE = ['', '/schools', '/notices', '/audit'];
const OF_SCHOOL = ['', '/rooms', '/moodle', '/bigbluebutton', '/jitsi', '/keys', '/webhooks', '/settings', '/audit'];
const stage = await Stage.set();
afterEach(() => stage.clear());

/** By keyboard, to this page of the console. */
async function comesTo(person, account, path = '/console') {
  await person.page.setViewport(LAPTOP);
  await person.visit(path);
  await person.awaits('Sign in');
  for (const [label, text] of [['User name', account.username], ['Password', account.password]]) {
    await tabTo(person, label);
    await person.page.keyboard.type(text);
  }
  await person.page.keyboard.press('Enter');
}

const heading = (person) => person.page.evaluate(() => document.activeElement?.tagName === 'H1' && document.activeElement.textContent);
/** The heading has the focus, and what is below it is there. */
const headed = (person, text) =>
  person.page.waitForFunction(
    (wanted) => {
      const at = document.activeElement;
      return at?.tagName === 'H1' && at.textContent === wanted && !document.querySelector('main').innerText.includes('One moment');
    },
    {},
    text,
  );

/** Who leaves a page before its fonts are there is told so by Firefox as of an error. */
async function reads(person, text) {
  await person.reads(text);
  await person.page.waitForFunction(() => document.fonts.status === 'loaded');
}

/** To an area by the navigation, which stands before it. */
async function goes(person, name, title = name) {
  await use(person, name, { back: true, most: 90 });
  await headed(person, title);
}

async function types(person, label, text) {
  await tabTo(person, label, { most: 90 });
  await person.page.keyboard.type(text);
}

for (const kind of BROWSERS) {
  test(`an operator in ${kind} does ten tasks of the console by keyboard alone`, { timeout: 300_000 }, async () => {
    const operator = await stage.person(kind, 'Frau Vorlage');
    const { keyboard } = operator.page;
    await comesTo(operator, stage.server.demo.operator);
    await reads(operator, 'Right now');
    assert.match(await operator.page.title(), /^Overview · Console · kmz-meet$/);

    // 1. To a school.
    await goes(operator, 'Schools');
    await use(operator, stage.server.demo.school, { most: 90 });
    await headed(operator, 'At a glance');
    assert.match(await operator.page.title(), /^At a glance · .+ · Console · kmz-meet$/);

    // 2. A key, which is shown once.
    await goes(operator, 'API keys');
    await types(operator, 'Name of the key', `Portal ${kind}`);
    await use(operator, 'look at rooms', { key: kind === 'firefox' ? ' ' : 'Space' });
    await use(operator, 'Make the key', { most: 90 });
    await operator.reads('It is shown only now.');
    await use(operator, 'Done, I have copied it');
    // 3. It is deleted, after one question that says what is lost; 'cancel' deletes nothing.
    const deletes = `Delete the key “Portal ${kind}”`;
    await use(operator, deletes, { back: true, most: 90 });
    await operator.reads('is locked out at once');
    await use(operator, 'Cancel');
    await operator.page.waitForFunction(() => !document.querySelector('dialog'));
    assert.match(await operator.text(), new RegExp(`Portal ${kind}`));
    await use(operator, deletes, { back: true, most: 90 });
    await use(operator, 'Delete');
    await operator.reads('The key is deleted.');

    // 4. A mistake in a form stands at its field, which has the focus.
    await goes(operator, 'Webhooks');
    await types(operator, 'Address of the receiver', 'http://example.com/');
    await keyboard.press('Enter');
    await operator.reads('This is no address with https://');
    const at = await operator.page.evaluate(() => [document.activeElement.id, document.activeElement.getAttribute('aria-invalid')]);
    assert.deepEqual(at, ['hook-url', 'true']);
    // 5. A webhook and the log of its deliveries.
    await keyboard.down('Control');
    await keyboard.press('a');
    await keyboard.up('Control');
    await keyboard.type(`https://example.com/${kind}`);
    await keyboard.press('Enter');
    await operator.reads('The secret of the webhook');
    await use(operator, 'Done, I have copied it');
    await use(operator, `Deliveries to https://example.com/${kind}`, { back: true, most: 90 });
    await operator.reads('There was nothing to deliver in the last week.');

    // 6. Moodle is invited.
    await goes(operator, 'Moodle (LTI)');
    await use(operator, 'Make an invitation');
    await operator.reads('Good for one time');
    await use(operator, 'Done, I have copied it');
    // 7. A secret for BigBlueButton.
    await goes(operator, 'BigBlueButton');
    await use(operator, 'Make a new secret', { most: 90 });
    await operator.reads('For the settings of the other program');
    await use(operator, 'Done, I have copied it');

    // 8. What no room may loosen.
    await goes(operator, 'Settings');
    await tabTo(operator, 'Door');
    await keyboard.press('ArrowDown');
    await use(operator, 'Save', { most: 90 });
    await operator.reads('The settings are saved.');
    const room = await stage.api.room({ policy: { door: 'open' } });
    assert.notEqual(room.policy.door, 'open');

    // 9. A notice, which a guest reads and closes.
    await goes(operator, 'Notices');
    await types(operator, 'Text in German', `Wartung am Samstag (${kind})`);
    await types(operator, 'Text in English', `Maintenance on Saturday (${kind})`);
    await use(operator, 'Publish the notice', { most: 90 });
    await operator.reads('The notice is published.');
    const guest = await stage.person(kind, 'Anna');
    for (const path of ['/', `/${room.name}`]) {
      await guest.visit(path);
      await guest.reads(`Maintenance on Saturday (${kind})`);
    }
    await assertAccessible(guest, 'before joining, with a notice');
    await guest.visit('/');
    await guest.reads(`Maintenance on Saturday (${kind})`);
    await guest.press('Close notice');
    await guest.visit('/');
    await guest.awaits('Join');
    assert.doesNotMatch(await guest.text(), new RegExp(`Saturday \\(${kind}\\)`));

    // 10. All of that is in the log.
    await operator.visit('/console/audit');
    await operator.reads('notice published');
    for (const done of ['API key made', 'API key deleted', 'webhook made', 'learning platform invited', 'settings changed'])
      assert.match(await operator.text(), new RegExp(done));
    assert.equal(await heading(operator), false, 'a page that is loaded leaves the focus alone');
    await stage.api.request('GET', '/api/v1/rooms');
  });

  test(`every area of the console in ${kind} is accessible, wide and narrow`, { timeout: 300_000 }, async () => {
    const operator = await stage.person(kind, 'Frau Vorlage');
    await comesTo(operator, stage.server.demo.operator);
    await reads(operator, 'Right now');
    const school = stage.api.user.school.id;
    for (const path of [...OF_SERVICE, ...OF_SCHOOL.map((area) => `/schools/${school}${area}`), '/nothing']) {
      await operator.visit(`/console${path}`);
      await operator.page.waitForFunction(() => document.querySelector('main h1') && !document.body.innerText.includes('One moment'));
      for (const size of [PHONE, LAPTOP]) {
        await operator.page.setViewport(size);
        await assertAccessible(operator, `console${path}`);
      }
    }
    // On a phone the navigation is a sheet.
    await operator.page.setViewport(PHONE);
    await operator.visit('/console');
    await reads(operator, 'Right now');
    await use(operator, 'Menu');
    await operator.page.waitForSelector('dialog[open]');
    await assertAccessible(operator, 'console, navigation');
    await use(operator, 'Schools');
    await operator.page.waitForFunction(() => location.pathname === '/console/schools' && !document.querySelector('dialog'));
  });

  test(`an administrator in ${kind} sees the own school only, and a teacher nothing`, { timeout: 180_000 }, async () => {
    const admin = await stage.person(kind, 'Herr Muster');
    await comesTo(admin, stage.server.demo.school_admin);
    await reads(admin, 'At a glance');
    const school = stage.api.user.school.id;
    assert.equal(await admin.page.evaluate(() => location.pathname), `/console/schools/${school}`);
    assert.doesNotMatch(await admin.text(), /The whole service/);
    for (const path of ['/console/notices', '/console/schools']) {
      await admin.visit(path);
      await reads(admin, 'There is nothing here');
    }
    const teacher = await stage.teacher(kind);
    await teacher.visit(`/console/schools/${school}/keys`);
    await reads(teacher, 'These pages are for administrators');
    await assertAccessible(teacher, 'console of a teacher');
  });
}
