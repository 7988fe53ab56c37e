// Jitsi's own React wrapper from npm, unchanged, with our room: join, toggle audio, chat, hang up, with the events.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

import { Server } from '../../e2e/lib/server.mjs';
import { Raw } from '../../e2e/lib/socket.mjs';
import { BROWSERS, launch } from '../lib/browsers.mjs';
import { tlsFront } from '../lib/front.mjs';
import { freePort, until } from '../lib/process.mjs';
import { Rest } from '../lib/rest.mjs';
import { Visitor } from '../lib/visitor.mjs';

const port = await freePort();
const server = await Server.start({ KMZ_MEET_PUBLIC_URL: `https://localhost:${port}` });
const front = await tlsFront(port, server.port);
const rest = new Rest(server);
const domain = `localhost:${port}`;

const { outputFiles } = await build({
  entryPoints: [fileURLToPath(new URL('../jitsi/page.jsx', import.meta.url))],
  bundle: true,
  write: false,
  format: 'iife',
  jsx: 'automatic',
  define: { 'process.env.NODE_ENV': '"production"' },
  logLevel: 'error',
});

/** The page of a school: what is wanted stands in its address. */
const site = createServer((request, response) => {
  const url = new URL(request.url, 'http://127.0.0.1');
  if (url.pathname === '/page.js') {
    response.writeHead(200, { 'content-type': 'text/javascript' });
    return response.end(outputFiles[0].text);
  }
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
  const wanted = JSON.stringify(Object.fromEntries(url.searchParams)).replaceAll('<', '\\u003c');
  return response.end(
    `<!DOCTYPE html><html lang="en"><title>School</title><div id="root"></div><script type="application/json" id="wanted">${wanted}</script><script src="/page.js"></script>`,
  );
});
await new Promise((resolve) => site.listen(0, '127.0.0.1', resolve));
const origin = `http://127.0.0.1:${site.address().port}`;

const browsers = [];
after(async () => {
  for (const browser of browsers) await browser.close().catch(() => {});
  site.closeAllConnections();
  site.close();
  front.close();
  await server.close();
});

const SECRET = 'a secret of the school';
await rest.call('PATCH', '/school', { embed_origins: [origin] });
await rest.call('POST', '/jitsi/apps', { app_id: 'school', algorithm: 'HS256', key: SECRET });

/** A token as Moodle's Jitsi activity makes it (HS256, with its key id). */
function jwt(room, { name, id, moderator = false }) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = {
    context: { user: { affiliation: moderator ? 'owner' : 'member', avatar: '', name, email: '', id }, group: '' },
    aud: 'jitsi',
    iss: 'school',
    sub: domain,
    room,
    exp: Math.floor(Date.now() / 1000) + 24 * 3600,
    moderator,
  };
  const text = `${part({ kid: 'jitsi/custom_key_name', typ: 'JWT', alg: 'HS256' })}.${part(claims)}`;
  return `${text}.${createHmac('sha256', SECRET).update(text).digest('base64url')}`;
}

const pageUrl = (parameters) => `${origin}/?${new URLSearchParams({ domain, ...parameters })}`;
const call = (visitor, script, ...values) => visitor.page.evaluate(script, ...values);
const heard = (visitor, name) => call(visitor, (wanted) => window.heard.filter((one) => one.name === wanted).map((one) => one.event), name);
const hears = (visitor, name, fits = () => true) =>
  until(
    `the event ${name}`,
    async () => (await heard(visitor, name)).find(fits),
    30_000,
  ).catch(async (error) => {
    throw new Error(`${visitor.kind}: ${error.message}; heard ${JSON.stringify(await call(visitor, () => window.heard))}; ${visitor.errors}; frames: ${visitor.page.frames().map((frame) => frame.url())}`);
  });

// Our server speaks to the tests without the front; its origin is that of the front.
const direct = { origin: server.origin };
const enter = (room, token) => Raw.join(direct, { room, name: '', token }, { origin: `https://${domain}` });

