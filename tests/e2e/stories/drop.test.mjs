// The sealed drop: an operator makes a key and a link, a secretary hands over a list, the operator opens it. Nothing of the list is
// in what crosses the network, on the server's disk, or in its memory, as long as it lies there.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, test } from 'node:test';

import { assertAccessible } from '../lib/axe.mjs';
import { BROWSERS } from '../lib/browsers.mjs';
import { sql, withoutSealedLists } from '../lib/database.mjs';
import { tabTo, use } from '../lib/keys.mjs';
import { Stage } from '../lib/stage.mjs';
import { filesWith, hitsInFiles, hitsInMemory, recorder } from '../lib/traces.mjs';

const SIZES = { laptop: { width: 1366, height: 768 }, phone: { width: 390, height: 844 } };
/** Where pictures go, for somebody who wants to look at them. */
const PICTURES = process.env['DROP_PICTURES'];

const stage = await Stage.set();
afterEach(() => stage.clear());
const lists = mkdtempSync(join(tmpdir(), 'kmz-meet-lists-'));
after(() => rmSync(lists, { recursive: true, force: true }));

/** Roles are given at the command line of the operator's database until there is a page for it. */
const isOperator = (username, is = true) =>
  sql(stage.server, `UPDATE users SET role = '${is ? 'operator' : 'moderator'}' WHERE username = '${username}'`);

withoutSealedLists(stage.server);

/** Every state in both sizes, light and dark; pictures where somebody wants them. */
async function look(person, state) {
  const themes = person.browser.kind === 'chromium' ? ['light', 'dark'] : ['light'];
  for (const [size, viewport] of Object.entries(SIZES)) {
    await person.page.setViewport(viewport);
    for (const theme of themes) {
      if (themes.length > 1) await person.page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: theme }]);
      person.theme = theme;
      await assertAccessible(person, state);
      if (!PICTURES) continue;
      mkdirSync(PICTURES, { recursive: true });
      const path = join(PICTURES, `${state.replaceAll(' ', '-')}.${person.browser.kind}.${size}.${theme}.png`);
      await person.page.screenshot({ path, fullPage: true });
    }
  }
  await person.page.setViewport(SIZES.laptop);
  if (themes.length > 1) await person.page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'light' }]);
}

const type = async (person, label, text) => {
  await tabTo(person, label);
  await person.page.keyboard.type(text);
};

const LONG = 120_000;
const KEY_PASSPHRASE = 'Kiesel Laterne Birke';
const SCHOOL_PASSPHRASE = 'Dachs Regen Mandel';

