// A teacher makes an invitation by keyboard alone, and other people's programs understand it: a calendar, a QR reader, paper.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';

import ICAL from 'ical.js';
import jsQR from 'jsqr';
import { PNG } from 'pngjs';

import { look } from '../lib/axe.mjs';
import { BROWSERS } from '../lib/browsers.mjs';
import { tabTo, use } from '../lib/keys.mjs';
import { Stage } from '../lib/stage.mjs';

const stage = await Stage.set({
  KMZ_MEET_CONTACT: 'meet@kmz.example',
  KMZ_MEET_INFORMATION_URL: 'https://kmz.example/hilfe',
});
afterEach(() => stage.clear());

/** What leaves the page: a copy, a file, a page for the printer. */
function catchAll() {
  const caught = { copied: null, files: [], prints: 0 };
  Object.defineProperty(globalThis, '__caught', { value: caught });
  // Not in the empty page before it, which is no secure context.
  if (navigator.clipboard)
    navigator.clipboard.write = async ([item]) => {
      caught.copied = {};
      for (const type of item.types) caught.copied[type] = await (await item.getType(type)).text();
    };
  const made = URL.createObjectURL.bind(URL);
  URL.createObjectURL = (blob) => {
    void blob.text().then((text) => caught.files.push({ type: blob.type, text }));
    return made(blob);
  };
  globalThis.print = () => (caught.prints += 1);
}

const caught = (person, wanted) => person.page.waitForFunction(wanted, { polling: 100 }).then((handle) => handle.jsonValue());

/** The days and hours, in UTC, at which a calendar shows what is in this file. */
function occurrences(file) {
  const calendar = new ICAL.Component(ICAL.parse(file));
  const zone = new ICAL.Timezone(calendar.getFirstSubcomponent('vtimezone'));
  ICAL.TimezoneService.register(zone);
  const event = new ICAL.Event(calendar.getFirstSubcomponent('vevent'));
  const iterator = event.iterator();
  const found = [];
  for (let next = iterator.next(); next && found.length < 100; next = iterator.next()) {
    const { startDate, endDate } = event.getOccurrenceDetails(next);
    found.push([startDate, endDate].map((time) => time.toJSDate().toISOString().slice(0, 16)).join(' '));
  }
  ICAL.TimezoneService.remove(zone.tzid);
  return { event, found };
}

