// From a school that asks to its first lesson, and to the day when its contract is over: the office in its console, the school's
// secretary, a teacher with a mail in the inbox, and a class. Mails go through a mail server that is not ours.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { Api } from '../../e2e/lib/api.mjs';
import { assertAccessible } from '../../e2e/lib/axe.mjs';
import { launch } from '../../e2e/lib/browsers.mjs';
import { withoutSealedLists } from '../../e2e/lib/database.mjs';
import { Person } from '../../e2e/lib/person.mjs';
import { Server } from '../../e2e/lib/server.mjs';
import { Raw } from '../../e2e/lib/socket.mjs';
import { Gate } from '../lib/gate.mjs';
import { Platform } from '../lib/lti.mjs';
import { Mailbox, linkIn } from '../lib/mailbox.mjs';
import { Office } from '../lib/office.mjs';
import { startProvider } from '../lib/oidc.mjs';
import { until } from '../lib/process.mjs';
import { Authenticator } from '../lib/totp.mjs';
import { writeWorkbook } from '../lib/workbook.mjs';

const DOMAIN = 'ohmstedt.example';
const SCHOOL = 'Kreisgymnasium Ohmstedt';
const KEY_PASSPHRASE = 'Kiesel Laterne Birke';
const WORKBOOK_PASSWORD = 'Dachs & Mandel 7b';
const PASSWORD = 'Regen Treppe Mandel 24';
const LIST = [
  ['Anrede', 'Nachname', 'Vorname', 'E-Mail'],
  ['Frau', 'Öttinger-Ságh', 'Änne', `oettinger@${DOMAIN}`],
  ['Herr', 'Sand', 'Bo', `sand@${DOMAIN}`],
  ['Herr', 'Sand', 'Bo', `sand@${DOMAIN}`],
  ['Frau', 'Fremd', 'Frieda', 'frieda@anderswo.example'],
];
const day = (years = 0) => new Date(Date.now() + years * 365 * 86_400_000).toISOString().slice(0, 10);

const mailbox = await Mailbox.start();
const server = await Server.start({
  ...mailbox.env,
  KMZ_MEET_OPERATOR_NAME: 'Kreismedienzentrum Ohmstedt',
  KMZ_MEET_OPERATOR_ADDRESS: 'Am Markt 1, 12345 Ohmstedt',
  KMZ_MEET_OPERATOR_EMAIL: 'betrieb@medienzentrum.example',
});
withoutSealedLists(server);
const platform = await Platform.start();
const colleague = (number) => ({ name: `Sina Ohn${number}`, email: `sso${number}@${DOMAIN}`, email_verified: true, roles: ['teacher'] });
const provider = await startProvider(server.origin, { sso0: colleague(0), sso1: colleague(1) });
const lists = mkdtempSync(join(tmpdir(), 'kmz-meet-lists-'));
const browsers = new Map();
const people = [];
const sockets = [];
after(async () => {
  for (const raw of sockets) raw.drop();
  for (const browser of browsers.values()) await browser.close().catch(() => {});
  rmSync(lists, { recursive: true, force: true });
  provider.close();
  await platform.close();
  await server.close();
  await mailbox.close();
});

async function person(kind, name) {
  if (!browsers.has(kind)) browsers.set(kind, await launch(kind));
  const one = await Person.open(browsers.get(kind), server, { name });
  people.push(one);
  return one;
}

/** What one part of the story leaves to the next. */
const story = {};
/** Each part needs those before it. */
function part(name, act) {
  test(name, { timeout: 300_000 }, async () => {
    assert.ok(!story.failed, `'${story.failed}' failed before`);
    story.failed = name;
    await act();
    delete story.failed;
  });
}

part('a school asks, gets the form, and comes back with it signed: before that nobody can ask for an account there', async () => {
  const operator = await person('chromium', 'Frau Vorlage');
  await operator.signIn(server.demo.operator);
  const api = new Api(server);
  await api.post('/api/v1/session', server.demo.operator);
  const office = new Office(operator, api);
  story.office = office;

  const school = await office.noteSchool(SCHOOL, [DOMAIN]);
  story.school = school;
  assert.equal(await office.contractStep(school), 'requested');
  assert.deepEqual(await office.waitingSchools(), [SCHOOL]);
  const asked = async () => (await api.request('GET', '/api/v1/teacher-requests/schools')).schools.map(({ name }) => name);
  assert.ok(!(await asked()).includes(SCHOOL), 'a school without a contract can be asked for accounts');

  const form = await office.sendForm(school);
  assert.equal(form.subarray(0, 5).toString(), '%PDF-');
  assert.equal(await office.contractStep(school), 'form sent');
  const scan = Buffer.concat([form, Buffer.from('\n% signed\n')]);
  const stored = await office.sign(school, scan, { signer: 'Dr. Ohm', signed_on: day(), last_day: day(2) });
  assert.ok(stored.equals(scan), 'the document is what was uploaded');
  assert.equal(await office.contractStep(school), 'signed');
  await assertAccessible(operator, 'a contract that holds');
  const contract = await office.contract(school);
  assert.deepEqual([contract.state, contract.open, contract.last_day], ['signed', true, day(2)]);
  assert.deepEqual(contract.history.map(({ state }) => state), ['requested', 'form_sent', 'signed']);
  const { signer, signed_on, document_sha256 } = contract.history.at(-1);
  assert.deepEqual([signer, signed_on, document_sha256], ['Dr. Ohm', day(), createHash('sha256').update(scan).digest('hex')]);
  assert.ok((await asked()).includes(SCHOOL));
});

