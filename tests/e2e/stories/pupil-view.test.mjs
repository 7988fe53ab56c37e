// From link to lesson without reading: by touch, by keyboard, with labels read aloud.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { look } from '../lib/axe.mjs';
import { BROWSERS } from '../lib/browsers.mjs';
import { tabTo, use } from '../lib/keys.mjs';
import { PATIENCE } from '../lib/person.mjs';
import { Stage } from '../lib/stage.mjs';

const stage = await Stage.set();
afterEach(() => stage.clear());

const TABLET = { width: 360, height: 740, hasTouch: true };

/** Notes which recordings were really heard: played to their end, and longer than a click. */
function listen() {
  globalThis.heard = [];
  const Original = globalThis.Audio;
  globalThis.Audio = class extends Original {
    constructor(...given) {
      super(...given);
      this.addEventListener('playing', () => globalThis.heard.push(this.duration));
    }
  };
}

async function pupil(kind, name, viewport) {
  const person = await stage.person(kind, name, viewport ? { viewport } : {});
  person.language = 'de';
  await person.page.evaluateOnNewDocument(listen);
  return person;
}

/** Waits until so many labels were read aloud, and answers which files they came from. */
async function hears(person, count) {
  await person.explain(`hear ${count} labels`, () =>
    person.page.waitForFunction((least) => globalThis.heard.length >= least, { timeout: PATIENCE, polling: 50 }, count),
  );
  const { heard, files } = await person.page.evaluate(() => ({
    heard: globalThis.heard,
    files: performance.getEntriesByType('resource').flatMap(({ name }) => /\/([a-z-]+?)-[\w-]{8}\.mp3/.exec(name)?.[1] ?? []),
  }));
  assert.ok(heard.every((seconds) => seconds > 0.3), `too short to be a word: ${heard}`);
  return files;
}

/** A finger on the middle of it. */
async function tap(person, name) {
  await person.explain(`tap '${name}'`, async () => {
    const element = await person.page.waitForSelector(`aria/${name}[role="button"]`);
    await element.scrollIntoView();
    const box = await element.boundingBox();
    await person.page.touchscreen.tap(box.x + box.width / 2, box.y + box.height / 2);
    await element.dispose();
  });
}

async function assertLarge(person, names) {
  for (const name of names) {
    const element = await person.page.waitForSelector(`aria/${name}[role="button"]`);
    const { width, height } = await element.boundingBox();
    assert.ok(width >= 72 && height >= 88, `'${name}' is ${width} × ${height}`);
    await element.dispose();
  }
}

