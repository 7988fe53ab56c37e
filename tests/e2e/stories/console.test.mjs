// The console: what an operator and a school's administrator do there, by keyboard alone, and every area by axe.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';

import { assertAccessible } from '../lib/axe.mjs';
import { BROWSERS } from '../lib/browsers.mjs';
import { tabTo, types as typesInto, use } from '../lib/keys.mjs';
import { Stage } from '../lib/stage.mjs';

const LAPTOP = { width: 1366, height: 768 };
const PHONE = { width: 390, height: 844 };
const OF_SERVICE = ['', '/schools', '/sealed-lists', '/mails', '/notices', '/audit'];
const OF_SCHOOL = [
  '', '/contract', '/teachers', '/requests', '/imports', '/rooms', '/incidents', '/moodle', '/bigbluebutton', '/jitsi', '/keys', '/webhooks',
  '/sign-in', '/mails', '/settings', '/audit',
];
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

const types = (person, label, text) => typesInto(person, label, text, { most: 90 });

/** A teacher asks for an account, and proves the address by the link that the demo shows. */
async function asksForAccount(email, name) {
  const school = stage.api.user.school.id;
  await stage.api.post('/api/v1/teacher-requests', { school_id: school, name, email, language: 'en' });
  const { mails } = await stage.api.request('GET', '/demo/mail.json');
  const { text } = mails.find((mail) => mail.to === email);
  const [, token] = /#([\w-]{43})/.exec(text);
  await stage.api.post('/api/v1/teacher-requests/confirm', { token });
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

  test(`an office in ${kind} takes a school from its request to its teachers by keyboard`, { timeout: 300_000 }, async () => {
    const operator = await stage.person(kind, 'Frau Vorlage');
    const { page } = operator;
    const { keyboard } = page;
    const space = kind === 'firefox' ? ' ' : 'Space';
    await comesTo(operator, stage.server.demo.operator, '/console/schools');
    await reads(operator, 'List of a year');

    // A school: next comes its contract.
    const school = `Grundschule ${kind}`;
    await types(operator, 'Name of the school', school);
    await use(operator, 'Make the school');
    await headed(operator, 'Contract');
    await reads(operator, 'The school asked for a contract.');
    await use(operator, 'Enter it as sent', { most: 90 });
    await reads(operator, 'The head of the school has the form.');
    await assertAccessible(operator, 'a contract whose form is sent');

    // What is missing is told at its field; the signed form opens the school.
    await types(operator, 'Who signed?', 'Frau Rektorin');
    await use(operator, 'Enter the contract');
    await reads(operator, 'Please choose the file of the signed contract.');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'contract-document_id');
    const signed = join(stage.server.dataDir, `signed-${kind}.pdf`);
    writeFileSync(signed, `%PDF-1.7\n% ${kind}\n%%EOF\n`);
    await (await page.$('#contract-document_id')).uploadFile(signed);
    await page.$eval('#contract-signed_on', (field) => {
      field.value = new Date().toLocaleDateString('sv');
      field.dispatchEvent(new Event('input', { bubbles: true }));
    });
    await use(operator, 'Enter the contract', { most: 90 });
    await reads(operator, 'The contract is entered and holds.');
    await reads(operator, 'signed by Frau Rektorin');

    // A teacher: made, given a letter, locked.
    await goes(operator, 'Teachers');
    await types(operator, 'First name and surname', 'Jörg Groß');
    await keyboard.press('Enter');
    await page.waitForSelector('dialog[open]');
    await reads(operator, 'no password yet');
    await assertAccessible(operator, 'an account');
    await use(operator, 'The link as a letter (PDF)');
    await reads(operator, 'The letter is downloaded.');
    // The page behind the dialog is out of reach: what is told stands in the dialog.
    assert.match(await page.$eval('dialog', (dialog) => dialog.innerText), /The letter is downloaded\./);
    await use(operator, 'Lock');
    await reads(operator, 'is signed out everywhere at once');
    await use(operator, 'Lock', { most: 10 });
    await reads(operator, 'The account is locked.');
    await keyboard.press('Escape');
    await page.waitForFunction(() => !document.querySelector('dialog'));

    // A list: checked, confirmed, taken back.
    await goes(operator, 'Import lists');
    await use(operator, 'Check the list');
    await reads(operator, 'Please choose a file first.');
    const list = join(stage.server.dataDir, `list-${kind}.csv`);
    writeFileSync(list, `Vorname;Nachname;E-Mail\r\nAylin;Demir;aylin@${kind}.example\r\nPaul;Weber;nobody\r\n`);
    await (await page.$('#list-file')).uploadFile(list);
    await use(operator, 'Check the list', { most: 90 });
    await reads(operator, 'Gets an account.');
    await assertAccessible(operator, 'a list that was checked');
    await use(operator, 'Make one account');
    await reads(operator, 'One account is made.');
    await use(operator, 'Take back', { most: 90 });
    await reads(operator, 'Accounts that nobody has used yet are removed again');
    await use(operator, 'Take back', { most: 10 });
    await reads(operator, 'Taken back.');

    // How its people sign in.
    await goes(operator, 'Sign-in');
    await use(operator, 'Require a second factor of all', { key: space, most: 90 });
    await reads(operator, 'From now on a second factor is required of all.');
    await types(operator, 'Text on the button, German', 'Schulportal');
    await keyboard.press('Enter');
    await reads(operator, 'Please enter a text for the button.');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'provider-label_en');

    // The end of the contract: one question that says what closes.
    await goes(operator, 'Contract');
    await use(operator, 'End the contract', { most: 90 });
    await reads(operator, 'What runs finishes');
    await use(operator, 'End the contract', { most: 10 });
    await reads(operator, 'The contract is ended');

    // A teacher of the demo school asks for an account, and is refused with a reason.
    await asksForAccount(`gast-${kind}@demoschule.example`, `Gerda ${kind}`);
    await goes(operator, 'Schools');
    await use(operator, stage.server.demo.school, { most: 90 });
    await headed(operator, 'At a glance');
    await goes(operator, 'Requests');
    await reads(operator, `Gerda ${kind}`);
    await use(operator, `Look at the request of Gerda ${kind}`, { most: 90 });
    await page.waitForSelector('dialog[open]');
    await assertAccessible(operator, 'a request');
    await use(operator, 'Refuse', { most: 20 });
    await reads(operator, 'Please enter the question or the reason here');
    await keyboard.type('Not of our school.');
    await use(operator, 'Refuse', { most: 20 });
    await reads(operator, 'The proof is deleted.');
    await use(operator, 'Refuse', { most: 10 });
    await reads(operator, 'Refused. The person gets a mail with the reason.');

    // What became of the mails, and how they look.
    await goes(operator, 'Overview');
    await goes(operator, 'Mails');
    await reads(operator, `gast-${kind}@demoschule.example`);
    await use(operator, 'Look at the template “first password, English”', { most: 120 });
    await reads(operator, 'With examples in its fields.');
    await page.waitForSelector('dialog pre');
    await assertAccessible(operator, 'a template of mails');
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