part('its secretary hands over a protected workbook, sealed in the browser', async () => {
  const { office, school } = story;
  await office.makeKey('Kreismedienzentrum, Frau Vorlage', KEY_PASSPHRASE);
  const { link, digits } = await office.inviteToDrop(school);
  const path = join(lists, 'Kollegium.xlsx');
  await writeWorkbook(path, LIST, WORKBOOK_PASSWORD);

  const secretary = await person('firefox', 'Frau Sand');
  await secretary.visit(link);
  await secretary.reads(`List of teachers of ${SCHOOL}`);
  // They compare the digits on the telephone.
  await secretary.reads(digits);
  const field = await secretary.page.waitForSelector('#file');
  await field.uploadFile(path);
  await secretary.reads('Kollegium.xlsx');
  await assertAccessible(secretary, 'drop page');
  await secretary.press('Encrypt and send');
  await secretary.reads('The list is on its way', 120_000);
});

part('the office opens it with its key, sees the dry run, and imports it', async () => {
  const { office, school } = story;
  await office.openDrop(school, KEY_PASSPHRASE);
  const verdicts = await office.checkDrop(WORKBOOK_PASSWORD);
  assert.deepEqual(verdicts, [
    '2 new: they get an account',
    '1 twice in the list: the first one counts',
    '1 with an address that is not of this school: left out',
  ]);
  assert.equal(mailbox.mails.length, 0, 'a dry run tells nobody');
  await office.confirmDrop(2);
  const list = await office.doneImport(school);
  assert.deepEqual([list.source.format, list.source.encrypted], ['xlsx', true]);
  const { drops } = await office.api.request('GET', '/api/v1/sealed-drops');
  assert.deepEqual(drops.filter(({ state }) => state === 'sealed'), []);
  assert.deepEqual(await office.mailLinks(school, list), { mails: 2, left_out: [] });
});

part('a teacher follows the link of the mail, chooses a password, and sets up a second factor', async () => {
  const mail = await mailbox.mailTo(`oettinger@${DOMAIN}`);
  assert.deepEqual([mail.secure, mail.user, mailbox.refused], [true, 'kmz@medienzentrum.example', []]);
  assert.match(mail.text, new RegExp(SCHOOL));
  const [, username] = /Your user name is: (\S+)/.exec(mail.text);
  const link = linkIn(mail);
  const teacher = await person('chromium', 'Änne Öttinger-Ságh');
  story.teacher = teacher;
  await teacher.visit(link);
  await teacher.reads(username);
  await teacher.fill('New password', PASSWORD);
  await teacher.fill('New password again', PASSWORD);
  await teacher.press('Save the password');
  await teacher.reads('Your password is saved');
  await teacher.signIn({ username, password: PASSWORD });
  await teacher.reads(SCHOOL);

  // The link is used up.
  const late = await person('chromium', 'Somebody else');
  await late.visit(link);
  await late.reads('This link was used already');

  await teacher.visit('/account');
  const own = await teacher.page.waitForSelector('#factor-password');
  await own.type(PASSWORD);
  await teacher.press('Set up a second factor');
  await teacher.reads('scan this picture');
  const secret = await teacher.page.$eval('form code[translate]', (one) => one.textContent);
  const app = new Authenticator(secret);
  await teacher.fill('Code from the app', await app.code());
  await teacher.press('Turn on');
  await teacher.reads('Your recovery codes');
  await teacher.press('I have kept them');
  await teacher.reads('Recovery codes left');

  // From now on the password alone is not enough.
  await teacher.visit('/rooms');
  await teacher.press('Sign out');
  await teacher.visit('/sign-in');
  await teacher.fill('User name', username);
  await teacher.fill('Password', PASSWORD);
  await teacher.press('Sign in');
  await teacher.reads('Enter the code');
  await teacher.fill('Code', await app.code());
  await teacher.press('Continue');
  await teacher.reads('My rooms');

  // The same account without a browser, for what is tried below.
  const api = new Api(server);
  const { step, step_token } = await api.post('/api/v1/session', { username, password: PASSWORD });
  assert.equal(step, 'code');
  await assert.rejects(api.room(), /401/, 'half signed in');
  await api.post('/api/v1/session/code', { step_token, code: await app.code() });
  story.api = api;
});

