// A person in the lobby learns nothing of the conference.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { BROWSERS } from '../lib/browsers.mjs';
import { Stage } from '../lib/stage.mjs';

const stage = await Stage.set();
afterEach(() => stage.clear());

const SECRETS = ['Paula Pupil', 'The answer is 42', 'open sesame'];

async function busyRoom() {
  const room = await stage.api.room({ policy: { door: 'knock' } });
  const teacher = await stage.raw(room, '', { teacher: true });
  const pupil = await stage.socket();
  pupil.say({ type: 'join', room: room.name, name: 'Paula Pupil' });
  await teacher.until((one) => one.knockers?.length === 1);
  teacher.say({ type: 'admit', target: 'all' });
  await pupil.hear('joined');
  return { room, teacher, pupil };
}

/** Everything that happens in a conference while somebody is in the lobby. */
async function lesson({ teacher, pupil }) {
  pupil.say({ type: 'send_chat', text: 'The answer is 42' });
  pupil.say({ type: 'set_hand', raised: true });
  pupil.say({ type: 'set_source', source: 'microphone', on: true });
  teacher.say({ type: 'set_password', password: 'open sesame' });
  teacher.say({ type: 'set_policy', change: { camera: 'moderators' } });
  await teacher.hear('chat');
  await teacher.hear('password', (one) => one.password === 'open sesame');
  await sleep(1_000);
}

test('a socket in the lobby gets one word', async () => {
  const scene = await busyRoom();
  const outside = await stage.socket();
  outside.say({ type: 'join', room: scene.room.name, name: 'Otto Outside' });
  await outside.hear('lobby');
  // He sends all kinds of messages.
  outside.say({ type: 'offer', sdp: 'v=0', sections: {} });
  outside.say({ type: 'send_chat', text: 'hello?' });
  outside.say({ type: 'set_hand', raised: true });
  outside.say({ type: 'admit', target: 'all' });
  outside.say({ type: 'ping' });
  await lesson(scene);
  const allowed = ['lobby', 'error', 'pong'];
  assert.deepEqual(outside.types().filter((type) => !allowed.includes(type)), []);
  const trace = outside.frames.join('\n');
  assert.ok(trace.length < 600, `the trace is too long to be nothing: ${trace}`);
  for (const secret of [...SECRETS, scene.teacher.you, scene.pupil.you, 'v=0', 'ice-ufrag', 'candidate']) {
    assert.ok(!trace.includes(secret), `the lobby heard '${secret}'`);
  }
  assert.ok(scene.teacher.chat.every((one) => one.text !== 'hello?'), 'the lobby could speak');

  // After the admission the same socket gets everything.
  scene.teacher.say({ type: 'admit', target: { these: [scene.teacher.knockers[0].id] } });
  const joined = await outside.hear('joined');
  assert.ok(joined.participants.some((one) => one.name === 'Paula Pupil'));
  assert.ok(joined.chat.some((one) => one.text === 'The answer is 42'));
});

test('a refused person gets the refusal and nothing else', async () => {
  const scene = await busyRoom();
  const outside = await stage.socket();
  outside.say({ type: 'join', room: scene.room.name, name: 'Otto Outside' });
  await outside.hear('lobby');
  scene.teacher.say({ type: 'refuse', target: 'all' });
  assert.equal((await outside.hear('refused')).reason, 'removed');
  await outside.until((one) => one.closed);
  assert.deepEqual(outside.types(), ['lobby', 'refused']);
});

test('an unknown room, a room that has not started and a wrong password look alike', async () => {
  const idle = await stage.api.room();
  const locked = await stage.api.room({ password: 'open sesame' });
  await stage.raw(locked, '', { teacher: true });
  const traces = [];
  for (const join of [
    { room: 'mutiger-dachs-nirgends-daheim-xylo', name: 'Otto' },
    { room: idle.name, name: 'Otto' },
    { room: locked.name, name: 'Otto' },
    { room: locked.name, name: 'Otto', password: 'close sesame' },
  ]) {
    const socket = await stage.socket();
    socket.say({ type: 'join', ...join });
    await socket.hear('waiting');
    await sleep(300);
    traces.push(socket.frames.join('\n'));
  }
  assert.equal(new Set(traces).size, 1, `they differ: ${traces.join(' | ')}`);
});

for (const kind of BROWSERS) {
  test(`the lobby in ${kind} shows nothing of the conference, and the page goes on by itself after the admission`, async () => {
    const scene = await busyRoom();
    const outside = await stage.person(kind, 'Otto Outside');
    await outside.knock(scene.room);
    await outside.reads('Your teacher knows that you are here');
    await lesson(scene);
    const held = await outside.page.evaluate(() => document.documentElement.outerHTML + JSON.stringify({ ...sessionStorage, ...localStorage }));
    for (const secret of SECRETS) assert.ok(!held.includes(secret), `the page in the lobby holds '${secret}'`);
    scene.teacher.say({ type: 'admit', target: 'all' });
    await outside.isIn();
    await outside.panel('Chat');
    await outside.reads('The answer is 42');
  });
}
