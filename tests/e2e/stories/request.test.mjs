// A teacher asks for access, proves the address by a mail, sends a proof, answers a question, and comes in: by keyboard alone.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, test } from 'node:test';

import { Api } from '../lib/api.mjs';
import { look } from '../lib/axe.mjs';
import { BROWSERS } from '../lib/browsers.mjs';
import { tabTo, types, use } from '../lib/keys.mjs';
import { Stage } from '../lib/stage.mjs';

const stage = await Stage.set();
const files = mkdtempSync(join(tmpdir(), 'kmz-meet-request-'));
after(() => rmSync(files, { recursive: true, force: true }));
afterEach(() => stage.clear());

/** Waits for a newer mail to this address than the last one read, and gives where its link leads. */
function mailbox(address) {
  const read = new Set();
  return async (page) => {
    for (let tries = 0; tries < 200; tries += 1) {
      const { mails } = await (await fetch(`${stage.server.origin}/demo/mail.json`)).json();
      const mail = mails.find((one) => one.to === address && !read.has(one.id));
      if (mail) {
        read.add(mail.id);
        const link = mail.text.split('\n').find((line) => line.includes(`/${page}#`));
        assert.ok(link, mail.text);
        const { pathname, hash } = new URL(link);
        return pathname + hash;
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return assert.fail(`no mail came to ${address}`);
  };
}

/** The client is in the page already: only another page than this one is loaded anew. */
async function opens(person, path) {
  await person.visit('/check');
  await person.awaits('Check my device', 'heading');
  await person.visit(path);
}

for (const kind of BROWSERS) {
  test(`a teacher in ${kind} asks for access and signs in, by keyboard alone`, { timeout: 300_000 }, async () => {
    const address = `anna.${kind}@schule.example`;
    const password = `Hering Wolke Tisch ${kind}`;
    const mail = mailbox(address);
    const admin = new Api(stage.server);
    await admin.post('/api/v1/session', stage.server.demo.school_admin);
    const school = await admin.request('GET', '/api/v1/school');
    const requests = `/api/v1/schools/${school.id}/teacher-requests`;
    const teacher = await stage.person(kind, `Anna ${kind}`);
    const { keyboard } = teacher.page;

    await teacher.visit('/sign-in');
    await teacher.awaits('Sign in');
    await use(teacher, 'No account yet? Ask for access');
    await teacher.awaits('Ask for access');
    await look(teacher, 'asking for access');
    await use(teacher, 'Ask for access');
    await teacher.reads('Please fill in name, school and address.');
    await look(teacher, 'asking for access, nothing filled in');
    await types(teacher, 'First name and surname', `Anna ${kind}`, { back: true });
    await tabTo(teacher, 'School');
    await keyboard.type(school.name);
    await types(teacher, 'Official e-mail address', 'anna at school');
    await keyboard.press('Enter');
    await teacher.reads('This is no e-mail address');
    await keyboard.down('Control');
    await keyboard.press('a');
    await keyboard.up('Control');
    await keyboard.type(address);
    await tabTo(teacher, 'Language of the mails');
    await keyboard.type('English');
    await use(teacher, 'Ask for access');
    await teacher.reads('a mail is on its way');
    await look(teacher, 'asked for access');
    assert.deepEqual((await admin.request('GET', `${requests}?state=waiting`)).requests.filter((one) => one.email === address), []);

    await opens(teacher, await mail('request'));
    await teacher.reads('Your address is confirmed.');
    await teacher.reads(school.name);
    assert.equal(await teacher.page.evaluate(() => location.hash), '', 'the token stays in the address bar');
    await look(teacher, 'my request');

    // The wrong file, no file, and the right one.
    const [wrong, right] = [join(files, 'a.pdf'), join(files, 'b.pdf')];
    writeFileSync(wrong, 'MZ a program');
    writeFileSync(right, '%PDF-1.7 a certificate');
    await use(teacher, 'Send the file');
    await teacher.reads('Please choose a file.');
    const field = await teacher.page.$('#request-file');
    await field.uploadFile(wrong);
    await use(teacher, 'Send the file', { back: true });
    await teacher.reads('neither a PDF nor a JPEG or PNG picture');
    await look(teacher, 'my request, wrong file');
    await field.uploadFile(right);
    await use(teacher, 'Send the file', { back: true });
    await teacher.reads('Your file is there');
    await look(teacher, 'my request, with a proof');

    // The school asks back; the mail brings another link, and the former one is over.
    const [{ id, proof }] = (await admin.request('GET', requests)).requests.filter((one) => one.email === address);
    assert.equal(proof, 'application/pdf');
    await admin.post(`${requests}/${id}/ask`, { text: 'Which subject?' });
    const asked = await mail('request');
    await opens(teacher, '/request#over');
    await teacher.reads('This link leads to no request any more.');
    await look(teacher, 'a request that is over');
    await opens(teacher, asked);
    await teacher.reads('Which subject?');
    await look(teacher, 'my request, with a question');
    await use(teacher, 'Send the answer');
    await teacher.reads('Please write an answer.');
    await types(teacher, 'Your answer', 'Music', { back: true });
    await use(teacher, 'Send the answer');
    await teacher.reads('Your answer is there.');
    assert.equal((await admin.request('GET', `${requests}/${id}`)).answer, 'Music');

    await admin.post(`${requests}/${id}/accept`, {});
    await opens(teacher, await mail('password'));
    await teacher.awaits('Save the password');
    const username = `anna.${kind}`;
    await teacher.reads(username);
    await types(teacher, 'New password', password);
    await types(teacher, 'New password again', password);
    await keyboard.press('Enter');
    await teacher.reads('Your password is saved');
    await use(teacher, 'To the sign-in');
    await teacher.awaits('Sign in');
    await types(teacher, 'User name', username);
    await types(teacher, 'Password', password);
    await keyboard.press('Enter');
    await teacher.reads('My rooms');
  });
}

test('a network that asks too often is told when it may go on', { timeout: 120_000 }, async () => {
  const admin = new Api(stage.server);
  await admin.post('/api/v1/session', stage.server.demo.school_admin);
  const { id } = await admin.request('GET', '/api/v1/school');
  const ask = (number) =>
    new Api(stage.server).post('/api/v1/teacher-requests', { school_id: id, name: 'Karl', email: `karl${number}@schule.example` });
  await assert.rejects(async () => {
    for (let number = 0; number < 30; number += 1) await ask(number);
  }, /429/);
  const teacher = await stage.person('chromium', 'Karl');
  await teacher.visit('/request');
  await teacher.fill('First name and surname', 'Karl Muster');
  await teacher.page.select('#request-school', id);
  await teacher.fill('Official e-mail address', 'karl@schule.example');
  await teacher.press('Ask for access');
  await teacher.reads('From this network many requests came.');
  await look(teacher, 'too many requests for access');
});