part('the first lesson: the teacher opens a room, and a class of five comes', async () => {
  const { teacher } = story;
  await teacher.press('New room');
  await teacher.awaits('Make the room');
  await teacher.page.waitForFunction(() => document.querySelector('#room-name').value !== '');
  const name = await teacher.page.$eval('#room-name', (field) => field.value);
  await teacher.press('Make the room');
  await teacher.reads('The room is ready.');
  story.lesson = { name };
  await teacher.join(story.lesson);

  const pupil = await person('firefox', 'Anna');
  story.pupil = pupil;
  await pupil.join(story.lesson);
  for (const other of ['Ben', 'Cem', 'Dora', 'Emil']) {
    const raw = await Raw.join(server, { room: name, name: other });
    sockets.push(raw);
  }
  await teacher.panel('Participants');
  for (const other of ['Anna', 'Ben', 'Cem', 'Dora', 'Emil']) await teacher.reads(other);
  for (const one of [teacher, pupil]) {
    await one.press('Turn on camera');
    await one.awaits('Turn off camera');
  }
  await Promise.all([teacher.decodesVideoOf('Anna'), pupil.decodesVideoOf('Änne Öttinger-Ságh')]);
  await teacher.press('Turn on microphone');
  await pupil.hearsSound();
  await teacher.press('Turn off microphone');
  await pupil.press('Turn on microphone');
  await teacher.hearsSound();
  const [ben] = sockets;
  ben.say({ type: 'send_chat', text: 'Guten Morgen' });
  await teacher.panel('Chat');
  await teacher.reads('Guten Morgen');
});

part('as long as the contract holds, every way opens', async () => {
  const { office, school, api } = story;
  const made = await office.api.post(`/api/v1/schools/${school.id}/sign-in-providers`, {
    issuer: provider.issuer,
    client_id: provider.client_id,
    client_secret: provider.client_secret,
    scope: 'profile email roles',
    label: { de: 'Mit dem Schulkonto', en: 'With the school account' },
    claims: { role: 'roles', teachers: ['teacher'] },
  });
  story.gate = await Gate.of({ server, office, school, teacher: api, platform, provider: made, mailbox });
  await story.gate.prepare(2);
  const found = await story.gate.tryAll();
  assert.deepEqual(Object.entries(found).filter(([, { opens }]) => !opens), []);
});

part('the contract ends: nothing opens any more, and the lesson that runs goes on', async () => {
  const { office, school, teacher, pupil, gate, lesson } = story;
  await office.endContract(school);
  assert.equal(await office.contractStep(school), 'ended');
  const contract = await office.contract(school);
  assert.deepEqual([contract.state, contract.open], ['ended', false]);
  await teacher.reads('This conference may finish, within six hours.');
  assert.doesNotMatch(await pupil.text(), /within six hours/, 'pupils are not told about contracts');

  const found = await gate.tryAll();
  assert.deepEqual(Object.entries(found).filter(([, { opens }]) => opens).map(([name]) => name), [], 'open after the end');
  const why = /no_contract|noContract|data-processing agreement/;
  assert.deepEqual(Object.entries(found).filter(([, { says }]) => !why.test(says)), [], 'does not say why');

  // The lesson goes on, with picture and sound, and whoever is late still comes in.
  await Promise.all([teacher.decodesVideoOf('Anna'), pupil.decodesVideoOf('Änne Öttinger-Ságh')]);
  await teacher.hearsSound();
  const late = await Raw.join(server, { room: lesson.name, name: 'Finn' });
  sockets.push(late);
  await teacher.panel('Participants');
  await teacher.reads('Finn');
});

part('when the lesson is over, its room stays shut, and the teacher reads why', async () => {
  const { teacher, pupil, lesson } = story;
  await teacher.press('Leave');
  await teacher.press('End for all');
  await teacher.press('Yes, end for all');
  await pupil.reads('The conference is over');
  await teacher.visit('/rooms');
  await teacher.reads(lesson.name);
  await teacher.press('New room');
  await teacher.press('Make the room');
  await teacher.reads('has not signed the data-processing agreement');
  await teacher.knock(lesson);
  await teacher.reads('This room does not open');
  await assertAccessible(teacher, 'a room without a contract');
  const guest = await Raw.connect(server);
  sockets.push(guest);
  guest.say({ type: 'join', room: lesson.name, name: 'Gast' });
  const answer = await guest.until((one) => one.messages[0], 'an answer');
  assert.notEqual(answer.type, 'joined');
  for (const one of people) await one.assertClean();
});
