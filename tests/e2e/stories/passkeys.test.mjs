// A passkey is added, asked for at the sign-in, cancelled and removed: by keyboard alone. Chromium has an authenticator for
// tests; for Firefox there is none without a device.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';

import { Api } from '../lib/api.mjs';
import { look } from '../lib/axe.mjs';
import { types, use } from '../lib/keys.mjs';
import { Stage } from '../lib/stage.mjs';

const stage = await Stage.set();
afterEach(() => stage.clear());

/** A security key that is plugged in: it says yes at once, or never. */
async function securityKey(person) {
  const devtools = await person.page.createCDPSession();
  await devtools.send('WebAuthn.enable');
  const options = { protocol: 'ctap2', transport: 'usb', hasResidentKey: true, hasUserVerification: true, isUserVerified: true };
  const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: { ...options, automaticPresenceSimulation: true },
  });
  return {
    credentials: async () => (await devtools.send('WebAuthn.getCredentials', { authenticatorId })).credentials,
    verifies: (isUserVerified) => devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }),
    touches: (enabled) => devtools.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled }),
  };
}

/** The next question to the browser is cancelled by the person: the dialog of the system cannot be reached from a story. */
const cancels = (person) =>
  person.page.evaluate(() => {
    const get = navigator.credentials.get.bind(navigator.credentials);
    navigator.credentials.get = (options) => {
      navigator.credentials.get = get;
      const stop = new AbortController();
      setTimeout(() => stop.abort(new DOMException('cancelled', 'NotAllowedError')), 200);
      return get({ ...options, signal: stop.signal });
    };
  });

test('a teacher in chromium signs in with a passkey', { timeout: 240_000 }, async () => {
  const { teacher: account } = stage.server.demo;
  const teacher = await stage.person('chromium', stage.api.user.name);
  const { keyboard } = teacher.page;
  const key = await securityKey(teacher);
  await teacher.signIn(account);

  await teacher.visit('/account');
  await teacher.awaits('Add a passkey');
  await look(teacher, 'my account without passkeys');
  await use(teacher, 'Add a passkey');
  await teacher.reads('Please enter your current password and a name.');
  await teacher.page.focus('#passkey-password');
  await keyboard.type(account.password);
  await types(teacher, 'Name of the passkey', 'Yellow key');
  await keyboard.press('Enter');
  await teacher.awaits('I have kept them');
  const codes = await teacher.page.evaluate(() => [...document.querySelectorAll('ul code')].map((one) => one.textContent));
  assert.equal(codes.length, 10);
  await use(teacher, 'I have kept them');
  await teacher.reads('Yellow key');
  await teacher.reads('Not used yet.');
  await teacher.reads('Signing in takes a passkey. Recovery codes left: 10');
  await look(teacher, 'my account with a passkey');
  const kept = await key.credentials();
  assert.deepEqual([kept.length, kept[0].rpId], [1, 'localhost']);

  // The same key again is known.
  await teacher.page.focus('#passkey-password');
  await keyboard.type(account.password);
  await types(teacher, 'Name of the passkey', 'Again');
  await keyboard.press('Enter');
  await teacher.reads('This passkey is registered already.');

  const signsIn = async () => {
    await teacher.visit('/sign-in');
    await teacher.awaits('Sign in');
    await types(teacher, 'User name', account.username);
    await types(teacher, 'Password', account.password);
    await keyboard.press('Enter');
    await teacher.awaits('Confirm with a passkey');
  };
  await teacher.press('Sign out');
  await teacher.awaits('Join');
  await signsIn();
  await look(teacher, 'the second step of signing in with a passkey');
  // Nobody touches the key, and the person gives up.
  await key.touches(false);
  await cancels(teacher);
  await use(teacher, 'Confirm with a passkey');
  await teacher.reads('That was cancelled, or took too long.');
  await look(teacher, 'the second step after it was cancelled');
  await key.touches(true);
  await use(teacher, 'Confirm with a passkey', { back: true });
  await teacher.reads('My rooms');

  await teacher.visit('/account');
  await teacher.reads('Last used on');
  await use(teacher, 'Remove the passkey Yellow key');
  await teacher.awaits('Remove for good');
  await look(teacher, 'removing a passkey');
  await types(teacher, 'Current password', account.password);
  // Without a code the passkey itself is asked for.
  await keyboard.press('Enter');
  await teacher.reads('The passkey is removed.');
  await teacher.readsNot('Yellow key');
  await teacher.awaits('Set up a second factor');

  await teacher.press('Sign out');
  await teacher.awaits('Join');
  await teacher.signIn(account);
});

test('a teacher of a school that requires it begins with a passkey', { timeout: 120_000 }, async () => {
  const { teacher: account, school_admin: admin } = stage.server.demo;
  const school = new Api(stage.server);
  await school.post('/api/v1/session', { username: admin.username, password: admin.password });
  await school.request('PATCH', '/api/v1/school', { second_factor: 'required' });
  const teacher = await stage.person('chromium', stage.api.user.name);
  const { keyboard } = teacher.page;
  await securityKey(teacher);
  await teacher.visit('/sign-in');
  await teacher.awaits('Sign in');
  await types(teacher, 'User name', account.username);
  await types(teacher, 'Password', account.password);
  await keyboard.press('Enter');
  await teacher.awaits('Use a passkey instead');
  await use(teacher, 'Use a passkey instead');
  await teacher.awaits('Add a passkey');
  await look(teacher, 'beginning with a passkey');
  await types(teacher, 'Name of the passkey', 'Yellow key');
  await keyboard.press('Enter');
  await teacher.awaits('I have kept them');
  await use(teacher, 'I have kept them');
  await teacher.reads('My rooms');
  // The last one stays.
  await teacher.visit('/account');
  await teacher.awaits('Remove the passkey Yellow key');
  await use(teacher, 'Remove the passkey Yellow key');
  await teacher.awaits('Remove for good');
  await types(teacher, 'Current password', account.password);
  await keyboard.press('Enter');
  const told = () => document.querySelector('#leaving-problem')?.textContent.includes('It is required here.');
  await teacher.page.waitForFunction(told);
});
