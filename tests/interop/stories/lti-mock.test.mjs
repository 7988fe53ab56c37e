// A second, unchanged LTI 1.3 platform that is not ours: it initiates logins by POST and sends no roles.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { Raw } from '../../e2e/lib/socket.mjs';
import { Server } from '../../e2e/lib/server.mjs';
import { MockPlatform, Walker } from '../lib/lti.mjs';
import { Rest } from '../lib/rest.mjs';

const server = await Server.start();
const platform = await MockPlatform.start(server.demo.lti);
after(async () => {
  await platform.close();
  await server.close();
});
const rest = new Rest(server);
await rest.call('POST', '/lti/platforms', platform.registration());

async function launch(user) {
  const walker = new Walker();
  await walker.go(`${platform.origin}/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ userid: user }).toString(),
  });
  const end = await walker.go(`${platform.origin}/courses/c1`);
  assert.ok(end.entry, `the launch ends at ${end.url}: ${end.status} ${end.text}`);
  return end;
}

test('a person without a role waits for a teacher, and is a participant then', async () => {
  const { room, ticket, name } = await launch('u1');
  assert.equal(name, 'Mia Schäfer');
  const pupil = await Raw.connect(server);
  pupil.say({ type: 'join', room, name: '', token: ticket });
  await pupil.hear('waiting');

  const { rooms } = await rest.call('GET', '/rooms?limit=100');
  const ours = rooms.find((one) => one.name === room);
  assert.deepEqual([ours?.origin, ours?.title], ['course', 'Access the Open Computing Lab']);
  const teacher = await rest.enter(ours, 'teacher', 'moderator');
  const joined = await pupil.hear('joined', undefined, 10_000);
  assert.equal(pupil.roster.get(joined.you).role, 'participant');

  const second = await launch('u2');
  assert.equal(second.room, room);
  const ben = await Raw.join(server, { room, name: '', token: second.ticket });
  assert.equal(ben.roster.get(ben.you).name, "Ben O'Neill");
  await teacher.until((one) => one.roster.size === 3);
});

test('a platform that is not registered opens nothing', async () => {
  const stranger = await MockPlatform.start(server.demo.lti);
  try {
    const walker = new Walker();
    await walker.go(`${stranger.origin}/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'userid=u1',
    });
    const end = await walker.go(`${stranger.origin}/courses/c1`);
    assert.ok(end.status >= 400 && !end.entry);
    assert.match(end.text, /lti_issuer_unknown/);
  } finally {
    await stranger.close();
  }
});
