// A class comes in by cards: typed in by the teacher, printed, used by picture and by code, used twice, withdrawn.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';

import { look } from '../lib/axe.mjs';
import { BROWSERS } from '../lib/browsers.mjs';
import { printed } from '../lib/cards.mjs';
import { tabTo, use } from '../lib/keys.mjs';
import { Stage } from '../lib/stage.mjs';

const stage = await Stage.set();
afterEach(() => stage.clear());

/** Opens the link of a card; gives the addresses that the browser sent. */
async function scans(person, path) {
  const asked = [];
  person.page.on('request', (request) => asked.push(request.url()));
  await person.visit(path);
  return asked;
}

for (const kind of BROWSERS) {
  test(`in ${kind} a class comes in by cards, and a card has one place`, { timeout: 300_000 }, async () => {
    const room = await stage.api.room({ title: 'Deutsch 7b', policy: { door: 'knock' }, password: 'Kastanie' });
    const [lena, ali] = [`Lena ${kind}`, `Ali ${kind}`];

    // By keyboard alone: type the list, print, look at the cards.
    const desk = await stage.teacher(kind);
    const { keyboard } = desk.page;
    await desk.visit('/rooms');
    await desk.awaits(`Class and cards in ${room.name}`);
    await use(desk, `Class and cards in ${room.name}`, { most: 150 });
    await desk.reads('Names, one in each line');
    await look(desk, 'class list, empty');
    await tabTo(desk, 'Names, one in each line');
    await keyboard.type(`${lena}\n${lena}`);
    await use(desk, 'Save the list');
    await desk.reads('stands there twice');
    // The cells of a spreadsheet, pasted; the names are shown before they are kept.
    await desk.fill('Names, one in each line', `Nachname\tVorname\n${kind}\tLena\n${kind}\tAli\n`);
    await desk.press('Save the list');
    await desk.reads('2 names were found');
    await desk.press('Save the list');
    await desk.reads('The list is saved.');
    await look(desk, 'class list, with cards');
    await desk.press('Print all cards');
    await desk.reads('The cards are downloaded.');
    const file = await desk.page.evaluate(async (id) => {
      const answer = await fetch(`/api/v1/rooms/${id}/class-list/cards?language=en`);
      const bytes = new Uint8Array(await answer.arrayBuffer());
      return { type: answer.headers.get('content-type'), begin: String.fromCharCode(...bytes.slice(0, 8)) };
    }, room.id);
    assert.deepEqual(file, { type: 'application/pdf', begin: '%PDF-1.7' });

    const teacher = await stage.teacher(kind);
    await teacher.join(room);

    // By the picture: the name is there, and cannot be typed over.
    const card = printed(stage.server, lena);
    const first = await stage.person(kind, lena);
    const asked = await scans(first, card.path);
    await first.awaits('Join');
    assert.equal(new URL(first.page.url()).pathname, `/${room.name}`);
    assert.ok(!asked.some((url) => url.split('#')[0].includes(card.link)), 'the secret is in an address that was sent');
    const name = await first.page.$eval('#name', (field) => [field.value, field.readOnly]);
    assert.deepEqual(name, [lena, true]);
    await look(first, 'before joining by a card');
    await first.press('Join');
    await first.isIn();
    await teacher.reads(lena);

    // By the code, typed in small letters into the one field of the home page.
    const second = await stage.person(kind, ali);
    await second.visit('/');
    await second.fill('Room', 'bcdfg hjklm');
    await second.press('Join');
    await second.reads('No card has this code.');
    await look(second, 'home, a code that no card has');
    await second.fill('Room', printed(stage.server, ali).code.toLowerCase().replace('-', ' '));
    await second.press('Join');
    await second.reads('Deutsch 7b');
    await second.press('Join');
    await second.isIn();

    // The same card from elsewhere knocks, the teacher hears it, and the first stays.
    const other = await stage.person(kind, 'Other');
    await scans(other, card.path);
    await other.press('Join');
    await other.reads('Your teacher knows that you are here');
    await teacher.reads('is used a second time.');
    await teacher.panel('Participants');
    await teacher.reads('Uses a card by which someone is in already.');
    await look(teacher, 'lobby with a second use of a card');
    await first.isIn();
    // A reload comes back to the same place.
    await first.reload();
    await first.isIn();
    const present = await teacher.page.evaluate(() => document.body.innerText.split('Lena').length);
    assert.ok(present > 1);
    await teacher.press(`Turn away ${lena} (2)`);
    await other.reads('You were not let in');

    // A stranger without a card stands out, and goes with one button.
    const stranger = await stage.person(kind, 'Eva');
    await stranger.knock(room, { password: 'Kastanie' });
    await teacher.press('Let in Eva');
    await stranger.isIn();

    // Withdrawn: out at once, and the card opens nothing.
    await desk.page.bringToFront();
    await desk.press(`Withdraw the card of ${lena}`);
    await desk.reads(`Withdraw the card of`);
    await look(desk, 'class list, asking before a card is withdrawn');
    await desk.press('Withdraw');
    await desk.reads('The card is withdrawn.');
    await first.reads('This card opens nothing any more');
    await look(first, 'a card that is over');
    const late = await stage.person(kind, 'Late');
    await scans(late, card.path);
    await late.reads('Ask your teacher for a new one.');
    await look(late, 'page of a card that is over');
    // Renewed: the new one opens.
    await desk.press(`New card for ${lena}`);
    await desk.reads('The old one opens nothing then');
    await desk.press('New card');
    await desk.reads('There is a new card.');
    const again = await stage.person(kind, lena);
    await scans(again, printed(stage.server, lena).path);
    await again.press('Join');
    await again.isIn();
    // Each lesson has names of its own.
    await stage.api.request('DELETE', `/api/v1/rooms/${room.id}/conference`);
    await stage.api.request('DELETE', `/api/v1/rooms/${room.id}`);
  });
}
