// Pictures of every area of the console, and of the pages to which schools and teachers are sent, in both languages.
import { setTimeout as sleep } from 'node:timers/promises';

import { Api } from './api.mjs';
import { Person } from './person.mjs';

const OF_SERVICE = ['', 'schools', 'mails', 'sealed-lists', 'notices', 'audit'];
const OF_SCHOOL = [
  '', 'contract', 'teachers', 'requests', 'imports', 'rooms', 'moodle', 'bigbluebutton', 'jitsi', 'keys', 'webhooks', 'sign-in',
  'mails', 'settings', 'audit',
];
const LIST = 'Vorname;Nachname;E-Mail\r\nAylin;Demir;aylin.demir@demoschule.example\r\nJörg;Müller-Groß;joerg@demoschule.example\r\n;;\r\nPaul;Weber;paul@anderswo.example\r\n';

/** What the areas of a school show: teachers, a request and a list that was checked. */
async function fill(server, operator, school) {
  const path = `/api/v1/schools/${school}`;
  for (const name of ['Sofia Braun', 'Mehmet Yılmaz', 'Lena Vogt', 'Jonas Keller', 'Emilia Novak', 'Ben Fischer'])
    await operator.post(`${path}/teachers`, { name }).catch(() => {});
  const headers = { origin: server.origin, cookie: operator.cookie, 'content-type': 'application/octet-stream' };
  const list = await fetch(`${server.origin}${path}/teacher-imports`, { method: 'POST', headers, body: LIST });
  if (!list.ok) throw new Error(`no list: ${list.status} ${await list.text()}`);
  // Somebody asks for an account, and proves the address by the link that the demo shows.
  for (const [name, email] of [['Gerda Gast', 'gerda.gast@demoschule.example'], ['Aynur Aksoy', 'aynur@demoschule.example']]) {
    await operator.post('/api/v1/teacher-requests', { school_id: school, name, email, language: 'de' });
    const { mails } = await operator.request('GET', '/demo/mail.json');
    const [, token] = /#([\w-]{43})/.exec(mails.find((mail) => mail.to === email).text);
    await operator.post('/api/v1/teacher-requests/confirm', { token });
  }
  for (const name of ['Grundschule am Park', 'Realschule Mitte']) await operator.post('/api/v1/schools', { name }).catch(() => {});
}

/** @param shoot takes the picture of a person's window under a name */
export async function consolePictures(browser, server, shoot) {
  const operator = new Api(server);
  const { username, password } = server.demo.operator;
  const { school } = (await operator.post('/api/v1/session', { username, password })).user;
  await fill(server, operator, school.id);
  const person = await Person.open(browser, server, { name: 'Frau Vorlage' });
  await person.signIn(server.demo.operator);
  const places = [...OF_SERVICE, ...OF_SCHOOL.map((area) => `schools/${school.id}/${area}`)];
  for (const language of ['de', 'en']) {
    const at = async (place) => {
      await person.page.goto(`${server.origin}/console/${place}?lang=${language}`, { waitUntil: 'networkidle0' });
      await sleep(300);
    };
    for (const place of places) {
      await at(place);
      const name = place.replace(`schools/${school.id}`, 'school').replace('/', '-').replace(/-$/, '') || 'overview';
      await shoot(person, `console-${name}.${language}`);
    }
    await at(`schools/${school.id}/teachers`);
    await person.page.locator('tbody .actions button').click();
    await person.page.waitForSelector('dialog[open]');
    await shoot(person, `console-teacher.${language}`);
    await at(`schools/${school.id}/requests`);
    await person.page.locator('tbody .actions button').click();
    await person.page.waitForSelector('dialog[open]');
    await shoot(person, `console-request.${language}`);
    await at(`schools/${school.id}/imports`);
    await person.page.locator('tbody .actions button').click();
    await person.page.waitForSelector('.counts');
    await sleep(300);
    await shoot(person, `console-list.${language}`);
    await person.page.goto(`${server.origin}/account?lang=${language}`, { waitUntil: 'networkidle0' });
    await shoot(person, `console-account.${language}`);

    const { url } = await operator.post(`/api/v1/schools/${school.id}/sealed-drops`);
    const guest = await Person.open(browser, server, { name: 'Gerda Gast' });
    for (const [name, address] of [['drop', url], ['ask', '/request'], ['password', '/password']]) {
      const page = new URL(address, server.origin);
      page.searchParams.set('lang', language);
      await guest.page.goto(page.href, { waitUntil: 'networkidle0' });
      await sleep(300);
      await shoot(guest, `console-${name}.${language}`);
    }
    await guest.close();
  }
  await person.close();
}
