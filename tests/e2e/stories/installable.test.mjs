// The client can be installed as an app, and takes invitations that other apps share with it.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';

import { BROWSERS } from '../lib/browsers.mjs';
import { Stage } from '../lib/stage.mjs';

const stage = await Stage.set();
afterEach(() => stage.clear());

test('Chromium finds nothing that keeps it from installing the client', { timeout: 60_000 }, async () => {
  const browser = await stage.browser('chromium');
  // Not in a context of its own: such windows install nothing.
  const page = await browser.defaultBrowserContext().newPage();
  try {
    await page.goto(`${stage.server.origin}/`, { waitUntil: 'load' });
    const devtools = await page.createCDPSession();
    const { url, errors, data } = await devtools.send('Page.getAppManifest');
    assert.deepEqual(errors, []);
    assert.equal(url, `${stage.server.origin}/app.webmanifest`);
    assert.equal(JSON.parse(data).start_url, '/');
    const { installabilityErrors } = await devtools.send('Page.getInstallabilityErrors');
    assert.deepEqual(installabilityErrors, []);
  } finally {
    await page.close();
  }
});

test('the manifest is in the language of the browser, and its pictures are there', { timeout: 60_000 }, async () => {
  for (const [accepted, name] of [
    ['de-DE,de;q=0.9,en;q=0.8', 'kmz-meet: Video-Klassenzimmer'],
    ['en-GB', 'kmz-meet: video classroom'],
    ['fr', 'kmz-meet: video classroom'],
  ]) {
    const answer = await fetch(`${stage.server.origin}/app.webmanifest`, {
      headers: { 'accept-language': accepted },
    });
    assert.equal(answer.headers.get('content-type'), 'application/manifest+json');
    assert.match(answer.headers.get('vary') ?? '', /accept-language/);
    const manifest = await answer.json();
    assert.equal(manifest.name, name);
    for (const { src, type } of manifest.icons) {
      const picture = await fetch(stage.server.origin + src);
      assert.deepEqual([picture.status, picture.headers.get('content-type')], [200, type], src);
    }
  }
  assert.equal((await fetch(`${stage.server.origin}/apple-touch-icon.png`)).status, 200);
});

for (const kind of BROWSERS) {
  test(`in ${kind} a shared invitation opens its room, and a foreign link is said to be one`, { timeout: 90_000 }, async () => {
    const room = await stage.api.room();
    const pupil = await stage.person(kind, 'Anna');
    const share = (text) => pupil.visit(`/?${new URLSearchParams({ 'share-title': 'Einladung', 'share-text': text })}`);
    await share(`Mathe 7b\n\n${stage.server.origin}/${room.name}\nPasswort: Sonne 7`);
    await pupil.awaits('Join');
    await pupil.page.waitForFunction((path) => location.pathname === path, {}, `/${room.name}`);
    await pupil.reads(room.name);
    await share('https://elsewhere.example/mutiger-dachs');
    await pupil.reads('The shared link does not lead to this server.');
    assert.equal(new URL(pupil.page.url()).search, '', 'what was shared is still in the address');
    await share('Mathe um acht');
    await pupil.reads('There is no link in what was shared.');
  });
}