for (const kind of BROWSERS) {
  const mark = kind === 'chromium' ? 'Qx' : 'Vz';
  const canaries = {
    name: `Zwirbelhuber${mark}ana`,
    other: `Öttinger-Ságh${mark}`,
    mail: `k.anarienvogel${mark}@gymnasium-ohmstedt.example`,
    file: `Kollegium-Ohmstedt${mark}-geheim`,
    row: 'Nachnamensspalte',
    key: KEY_PASSPHRASE,
    school: SCHOOL_PASSPHRASE,
  };
  const secrets = Object.values(canaries);
  const list = `${canaries.row};Vorname;Mail\n${canaries.name};Änne;${canaries.mail}\n${canaries.other};Bo;b@gymnasium-ohmstedt.example\n`;

  test(`in ${kind} a list goes from a secretary to an operator, and the server has nothing of it`, { timeout: 480_000 }, async () => {
    const { username } = stage.server.demo.teacher;
    isOperator(username);
    const operator = await stage.teacher(kind);

    // A key, by keyboard alone.
    await operator.visit('/console/sealed-lists');
    await operator.reads('Without one no school can hand over a list');
    await look(operator, 'console empty');
    await use(operator, 'Make a key');
    await operator.reads('Whose key is it?');
    await look(operator, 'new key');
    await type(operator, 'Whose key is it? Schools see this.', 'County media centre, Ms Meyer');
    await type(operator, 'Passphrase of the key', KEY_PASSPHRASE);
    await type(operator, 'Passphrase again', 'something else');
    await use(operator, 'Make the key');
    await operator.reads('The two passphrases differ');
    await tabTo(operator, 'Passphrase again');
    await operator.page.keyboard.down('Control');
    await operator.page.keyboard.press('a');
    await operator.page.keyboard.up('Control');
    await operator.page.keyboard.type(KEY_PASSPHRASE);
    await operator.page.keyboard.press('Enter');
    await operator.reads('The key is ready.', LONG);
    await operator.awaits('Retire the key County media centre, Ms Meyer');

    // The link, once.
    // A list forgets what was typed when the letters come slowly, and the first school is another one.
    await tabTo(operator, 'School', { back: true });
    await operator.page.select('#link-school', (await stage.api.request('GET', '/api/v1/school')).id);
    await use(operator, 'Make a link');
    await operator.reads('The link is ready');
    const link = await operator.page.$eval('#made-link', (field) => field.value);
    assert.match(link, /^http:\/\/localhost:\d+\/drop#[\w-]{43}$/);
    const token = link.split('#').at(-1);
    const digits = await operator.page.$eval('[role=group] .digits span[translate]', (one) => one.textContent);
    assert.match(digits, /^\d{5}( \d{5}){5}$/);
    await look(operator, 'link made');
    assert.ok(!sql(stage.server, 'SELECT * FROM sealed_drops').includes(token), 'the database has the hash of the link alone');

    // The secretary, without an account, behind a proxy that keeps everything.
    const line = await recorder(stage.server);
    const path = join(lists, `${canaries.file}.csv`);
    writeFileSync(path, list);
    const secretary = await stage.person(kind, 'Frau Sand');
    try {
      // The page is at another port for them, and everything goes back to that one.
      secretary.server = { origin: line.origin };
      const { page } = secretary;
      await page.goto(`${line.origin}/drop?lang=en#${token}`, { waitUntil: 'domcontentloaded' });
      await secretary.reads('Hand over a list safely');
      await secretary.reads('County media centre, Ms Meyer');
      await secretary.reads(digits);
      await look(secretary, 'drop page');
      await use(secretary, 'Encrypt and send');
      await secretary.reads('Choose the file with the list first');
      const field = await page.waitForSelector('#file');
      await field.uploadFile(path);
      await use(secretary, 'Protect it with a passphrase as well', { key: ' ' });
      await type(secretary, 'Passphrase', 'short');
      await use(secretary, 'Encrypt and send');
      await secretary.reads('needs at least 12 characters');
      await look(secretary, 'drop page filled in');
      await secretary.fill('Passphrase', SCHOOL_PASSPHRASE);
      await use(secretary, 'Encrypt and send');
      await secretary.reads('The list is on its way', LONG);
      await secretary.reads(SCHOOL_PASSPHRASE);
      await look(secretary, 'drop page done');

      const puts = line.requests.filter(({ method }) => method === 'PUT');
      assert.equal(puts.length, 1, 'one upload');
      const addresses = line.requests.map(({ path }) => path).filter((path) => path.includes(token));
      assert.deepEqual(addresses, [], 'the link is in no address that a log would have');
      assert.equal(puts[0].body.subarray(0, 21).toString(), 'age-encryption.org/v1');
      assert.deepEqual(line.hits(secrets), [], `in ${line.bytes()} bytes of traffic`);

      // The link is used up, and says so.
      await page.reload({ waitUntil: 'domcontentloaded' });
      await secretary.reads('A list was already handed over by this link');
      await look(secretary, 'drop page used up');
      const again = await fetch(`${stage.server.origin}${puts[0].path}`, {
        method: 'PUT',
        headers: { origin: stage.server.origin, 'content-type': 'application/octet-stream', 'drop-token': token },
        body: puts[0].body,
      });
      assert.equal(again.status, 409, 'a replay of the upload');
      // The page is at the recorder's port; requests to it are to our own host.
      secretary.foreign = secretary.foreign.filter((url) => !url.startsWith(`${line.origin}/`));
    } finally {
      await line.close();
    }

    // The operator opens it in the browser, and the server still has nothing of it.
    await operator.page.bringToFront();
    await operator.visit('/console/sealed-lists');
    await operator.awaits(`Open the list of ${(await stage.api.request('GET', '/api/v1/school')).name}`);
    await look(operator, 'console with a list');
    await operator.page.$eval('.drop .button.primary', (button) => button.click());
    await operator.reads('Open here in the browser');
    await type(operator, 'Passphrase of the key', 'wrong wrong wrong');
    await operator.page.keyboard.press('Enter');
    await operator.reads('does not open the key', LONG);
    await look(operator, 'open with a key');
    await operator.page.$eval('input[type=password]', (field) => field.select());
    await operator.page.keyboard.type(KEY_PASSPHRASE);
    await operator.page.keyboard.press('Enter');
    await operator.reads('The school protected this list', LONG);
    await look(operator, 'open with a passphrase');
    await operator.page.keyboard.type('not this one');
    await operator.page.keyboard.press('Enter');
    await operator.reads('This is not the passphrase of the school', LONG);
    await operator.fill('Passphrase of the school', SCHOOL_PASSPHRASE);
    await operator.page.keyboard.press('Enter');
    await operator.reads('3 rows', LONG);
    await operator.reads(canaries.name);
    await operator.reads(`${canaries.file}.csv`);
    await look(operator, 'opened list');

    // Disk and memory, while it lies there and is open in a browser.
    const disk = hitsInFiles(stage.server.dataDir, secrets);
    assert.ok(disk.read.includes('kmz-meet.sqlite') && disk.read.includes('kmz-meet.sqlite-wal'), disk.read.join(', '));
    assert.deepEqual(disk.hits, []);
    const memory = hitsInMemory(stage.server.pid, secrets);
    assert.ok(memory.bytes > 20_000_000, `${memory.bytes} bytes of memory were read`);
    assert.deepEqual(memory.hits, [], `in ${memory.bytes} bytes of memory`);

    // So the search finds what is there: the same names, sent in plain.
    const control = await recorder(stage.server);
    const plain = `Klartext${mark}probe`;
    const sent = await fetch(`${control.origin}/api/v1/rooms`, {
      method: 'POST',
      headers: { origin: stage.server.origin, cookie: stage.api.cookie, 'content-type': 'application/json' },
      body: JSON.stringify({ title: plain }),
    });
    assert.equal(sent.status, 201);
    assert.notDeepEqual(control.hits([plain]), [], 'the recorder finds what is sent in plain');
    await control.close();
    assert.notDeepEqual(hitsInFiles(stage.server.dataDir, [plain]).hits, [], 'what is stored in plain is found on disk');
    assert.notDeepEqual(hitsInMemory(stage.server.pid, [plain]).hits, [], 'what came in plain is found in memory');

    // It is deleted, and then nothing of its ciphertext is left in the files.
    await operator.press('Close without importing');
    const left = Buffer.from(sql(stage.server, 'SELECT hex(substr(ciphertext, -64)) FROM sealed_drop_contents').trim(), 'hex');
    assert.equal(left.length, 64);
    assert.notDeepEqual(filesWith(stage.server.dataDir, left), [], 'the ciphertext lies there');
    await operator.page.waitForFunction(() => !document.querySelector('table'));
    await operator.page.$eval('.drop .danger-text', (button) => button.click());
    await operator.reads('It cannot be brought back');
    await look(operator, 'asked to delete');
    await operator.page.keyboard.press('Tab');
    await operator.page.keyboard.press('Tab');
    await operator.page.keyboard.press('Enter');
    await operator.reads('Deleted.');
    assert.equal(sql(stage.server, 'SELECT count(*) FROM sealed_drop_contents').trim(), '0');
    assert.deepEqual(filesWith(stage.server.dataDir, left), [], 'the ciphertext is gone, too');

    // Whose role is taken away sees nothing any more, with the same session.
    isOperator(username, false);
    await operator.visit('/console/sealed-lists');
    await operator.reads('These pages are for administrators');
    // The next browser begins anew.
    withoutSealedLists(stage.server);
  });
}

test('the page of a link speaks German first where the browser does, and says what is wrong with a link', { timeout: 120_000 }, async () => {
  const guest = await stage.person('chromium', 'Herr Kamp');
  await guest.page.goto(`${stage.server.origin}/drop?lang=de#${'x'.repeat(43)}`, { waitUntil: 'domcontentloaded' });
  await guest.reads('Dieser Link führt nirgendwohin');
  await look(guest, 'drop page unknown');
});
