// Pictures of every screen, to be looked at: phone and laptop, light and dark, in target/screenshots. Start it by
// `make screenshots`; `make record-screenshots` takes those that the README and the guides show into docs/images.
import { mkdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { Api } from './lib/api.mjs';
import { launch } from './lib/browsers.mjs';
import { consolePictures } from './lib/console-pictures.mjs';
import { Person } from './lib/person.mjs';
import { Server } from './lib/server.mjs';
import { Raw } from './lib/socket.mjs';

const ROOT = new URL('../../', import.meta.url);
const OUT = new URL('target/screenshots/', ROOT);
const SIZES = { laptop: { width: 1366, height: 768 }, phone: { width: 390, height: 844, deviceScaleFactor: 2 } };
const NAMES = ['Lena Vogt', 'Mehmet Yılmaz', 'Sofia Braun', 'Jonas Keller', 'Emilia Novak', 'Ben Fischer', 'Aylin Demir', 'Paul Weber'];

/** `whole`: all of the page, not only what is seen at once. */
async function shoot(person, name, sizes = Object.keys(SIZES), { whole = false } = {}) {
  for (const size of sizes) {
    await person.page.setViewport(SIZES[size]);
    for (const theme of ['light', 'dark']) {
      await person.page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: theme }]);
      await sleep(700);
      const path = new URL(`${name}.${size}.${theme}.png`, OUT).pathname;
      await person.page.screenshot({ path, fullPage: whole });
    }
  }
  await person.page.setViewport(SIZES.laptop);
  console.log(name);
}

mkdirSync(OUT, { recursive: true });
const server = await Server.start();
const browser = await launch('chromium');
/** `console`: its areas alone. */
const [only] = process.argv.slice(2);
try {
  await consolePictures(browser, server, (person, name) => shoot(person, name, undefined, { whole: true }));
  if (only !== 'console') await screens();
} finally {
  await browser.close();
  await server.close();
}

async function screens() {
  const api = await Api.teacher(server);
  const room = await api.room();
  const open = (name, options) => Person.open(browser, server, { name, ...options });

  const guest = await open('Anna Schmid');
  await guest.visit('/');
  await guest.awaits('Join');
  await shoot(guest, 'home');
  await guest.visit('/check');
  await guest.press('Turn on camera');
  await sleep(1_000);
  await shoot(guest, 'check');
  await guest.visit('/test');
  await guest.press('Start the test');
  await sleep(2_000);
  await shoot(guest, 'self-test');
  await guest.reads('The code of this result', 60_000);
  await shoot(guest, 'self-test-result');
  await guest.press('Note for the network’s administrator', 'link');
  await guest.reads('Please note');
  await shoot(guest, 'self-test-note');
  await guest.visit(`/${room.name}`);
  await guest.awaits('Join');
  await shoot(guest, 'pre-join');
  await guest.fill('Your name', guest.name);
  await guest.press('Turn on camera');
  await guest.awaits('Turn off camera');
  await sleep(1_000);
  await shoot(guest, 'pre-join-camera');
  await guest.press('Join');
  await guest.reads('Not yet');
  await shoot(guest, 'waiting');

  const teacher = await open(api.user.name);
  await teacher.visit('/sign-in');
  await teacher.awaits('Sign in');
  await shoot(teacher, 'sign-in');
  await teacher.signIn(server.demo.teacher);
  await shoot(teacher, 'rooms');
  await teacher.press('My account', 'link');
  await teacher.reads('this device');
  await shoot(teacher, 'account');
  await teacher.visit('/nope/nope');
  await teacher.reads('There is nothing here');
  await shoot(teacher, 'nothing');
  await teacher.visit('/rooms');
  await teacher.press('New room');
  await teacher.awaits('Make the room');
  await shoot(teacher, 'new-room');
  await teacher.join(room);
  await guest.isIn();
  await shoot(guest, 'tiles-2');
  await teacher.press('Turn on camera');
  await guest.press('Turn on camera').catch(() => {});

  // Four more cameras, three initials: a small class.
  for (const [index, name] of NAMES.entries()) {
    if (index % 2 === 0) {
      const pupil = await open(name, { viewport: { width: 640, height: 480 } });
      await pupil.join(room);
      await pupil.press('Turn on camera');
      if (index === 2) await pupil.press('Raise hand');
    } else if (index < 7) {
      const raw = await Raw.join(server, { room: room.name, name });
      if (index === 3) raw.say({ type: 'set_hand', raised: true });
      if (index === 5) raw.say({ type: 'send_chat', text: 'Is it page 42 or 43?' });
    }
  }
  await guest.decodesVideoOf('Lena Vogt');
  await sleep(4_000);
  await shoot(guest, 'tiles-9');
  await guest.writes('Page 43, I think.');
  await shoot(guest, 'chat');
  await teacher.panel('Participants');
  await shoot(teacher, 'participants');
  const eye = await Raw.join(server, { room: room.name, name: '' }, { cookie: api.cookie });
  eye.say({ type: 'set_policy', change: { door: 'knock' } });
  const outside = await open('Nobody Known');
  await outside.knock(room);
  await outside.reads('Your teacher knows');
  await shoot(outside, 'lobby');
  await teacher.panel('Participants');
  await shoot(teacher, 'participants-lobby');
  await teacher.panel('Safety');
  await shoot(teacher, 'safety');
  await teacher.press('Share screen');
  await guest.decodesVideoOf('Screen of');
  await sleep(1_500);
  await shoot(guest, 'screen-share');
  await teacher.press('Leave');
  await teacher.reads('Only I go');
  await shoot(teacher, 'leave');
  await teacher.page.keyboard.press('Escape');

  // A full class.
  eye.say({ type: 'set_policy', change: { door: 'open' } });
  for (let number = 1; number <= 20; number += 1) await Raw.join(server, { room: room.name, name: `Pupil ${number}` });
  await sleep(2_000);
  await shoot(guest, 'tiles-25');
  eye.say({ type: 'remove', target: { these: [eye.named('Anna Schmid')[0].id] } });
  await guest.reads('You were removed');
  await shoot(guest, 'removed');
  eye.say({ type: 'end_for_all' });
  await teacher.reads('The conference is over');
  await shoot(teacher, 'over');
}