for (const kind of BROWSERS) {
  test(`the React wrapper in ${kind}: join, audio, chat, hang up, with the events`, async () => {
    const browser = await launch(kind, { insecure: true });
    browsers.push(browser);
    const room = `Klasse7b-${kind}`;
    const teacher = await Visitor.open(browser, 'Frau Lehmpuhl');
    await teacher.goto(pageUrl({ room, name: 'Frau Lehmpuhl', jwt: jwt(room, { name: 'Frau Lehmpuhl', id: '3', moderator: true }) }));

    const joined = await hears(teacher, 'videoConferenceJoined');
    assert.equal(joined.roomName?.toLowerCase(), room.toLowerCase());
    assert.equal(joined.displayName, 'Frau Lehmpuhl');
    assert.ok(joined.id);
    // The token is nowhere to be read.
    const frame = teacher.page.frames().find((one) => one.url().startsWith(`https://${domain}`));
    assert.ok(!frame.url().includes('jwt='), `the token stands in the address: ${frame.url()}`);

    const pupil = await enter(room, jwt(room, { name: 'Jörg Müller', id: '4' }));
    const came = await hears(teacher, 'participantJoined', (one) => one.displayName === 'Jörg Müller');
    assert.ok(came.id);
    assert.equal(await call(teacher, () => window.api.getNumberOfParticipants()), 2);
    assert.equal(pupil.roster.get(pupil.you).role, 'participant');
    await pupil.until((one) => one.named('Frau Lehmpuhl')[0]?.role === 'moderator');

    // Muted at the start, as the page wants it.
    assert.equal(await call(teacher, () => window.api.isAudioMuted()), true);
    await call(teacher, () => window.api.executeCommand('toggleAudio'));
    await hears(teacher, 'audioMuteStatusChanged', (one) => one.muted === false);
    await pupil.until((one) => one.named('Frau Lehmpuhl')[0]?.sources.includes('microphone'), 'the microphone on', 20_000);
    assert.equal(await call(teacher, () => window.api.isAudioMuted()), false);
    await call(teacher, () => window.api.executeCommand('toggleAudio'));
    await hears(teacher, 'audioMuteStatusChanged', (one) => one.muted === true);

    await call(teacher, () => window.api.executeCommand('sendChatMessage', 'Guten Morgen <b>7b</b>'));
    const message = await pupil.hear('chat', undefined, 20_000);
    assert.equal(message.message.text, 'Guten Morgen <b>7b</b>');
    await hears(teacher, 'outgoingMessage', (one) => one.message === 'Guten Morgen <b>7b</b>');
    pupil.say({ type: 'send_chat', text: 'Guten Morgen, Frau Lehmpuhl' });
    const answer = await hears(teacher, 'incomingMessage', (one) => one.message === 'Guten Morgen, Frau Lehmpuhl');
    assert.equal(answer.nick, 'Jörg Müller');

    pupil.say({ type: 'set_hand', raised: true });
    await hears(teacher, 'raiseHandUpdated', (one) => one.handRaised > 0);

    await call(teacher, () => window.api.executeCommand('hangup'));
    await hears(teacher, 'videoConferenceLeft');
    await hears(teacher, 'readyToClose');
    await until('onReadyToClose of the wrapper', () => call(teacher, () => window.wrapperClosed === true));
    await pupil.until((one) => one.named('Frau Lehmpuhl').length === 0 || one.closed, 'the teacher has left', 20_000);
    await call(teacher, () => window.api.dispose());
    assert.equal(await call(teacher, () => document.querySelectorAll('iframe').length), 0);
    assert.deepEqual(teacher.errors, []);
    pupil.leave();
    await teacher.close();
  });
}

test('a page that is not registered cannot show our room', async () => {
  const page = await fetch(`${server.origin}/some-room`);
  const policy = page.headers.get('content-security-policy');
  assert.match(policy, new RegExp(`frame-ancestors ${origin}(;|$)`));
});

test('the script is there, for the wrapper and for every page', async () => {
  const script = await fetch(`${server.origin}/external_api.js?release=release-1`);
  assert.equal(script.status, 200);
  assert.match(script.headers.get('content-type'), /javascript/);
  assert.match(await script.text(), /JitsiMeetExternalAPI/);
});
