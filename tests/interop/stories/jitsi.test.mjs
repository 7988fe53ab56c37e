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

/** The page of a school. Its options are in its address. */
const site = createServer((request, response) => {
  const url = new URL(request.url, 'http://127.0.0.1');
  if (url.pathname === '/page.js') {
    response.writeHead(200, { 'content-type': 'text/javascript' });
    return response.end(outputFiles[0].text);
  }
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
  if (url.searchParams.has('plugin')) return response.end(plugin(JSON.parse(url.searchParams.get('plugin'))));
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
    // The token is not visible anywhere.
    const frame = teacher.page.frames().find((one) => one.url().startsWith(`https://${domain}`));
    assert.ok(!frame.url().includes('jwt='), `the token stands in the address: ${frame.url()}`);

    const pupil = await enter(room, jwt(room, { name: 'Jörg Müller', id: '4' }));
    const came = await hears(teacher, 'participantJoined', (one) => one.displayName === 'Jörg Müller');
    assert.ok(came.id);
    assert.equal(await call(teacher, () => window.api.getNumberOfParticipants()), 2);
    assert.equal(pupil.roster.get(pupil.you).role, 'participant');
    await pupil.until((one) => one.named('Frau Lehmpuhl')[0]?.role === 'moderator');

    // The person is muted at the start, as the page wants.
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

/** A page like the one of Moodle's Jitsi activity: no `userInfo`, no form before joining, the name by a command. */
const plugin = (options) => `<!DOCTYPE html><html lang="en"><title>Moodle</title><div id="jitsi-container" style="height:700px"></div>
<script src="https://${domain}/external_api.js"></script><script>
  const options = ${JSON.stringify(options).replaceAll('<', '\\u003c')};
  window.heard = [];
  window.api = new JitsiMeetExternalAPI(${JSON.stringify(domain)}, {
    roomName: options.room, jwt: options.jwt, parentNode: document.querySelector('#jitsi-container'), width: '100%', height: '100%',
    configOverwrite: { subject: 'Mathe 7b', prejoinPageEnabled: false, startWithAudioMuted: true, buttonsWithNotifyClick: ['chat', { key: '__end', preventExecution: true }] },
    interfaceConfigOverwrite: { SHOW_JITSI_WATERMARK: false },
  });
  for (const name of api.getSupportedEvents()) api.on(name, (event) => heard.push({ name, event }));
  api.executeCommand('displayName', options.name);
  api.on('passwordRequired', () => api.executeCommand('password', options.password));
</script></html>`;

test("the page of Moodle's Jitsi activity shows no form, knows the name, and gives the password when asked", async () => {
  const browser = await launch('chromium', { insecure: true });
  browsers.push(browser);
  const room = await rest.call('POST', '/rooms', { password: 'Sonne 7' });
  const ticket = await rest.call('POST', `/rooms/${room.id}/tickets`, { user: 't', name: 'Frau Lehmpuhl', role: 'moderator' });
  const teacher = await enter(room.name, ticket.ticket);
  const pupil = await Visitor.open(browser, 'Jörg');
  await pupil.goto(`${origin}/?${new URLSearchParams({ plugin: JSON.stringify({ room: room.name, name: 'Jörg', password: 'Sonne 7' }) })}`);
  // Without the password the person waits. The page gives it once, and the person joins.
  const joined = await hears(pupil, 'videoConferenceJoined');
  assert.equal(joined.displayName, 'Jörg');
  assert.equal((await heard(pupil, 'passwordRequired')).length, 1);
  assert.deepEqual((await heard(pupil, 'subjectChange')).map((one) => one.subject), ['Mathe 7b']);
  await teacher.until((one) => one.named('Jörg').length === 1);

  // After a removal the person reads the reason before the page removes the frame.
  teacher.say({ type: 'remove', target: { these: [joined.id] } });
  const out = await hears(pupil, 'participantKickedOut');
  assert.deepEqual(out.kicked, { id: joined.id, local: true });
  await hears(pupil, 'videoConferenceLeft');
  assert.deepEqual(await heard(pupil, 'readyToClose'), []);

  // A token gives the name without a command of the page, and closing the page leaves the room.
  const course = 'Kurs7b';
  const frau = await Visitor.open(browser, 'Frau Lehmpuhl');
  const token = jwt(course, { name: 'Frau Lehmpuhl', id: '3', moderator: true });
  await frau.goto(`${origin}/?${new URLSearchParams({ plugin: JSON.stringify({ room: course, jwt: token, name: 'someone else' }) })}`);
  assert.equal((await hears(frau, 'videoConferenceJoined')).displayName, 'Frau Lehmpuhl');
  const other = await enter(course, jwt(course, { name: 'Anna', id: '4' }));
  const person = other.named('Frau Lehmpuhl')[0];
  await call(frau, () => window.api.dispose());
  const left = await other.hear('participant_left', (one) => one.participant === person.id, 20_000);
  assert.equal(left.reason, 'left');
  teacher.leave();
  other.leave();
});

test('a page that is not registered cannot embed our room', async () => {
  const page = await fetch(`${server.origin}/some-room`);
  const policy = page.headers.get('content-security-policy');
  assert.match(policy, new RegExp(`frame-ancestors ${origin}(;|$)`));
});

test('the script is served to the wrapper and to every page', async () => {
  const script = await fetch(`${server.origin}/external_api.js?release=release-1`);
  assert.equal(script.status, 200);
  assert.match(script.headers.get('content-type'), /javascript/);
  assert.match(await script.text(), /JitsiMeetExternalAPI/);
});
