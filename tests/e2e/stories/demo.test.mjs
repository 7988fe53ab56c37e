// What the demo offers is really there: its sealed list opens with the passphrase of demo.json, and its mails lead on.
import { afterEach, test } from 'node:test';

import { BROWSERS } from '../lib/browsers.mjs';
import { tabTo } from '../lib/keys.mjs';
import { Stage } from '../lib/stage.mjs';

const stage = await Stage.set();
afterEach(() => stage.clear());

/** A key is protected by scrypt. */
const LONG = 60_000;

for (const kind of BROWSERS) {
  test(`the operator of the demo opens its sealed list in ${kind}`, { timeout: 180_000 }, async () => {
    const { demo } = stage.server;
    const operator = await stage.person(kind, 'Frau Vorlage');
    await operator.signIn(demo.operator);
    await operator.visit('/console/sealed-lists');
    await operator.awaits(`Open the list of ${demo.school}`);
    await operator.reads(demo.operator_key.label);
    await operator.page.$eval('.drop .button.primary', (button) => button.click());
    await operator.reads('Open here in the browser');
    await tabTo(operator, 'Passphrase of the key');
    await operator.page.keyboard.type(demo.operator_key.passphrase);
    await operator.page.keyboard.press('Enter');
    await operator.reads('Kollegium der Demoschule.csv', LONG);
    await operator.reads('karla.muster@demoschule.example');
  });
}

test('a mail of the demo leads to a request that waits for its answer', { timeout: 60_000 }, async () => {
  const { mails } = await (await fetch(`${stage.server.origin}/demo/mail.json`)).json();
  const mail = mails.find((one) => one.to === 'carla.exempel@demoschule.example');
  const { pathname, hash } = new URL(mail.text.split('\n').find((line) => line.includes('/request#')));
  const teacher = await stage.person('chromium', 'Carla Exempel');
  await teacher.visit(pathname + hash);
  await teacher.reads('Welche Fächer unterrichten Sie');
});