for (const kind of BROWSERS) {
  test(`in ${kind} an invitation with a weekly date is made by keyboard and understood`, { timeout: 240_000 }, async () => {
    const room = await stage.api.room({
      password: 'Sonne, 7',
      policy: { door: 'knock', camera: 'moderators' },
    });
    const teacher = await stage.teacher(kind);
    await teacher.page.evaluateOnNewDocument(catchAll);
    const { keyboard } = teacher.page;
    await teacher.visit('/rooms');
    await teacher.awaits(`Invitation to ${room.name}`);
    await use(teacher, `Invitation to ${room.name}`, { most: 120 });
    await teacher.reads('This is what you send');
    await teacher.page.waitForSelector('dialog svg[role="img"]');
    await teacher.reads('Then please wait until you are let in.');
    await teacher.reads('The cameras of the class stay off.');
    await look(teacher, 'invitation without a date');

    await tabTo(teacher, 'Topic');
    await keyboard.type('Übung „Brüche“, 7b 😀');
    await tabTo(teacher, 'Date');
    await keyboard.type('Every week');
    // What is missing is told, and no half invitation leaves.
    await use(teacher, 'Calendar file');
    await teacher.reads('Please give the day.');
    await look(teacher, 'invitation, date missing');
    // Days and months that are the same however a browser wants them, around the end of summer time.
    await tabTo(teacher, 'Date', { back: true });
    await tabTo(teacher, 'First day');
    await keyboard.type('10102027');
    await tabTo(teacher, 'Begins at');
    await keyboard.type('0800a');
    await tabTo(teacher, 'Lasts');
    await keyboard.type('90 minutes');
    await tabTo(teacher, 'Until');
    await keyboard.type('11112027');
    await teacher.reads('It takes place 5 times');
    await teacher.reads('Times are in the time zone Europe/Berlin.');
    await teacher.readsNot('Please give the');
    await look(teacher, 'invitation with a weekly date');

    await use(teacher, 'Copy the text');
    const copied = await caught(teacher, () => globalThis.__caught.copied);
    const text = copied['text/plain'];
    const url = `${stage.server.origin}/${room.name}`;
    assert.ok(text.includes(`\n\n${url}\nPassword: Sonne, 7\n\n`), text);
    assert.match(text, /^Every Sunday, 8:00 am to 9:30 am/m);
    assert.match(text, /^From 10 October 2027 to 7 November 2027$/m);
    assert.ok(text.includes(`\n${stage.server.origin}/test?room=${room.name}\n`), text);
    assert.ok(text.includes('\nhttps://kmz.example/hilfe\n\nHelp: meet@kmz.example'), text);
    assert.ok(copied['text/html'].includes(`<a href="${url}">${url}</a><br>Password: <bdi>Sonne, 7</bdi>`), copied['text/html']);
    await teacher.reads('Copied');

    const mail = await teacher.page.$eval('dialog a[href^="mailto:"]', (link) => link.href);
    assert.match(decodeURIComponent(mail), /subject=Invitation to the video conference: Übung „Brüche“, 7b 😀&body=/);
    assert.ok(decodeURIComponent(mail).includes(`\r\n${url}\r\nPassword: Sonne, 7`), decodeURIComponent(mail));

    await use(teacher, 'Calendar file');
    const [file] = await caught(teacher, () => globalThis.__caught.files.length > 0 && globalThis.__caught.files);
    assert.equal(file.type, 'text/calendar; charset=utf-8');
    const { event, found } = occurrences(file.text);
    assert.deepEqual(found, [
      '2027-10-10T06:00 2027-10-10T07:30',
      '2027-10-17T06:00 2027-10-17T07:30',
      '2027-10-24T06:00 2027-10-24T07:30',
      '2027-10-31T07:00 2027-10-31T08:30',
      '2027-11-07T07:00 2027-11-07T08:30',
    ]);
    assert.equal(event.summary, 'Invitation to the video conference: Übung „Brüche“, 7b 😀');
    assert.equal(event.description, text);
    assert.equal(event.location, url);

    await use(teacher, 'Print a page');
    assert.equal(await caught(teacher, () => globalThis.__caught.prints), 1);

    // What a camera sees of the screen.
    const picture = await teacher.page.$('dialog svg[role="img"]');
    const { width, height, data } = PNG.sync.read(Buffer.from(await picture.screenshot()));
    assert.equal(jsQR(new Uint8ClampedArray(data), width, height)?.data, url);

    await tabTo(teacher, 'Topic', { back: true });
    await tabTo(teacher, 'Language of the invitation');
    await keyboard.type('Deutsch, L');
    await teacher.reads('Einladung zur Video-Konferenz');
    await teacher.reads('Das Treffen ist jeden Sonntag.');
    await look(teacher, 'invitation in easy language');
    await keyboard.press('Escape');
    await teacher.page.waitForFunction(() => !document.querySelector('dialog, .invitation-sheet'));
    assert.equal(
      await teacher.page.evaluate(() => document.activeElement?.getAttribute('aria-label')),
      `Invitation to ${room.name}`,
    );
  });

  test(`in ${kind} an invitation is made in a running conference, by the rules that hold now`, { timeout: 120_000 }, async () => {
    const room = await stage.api.room();
    const teacher = await stage.teacher(kind);
    await teacher.page.evaluateOnNewDocument(catchAll);
    await teacher.join(room);
    await teacher.panel('Participants');
    await teacher.press('Invitation');
    await teacher.reads('This is what you send');
    await teacher.readsNot('Password:');
    await teacher.reads('Turn on the microphone only to speak');
    await look(teacher, 'invitation in a conference');
    await teacher.press('Copy the text');
    const { 'text/plain': text } = await caught(teacher, () => globalThis.__caught.copied);
    assert.ok(text.includes(`\n\n${stage.server.origin}/${room.name}\n\n`), text);
    assert.doesNotMatch(text, /password/i);
  });
}

test('the page on paper is one, however much is on it', { timeout: 120_000 }, async () => {
  const room = await stage.api.room({
    password: 'Ein sehr langes Passwort mit vielen Wörtern, das niemand errät 4711',
    policy: { door: 'knock', camera: 'moderators' },
  });
  const teacher = await stage.teacher('chromium');
  await teacher.visit('/rooms');
  await teacher.press(`Invitation to ${room.name}`);
  await teacher.page.waitForSelector('.invitation-sheet svg[role="img"]');
  await teacher.fill(
    'Topic',
    'Übungen zu den großen Brüchen und den kleinen Prozenten, für alle, die noch üben wollen, 7b und 7c',
  );
  for (const language of ['de', 'easy', 'en']) {
    await teacher.page.select('dialog select', language);
    const pdf = Buffer.from(await teacher.page.pdf({ preferCSSPageSize: true })).toString('latin1');
    assert.equal(pdf.match(/\/Type\s*\/Page\b/g)?.length, 1, `${language}: pages`);
    const [, width, height] = /\/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]/.exec(pdf);
    assert.deepEqual([Math.round(width), Math.round(height)], [595, 842], 'A4 upright');
  }
  // Nothing of the sheet is left for other pages.
  await teacher.page.keyboard.press('Escape');
  await teacher.page.waitForFunction(() => !document.querySelector('.invitation-sheet'));
  await teacher.page.emulateMediaType('print');
  assert.ok(await teacher.page.$eval('#app', (app) => app.checkVisibility()));
});

test('a time that is over is said kindly, and a closed door too', { timeout: 60_000 }, async () => {
  const room = await stage.api.room({ policy: { door: 'closed' } });
  const teacher = await stage.teacher('chromium');
  await teacher.visit('/rooms');
  await teacher.press(`Invitation to ${room.name}`);
  await teacher.reads('nobody comes in by this link');
  await teacher.page.select('dialog select:not([id$="language"])', 'once');
  await tabTo(teacher, 'Day');
  await teacher.page.keyboard.type('01012020');
  await tabTo(teacher, 'Begins at');
  await teacher.page.keyboard.type('0800');
  await teacher.reads('This day is already over. Is it the right one?');
});