for (const kind of BROWSERS) {
  test(`a link asks for the pupil’s view: tapped from link to lesson, in ${kind}`, async () => {
    const room = await stage.api.room({ policy: { door: 'knock', simple_view: true } });
    const teacher = await stage.raw(room, '', { teacher: true });
    const ida = await pupil(kind, 'Ida', TABLET);
    await ida.visit(`/${room.name}?view=simple`);
    await ida.awaits('Teilnehmen');
    await look(ida, 'simple pre-join');
    await ida.page.setViewport(TABLET);
    await assertLarge(ida, ['Mikrofon einschalten', 'Kamera einschalten', 'Teilnehmen']);
    await tap(ida, 'Vorlesen: Teilnehmen');
    assert.deepEqual(await hears(ida, 1), ['join']);

    // Held, a button is read aloud and does nothing.
    const join = await ida.page.waitForSelector('aria/Teilnehmen[role="button"]');
    const box = await join.boundingBox();
    await ida.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await ida.page.mouse.down();
    await hears(ida, 2);
    await ida.page.mouse.up();
    await sleep(300);
    assert.ok(await ida.has('Teilnehmen'), 'a held button joined');

    await tap(ida, 'Teilnehmen');
    await ida.reads('Bitte zuerst den Namen eingeben');
    await ida.fill('Dein Name', 'Ida');
    await tap(ida, 'Teilnehmen');
    await ida.reads('Bitte warten');
    await look(ida, 'simple lobby');
    await ida.page.setViewport(TABLET);
    await tap(ida, 'Vorlesen: Bitte warten');
    assert.ok((await hears(ida, 3)).includes('wait'));

    teacher.say({ type: 'admit', target: 'all' });
    await ida.awaits('Verlassen');
    await look(ida, 'simple conference');
    await ida.page.setViewport(TABLET);
    const four = ['Mikrofon einschalten', 'Kamera einschalten', 'Hand heben', 'Verlassen'];
    await assertLarge(ida, four);
    const me = () => teacher.named('Ida')[0];
    await tap(ida, 'Hand heben');
    await teacher.until(() => me().hand === 1, 'the hand');
    await tap(ida, 'Hand senken');
    await teacher.until(() => me().hand === null, 'the hand down');
    await tap(ida, 'Kamera einschalten');
    await teacher.until(() => me().sources.includes('camera'), 'the camera', 20_000);
    await tap(ida, 'Kamera ausschalten');
    await teacher.until(() => !me().sources.includes('camera'), 'the camera off');
    await tap(ida, 'Mikrofon einschalten');
    await teacher.until(() => me().sources.includes('microphone'), 'the microphone', 20_000);
    await tap(ida, 'Vorlesen: Mikrofon');
    assert.ok((await hears(ida, 4)).includes('microphone-off'));

    // What is locked says so, as everywhere.
    teacher.say({ type: 'set_policy', change: { camera: 'moderators' } });
    await teacher.until((one) => one.room.policy.camera === 'moderators');
    await ida.page.waitForSelector('.big.locked[aria-disabled="true"]');
    await tap(ida, 'Verlassen');
    await ida.reads('Du bist draußen');
    await teacher.until(() => teacher.named('Ida').length === 0, 'that Ida left');
  });

  test(`a pupil chooses the view, goes by keyboard and keeps it, in ${kind}`, async () => {
    const room = await stage.api.room();
    const teacher = await stage.raw(room, '', { teacher: true });
    const ben = await pupil(kind, 'Ben');
    await ben.visit(`/${room.name}`);
    await use(ben, 'Einfache Ansicht');
    await ben.awaits('Vorlesen: Teilnehmen');
    await ben.reload();
    await ben.awaits('Vorlesen: Teilnehmen');

    // Whoever comes to it by the keyboard hears it at once.
    const before = await ben.page.evaluate(() => globalThis.heard.length);
    await tabTo(ben, 'Vorlesen: Kamera');
    await hears(ben, before + 1);
    await tabTo(ben, 'Dein Name');
    await ben.page.keyboard.type('Ben');
    await use(ben, 'Teilnehmen');
    await ben.awaits('Verlassen');
    await use(ben, 'Hand heben', { back: kind === 'firefox' });
    await teacher.until(() => teacher.named('Ben')[0]?.hand === 1, 'the hand');

    // The rest is behind 'More', and so is the way back to the view with words.
    await ben.press('Mehr');
    await ben.awaits('Chat');
    await look(ben, 'more in the simple view');
    await ben.press('Einfache Ansicht', 'switch');
    await ben.page.keyboard.press('Escape');
    await ben.awaits('Teilnehmende');
    assert.equal(await ben.has('Vorlesen: Hand'), false);
    await ben.reload();
    await ben.awaits('Teilnehmende');
  });

  test(`a teacher gives the view to the class, and one pupil takes it off, in ${kind}`, async () => {
    const room = await stage.api.room();
    const teacher = await stage.raw(room, '', { teacher: true });
    const mia = await pupil(kind, 'Mia');
    await mia.visit(`/${room.name}`);
    await mia.fill('Dein Name', 'Mia');
    await mia.press('Teilnehmen');
    await mia.awaits('Teilnehmende');
    teacher.say({ type: 'set_policy', change: { simple_view: true } });
    await mia.awaits('Vorlesen: Hand');
    await mia.press('Mehr');
    await mia.press('Einfache Ansicht', 'switch');
    await mia.page.keyboard.press('Escape');
    await mia.awaits('Teilnehmende');
    // A pupil cannot set it for others.
    const other = await stage.raw(room, 'Otto');
    other.say({ type: 'set_policy', change: { simple_view: false } });
    await other.hear('error');
    assert.equal(teacher.room.policy.simple_view, true);
  });
}

test('the hourglass stands still for whoever wants no motion', async () => {
  const room = await stage.api.room({ policy: { door: 'knock' } });
  await stage.raw(room, '', { teacher: true });
  const still = await pupil('chromium', 'Kai');
  await still.page.emulateMediaFeatures([{ name: 'prefers-reduced-motion', value: 'reduce' }]);
  await still.visit(`/${room.name}?view=simple`);
  await still.fill('Dein Name', 'Kai');
  await still.press('Teilnehmen');
  await still.reads('Bitte warten');
  const motion = await still.page.evaluate(() => getComputedStyle(document.querySelector('.turning')).animationName);
  assert.equal(motion, 'none');
});
