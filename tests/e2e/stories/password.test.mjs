// A forgotten password is replaced by a link in a mail, and a second factor is set up, asked for and removed: by keyboard alone.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { afterEach, test } from 'node:test';

import { Api } from '../lib/api.mjs';
import { look } from '../lib/axe.mjs';
import { BROWSERS } from '../lib/browsers.mjs';
import { types, use } from '../lib/keys.mjs';
import { Stage } from '../lib/stage.mjs';

const stage = await Stage.set();
afterEach(() => stage.clear());

/** Six digits as an authenticator app shows them (RFC 6238), `ahead` steps from now. */
function totp(secret, ahead = 0) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret].map((char) => alphabet.indexOf(char).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + ahead));
  const mac = createHmac('sha1', key).update(counter).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

const mails = async () => (await (await fetch(`${stage.server.origin}/demo/mail.json`)).json()).mails;

for (const kind of BROWSERS) {
  test(`a teacher in ${kind} gets a new password by mail and a second factor`, { timeout: 240_000 }, async () => {
    const { teacher: account } = stage.server.demo;
    const fresh = `Laterne Pinsel Ofen ${kind}`;
    const teacher = await stage.person(kind, stage.api.user.name);
    const { keyboard } = teacher.page;
    const before = (await mails()).length;

    await teacher.visit('/sign-in');
    await teacher.awaits('Sign in');
    await use(teacher, 'Forgot your password?');
    await teacher.reads('User name or e-mail address');
    await look(teacher, 'forgot password');
    await types(teacher, 'User name or e-mail address', account.username);
    await keyboard.press('Enter');
    await teacher.reads('a link is on its way');
    await look(teacher, 'forgot password, sent');
    let sent = [];
    for (let tries = 0; tries < 100 && sent.length <= before; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      sent = await mails();
    }
    const link = sent[0].text.split('\n').find((line) => line.includes('/password#'));
    assert.ok(link, JSON.stringify(sent));
    // The page that shows it is ours, and harmless.
    await teacher.visit('/demo/mail');
    await teacher.reads(account.username);
    await look(teacher, 'mails of the demo');

    const { pathname, hash } = new URL(link);
    await teacher.visit(pathname + hash);
    await teacher.awaits('Save the password');
    assert.equal(await teacher.page.evaluate(() => location.hash), '', 'the token stays in the address bar');
    await look(teacher, 'choose a password');
    await types(teacher, 'New password', fresh);
    await types(teacher, 'New password again', fresh);
    await keyboard.press('Enter');
    await teacher.reads('Your password is saved');
    // The same link again opens nothing, and leads to a new one.
    await teacher.visit('/check');
    await teacher.reads('Check my device');
    await teacher.visit(pathname + hash);
    await teacher.reads('This link was used already');
    await look(teacher, 'a link that is over');

    const signsIn = async () => {
      await teacher.visit('/sign-in');
      await teacher.awaits('Sign in');
      await types(teacher, 'User name', account.username);
      await types(teacher, 'Password', fresh);
      await keyboard.press('Enter');
    };
    await signsIn();
    await teacher.reads('My rooms');
    await teacher.visit('/account');
    await teacher.awaits('Set up a second factor');
    await look(teacher, 'my account without a second factor');
    await teacher.page.focus('#factor-password');
    await keyboard.type(fresh);
    await keyboard.press('Enter');
    await teacher.awaits('Turn on');
    await look(teacher, 'setting up a second factor');
    const secret = await teacher.page.evaluate(() =>
      [...document.querySelectorAll('code')].map((one) => one.textContent.replaceAll(' ', '')).find((text) => /^[A-Z2-7]{32}$/.test(text)),
    );
    await types(teacher, 'Code from the app', totp(secret));
    await keyboard.press('Enter');
    await teacher.awaits('I have kept them');
    await look(teacher, 'recovery codes');
    const codes = await teacher.page.evaluate(() => [...document.querySelectorAll('ul code')].map((one) => one.textContent));
    assert.equal(codes.length, 10);
    await use(teacher, 'I have kept them');
    await teacher.reads('Recovery codes left: 10');
    await look(teacher, 'my account with a second factor');

    await teacher.press('Sign out');
    await teacher.awaits('Join');
    await signsIn();
    await teacher.awaits('Continue');
    await look(teacher, 'the second step of signing in');
    await types(teacher, 'Code', '000000');
    await keyboard.press('Enter');
    await teacher.reads('The code is not right');
    await teacher.fill('Code', totp(secret, 1));
    await keyboard.press('Enter');
    await teacher.reads('My rooms');

    await teacher.visit('/account');
    await teacher.awaits('New recovery codes');
    await teacher.page.focus('#factor-password');
    await keyboard.type(fresh);
    await types(teacher, 'Code', codes[0]);
    await use(teacher, 'Remove the second factor');
    await teacher.reads('The second factor is removed');

    account.password = fresh;
    stage.api = await Api.teacher(stage.server);
  });
}
