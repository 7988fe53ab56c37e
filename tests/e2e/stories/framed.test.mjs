// Rooms in frames on the same site, where browsers send the session cookie: pages of other schools gain nothing by it, and
// pages of the room's own school may do what they could before.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import { after, afterEach, test } from 'node:test';

import { BROWSERS } from '../lib/browsers.mjs';
import { Stage } from '../lib/stage.mjs';

const stage = await Stage.set();
afterEach(() => stage.clear());

/** A page that embeds a room and answers it as our own script does. `heard` has the messages of the room. */
const page = (room) => `<!DOCTYPE html><html lang="en"><title>School</title>
<iframe id="room" allow="camera; microphone" style="width:1200px;height:650px" src="${stage.server.origin}/${room}?lang=en#jitsi_meet_external_api_id=0&config.prejoinPageEnabled=false&userInfo.displayName=%22x%22"></iframe>
<script>
  window.heard = [];
  const room = document.querySelector('#room').contentWindow;
  window.say = (type, name, data, id) => room.postMessage({ kmzMeet: 0, type, name, data, id }, '*');
  addEventListener('message', (event) => {
    if (event.source !== room) return;
    heard.push(event.data);
    if (event.data.type === 'ready') say('hello');
  });
</script></html>`;

async function site() {
  const server = createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    response.end(page(request.url.slice(1)));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://localhost:${server.address().port}`;
}

const own = await site();
const foreign = await site();

async function registers(key, origin) {
  const answer = await fetch(`${stage.server.origin}/api/v1/school`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ embed_origins: [origin] }),
  });
  assert.equal(answer.status, 200, await answer.text());
}
const env = { PATH: process.env.PATH, KMZ_MEET_DATA_DIR: stage.server.dataDir };
const made = execFileSync(process.env.KMZ_MEET_BIN, ['school', 'add', 'Schule B', '--contract-signed'], { env, encoding: 'utf8' });
await registers(stage.server.demo.api_key, own);
await registers(made.match(/\bkmz_\S+/)?.[0] ?? made.trim().split(/\s+/).at(-1), foreign);

const says = (person, ...message) => person.page.evaluate((...words) => window.say(...words), ...message);
const heard = (person) => person.page.evaluate(() => JSON.stringify(window.heard));

/** Waits until it is in the frame. */
async function inFrame(person, find, value) {
  const frame = await person.page.waitForFrame((one) => one.url().startsWith(stage.server.origin));
  return frame.waitForFunction(find, { timeout: 30_000 }, value);
}
const reads = (text) => document.body.innerText.includes(text);
const presses = (name) => {
  const button = [...document.querySelectorAll('button')].find((one) => one.innerText.trim() === name);
  button?.click();
  return button !== undefined;
};

for (const kind of BROWSERS) {
  test(`a page of another school does not act as the teacher, with or without a click (${kind})`, { timeout: 180_000 }, async () => {
    const room = await stage.api.room();
    const eye = await stage.raw(room, '', { teacher: true });
    eye.say({ type: 'set_policy', change: { door: 'knock' } });
    await eye.until((one) => one.room.policy.door === 'knock');
    const friend = await stage.socket();
    friend.say({ type: 'join', room: room.name, name: 'Friend' });
    await friend.hear('lobby');
    const teacher = await stage.teacher(kind);
    await teacher.page.goto(`${foreign}/${room.name}`);

    // The room asks a signed-in person first, whatever the page wants.
    await inFrame(teacher, reads, `You are signed in as ${teacher.name}`);
    assert.deepEqual(eye.named(teacher.name).length, 1, 'only the eye is inside');
    await inFrame(teacher, presses, 'Join');
    const guest = await eye.until((one) => one.knockers?.find((knocker) => knocker.name !== 'Friend'), 'a guest who knocks', 30_000);
    eye.say({ type: 'admit', target: { these: [guest.id] } });
    await inFrame(teacher, (name) => [...document.querySelectorAll('button')].some((one) => (one.getAttribute('aria-label') ?? one.textContent).includes(name)), 'Leave');
    const inside = await eye.until((one) => one.roster.get(guest.id));
    assert.equal(inside.role, 'participant');

    // The teacher makes the person a moderator: the page still moderates nothing.
    eye.say({ type: 'set_role', participant: inside.id, role: 'moderator' });
    await eye.until((one) => one.roster.get(inside.id)?.role === 'moderator');
    await says(teacher, 'command', 'endConference');
    await says(teacher, 'command', 'password', ['new']);
    await says(teacher, 'command', 'toggleLobby', [false]);
    await says(teacher, 'request', 'getRoomsInfo', [], 7);
    await teacher.page.waitForFunction(() => window.heard.some((one) => one.type === 'response' && one.id === 7));
    const said = await heard(teacher);
    assert.ok(!said.includes(teacher.name) && !said.includes('Friend'), said);
    assert.equal(eye.room.policy.door, 'knock');
    assert.equal(eye.room.has_password, false);
    assert.equal(eye.closed ?? false, false);
    teacher.foreign.length = 0;
  });

  test(`a page of the room's own school acts as the teacher and moderates (${kind})`, { timeout: 180_000 }, async () => {
    const room = await stage.api.room();
    const teacher = await stage.teacher(kind);
    await teacher.page.goto(`${own}/${room.name}`);
    await inFrame(teacher, reads, `You are signed in as ${teacher.name}`);
    await inFrame(teacher, presses, 'Join');
    await teacher.page.waitForFunction(() => window.heard.some((one) => one.name === 'videoConferenceJoined'), { timeout: 30_000 });
    assert.match(await heard(teacher), new RegExp(teacher.name));
    const pupil = await stage.raw(room, 'Paula');
    assert.equal(pupil.named(teacher.name)[0].role, 'moderator');
    await says(teacher, 'command', 'toggleLobby', [true]);
    await pupil.until((one) => one.room.policy.door === 'knock');
    await says(teacher, 'request', 'getRoomsInfo', [], 7);
    await teacher.page.waitForFunction(() => JSON.stringify(window.heard).includes('Paula'));
    teacher.foreign.length = 0;
  });
}
