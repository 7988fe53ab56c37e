// Signing in by a certified OpenID provider that is not ours, in real browsers: the first time, again, and out.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { assertAccessible } from '../../e2e/lib/axe.mjs';
import { Api } from '../../e2e/lib/api.mjs';
import { Server } from '../../e2e/lib/server.mjs';
import { BROWSERS, launch } from '../lib/browsers.mjs';
import { startProvider } from '../lib/oidc.mjs';
import { until } from '../lib/process.mjs';
import { Rest } from '../lib/rest.mjs';
import { Visitor } from '../lib/visitor.mjs';

const LABEL = { de: 'Mit dem Schulkonto', en: 'With the school account' };

const server = await Server.start();
const provider = await startProvider(server.origin, {
  chromium: { name: 'Clara Chromium', email: 'clara@schule.example', email_verified: true, roles: ['teacher'] },
  firefox: { name: 'Frieda Firefox', email: 'frieda@schule.example', email_verified: true, roles: ['teacher'] },
  pupil: { name: 'Paul Pupil', email: 'paul@schule.example', email_verified: true, roles: ['pupil'] },
});
const rest = new Rest(server);
const school = await rest.call('GET', '/school');
// No key sets how people sign in: somebody who administers the school does.
const admin = await Api.administrator(server);
const made = await admin.post(`/api/v1/schools/${school.id}/sign-in-providers`, {
  issuer: provider.issuer,
  client_id: provider.client_id,
  client_secret: provider.client_secret,
  scope: 'profile email roles',
  label: LABEL,
  claims: { role: 'roles', teachers: ['teacher'] },
});

const browsers = new Map();
const people = [];
after(async () => {
  for (const browser of browsers.values()) await browser.close().catch(() => {});
  provider.close();
  await server.close();
});

async function person(kind, name) {
  if (!browsers.has(kind)) browsers.set(kind, await launch(kind));
  const visitor = await Visitor.open(browsers.get(kind), name);
  people.push(visitor);
  return visitor;
}

async function allLeave() {
  for (const visitor of people.splice(0)) await visitor.close().catch(() => {});
}

const accessible = (visitor, state) => assertAccessible({ page: visitor.page, browser: visitor }, state);

const isAt = (visitor, url) => until(`${visitor.name}: at ${url}, not at ${visitor.page.url()}`, () => visitor.page.url().startsWith(url));

/** By the button of our sign-in page, with the keyboard alone. */
async function towardsTheProvider(visitor, { checked = false } = {}) {
  await visitor.goto(`${server.origin}/sign-in`);
  const button = await visitor.page.waitForSelector('a[href^="/sign-in/oidc/"]');
  if (checked) await accessible(visitor, 'the sign-in page with a provider');
  await button.focus();
  assert.match(await button.evaluate((link) => link.innerText), new RegExp(`${LABEL.en}|${LABEL.de}`));
  await visitor.page.keyboard.press('Enter');
  await until(`${visitor.name}: away from our page`, () => !visitor.page.url().startsWith(`${server.origin}/sign-in?`) && visitor.page.url() !== `${server.origin}/sign-in`);
}

/** On the pages of the provider. */
async function signInThere(visitor, login) {
  await isAt(visitor, provider.issuer);
  await visitor.page.waitForSelector('input[name="login"]');
  await visitor.page.type('input[name="login"]', login);
  await visitor.page.type('input[name="password"]', 'any');
  await visitor.page.keyboard.press('Enter');
  await visitor.page.waitForFunction(() => document.querySelector('input[name="login"]') === null && document.querySelector('button[type="submit"]') !== null);
  await visitor.page.click('button[type="submit"]');
}

const session = (visitor) => visitor.page.evaluate(async () => (await fetch('/api/v1/session')).json());

for (const kind of BROWSERS) {
  test(`${kind}: a teacher signs in by the provider, comes again, and signs out at both`, async (t) => {
    t.after(allLeave);
    const teacher = await person(kind, 'teacher');
    await towardsTheProvider(teacher, { checked: true });
    await signInThere(teacher, kind);
    await isAt(teacher, `${server.origin}/rooms`);
    const first = await session(teacher);
    assert.match(first.user.name, new RegExp(kind, 'i'));
    assert.equal(first.user.role, 'moderator');
    assert.equal(first.user.school.id, school.id);

    // Signed in there, they come through without a question.
    await teacher.page.evaluate(() => fetch('/api/v1/session', { method: 'DELETE' }));
    await towardsTheProvider(teacher);
    await isAt(teacher, `${server.origin}/rooms`);
    const second = await session(teacher);
    assert.equal(second.user.id, first.user.id);

    await teacher.goto(`${server.origin}/rooms`);
    await teacher.press('Sign out');
    await isAt(teacher, `${provider.issuer}/session/end`);
    await teacher.page.waitForSelector('button[name="logout"]');
    await teacher.page.click('button[name="logout"]');
    await isAt(teacher, `${server.origin}/sign-in/oidc/signed-out`);
    assert.match(await teacher.text(), /You are signed out/);
    await accessible(teacher, 'signed out');
    assert.equal((await session(teacher)).user, null);
    // The provider does not know them any more either.
    await towardsTheProvider(teacher);
    await isAt(teacher, provider.issuer);
    await teacher.page.waitForSelector('input[name="login"]');
    assert.deepEqual(teacher.errors, []);
  });
}

test('a pupil hears in words that they need no account', async (t) => {
  t.after(allLeave);
  const pupil = await person('chromium', 'pupil');
  await towardsTheProvider(pupil);
  await signInThere(pupil, 'pupil');
  await isAt(pupil, `${server.origin}/sign-in/oidc/callback`);
  const text = await pupil.text();
  assert.match(text, /As a pupil you need none/);
  assert.match(text, /no_teacher/);
  assert.equal((await session(pupil)).user, null);
});

test('a provider that takes another secret signs nobody in', async (t) => {
  t.after(allLeave);
  await admin.request('PATCH', `/api/v1/schools/${school.id}/sign-in-providers/${made.id}`, { client_secret: 'another one' });
  const teacher = await person('chromium', 'teacher');
  await towardsTheProvider(teacher);
  await signInThere(teacher, 'chromium');
  await isAt(teacher, `${server.origin}/sign-in/oidc/callback`);
  assert.match(await teacher.text(), /code_refused/);
});
