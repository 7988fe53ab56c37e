// The story that schools know: a stranger comes in, and the lesson goes on without him.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';

import { BROWSERS } from '../lib/browsers.mjs';
import { Stage } from '../lib/stage.mjs';

const stage = await Stage.set();
afterEach(() => stage.clear());

/** A socket that a clever stranger opens on the page, with all cookies of the browser. */
function joinByHand(person, join) {
  return person.page.evaluate(
    (message) =>
      new Promise((resolve, reject) => {
        const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/api/v1/signal`);
        const heard = [];
        socket.onopen = () => socket.send(JSON.stringify(message));
        socket.onmessage = (event) => heard.push(JSON.parse(event.data));
        socket.onclose = () => resolve(heard);
        socket.onerror = () => reject(new Error('no socket'));
        setTimeout(() => resolve(heard), 1_500);
      }),
    { type: 'join', ...join },
  );
}

for (const kind of BROWSERS) {
  const other = BROWSERS.find((one) => one !== kind);

  test(`a removed stranger in ${kind} cannot return; teacher and pupil can after a lost connection`, { timeout: 240_000 }, async () => {
    const room = await stage.api.room();
    const teacher = await stage.teacher(other);
    await teacher.join(room);
    const pupil = await stage.person(other, 'Paula Pupil');
    await pupil.join(room);
    const eye = await stage.raw(room, '', { teacher: true });

    // The link was passed on: a stranger comes in.
    const stranger = await stage.person(kind, 'Stranger');
    await stranger.join(room);
    const seat = (await eye.until((one) => one.named('Stranger')[0])).id;
    await stranger.press('Turn on camera');
    await eye.until((one) => one.named('Stranger')[0].sources.includes('camera'));

    // One click shuts the door, one switch locks the cameras.
    await teacher.panel('Safety');
    await teacher.press('Close the door');
    await eye.until((one) => one.room.policy.door === 'closed');
    const late = await stage.person(kind, 'Late Stranger');
    await late.knock(room);
    await late.reads('The door is closed');

    eye.say({ type: 'set_policy', change: { camera: 'moderators' } });
    await eye.until((one) => one.named('Stranger')[0].sources.length === 0);
    await stranger.page.waitForFunction(
      () => ![...document.querySelectorAll('button')].some((one) => (one.getAttribute('aria-label') ?? one.textContent).includes('Turn off camera')),
    );
    const cheat = await stage.socket();
    cheat.say({ type: 'join', room: room.name, name: 'Another' });
    assert.equal((await cheat.hear('refused')).reason, 'closed');

    // The stranger is removed; his page says so.
    await teacher.panel('Participants');
    await teacher.press('Options for Stranger');
    await teacher.press('Remove');
    await teacher.reads('Remove Stranger?');
    await teacher.press('Remove');
    await eye.until((one) => one.named('Stranger').length === 0);
    await stranger.reads('You were removed');

    // The cameras are released, and the pupil is seen again.
    eye.say({ type: 'set_policy', change: { camera: 'everyone' } });
    await pupil.press('Turn on camera');
    await teacher.decodesVideoOf('Paula Pupil');

    // The same browser cannot come back: not while the door is closed, and not when the teacher opens it again.
    for (const door of ['closed', 'knock', 'open']) {
      eye.say({ type: 'set_policy', change: { door } });
      await eye.until((one) => one.room.policy.door === door);
      await stranger.visit(`/${room.name}`);
      for (const join of [
        { room: room.name, name: 'Stranger' },
        { room: room.name, name: 'Nice Pupil' },
        { room: room.name, name: 'Paula Pupil' },
        { room: room.name, name: 'Stranger', seat },
        { room: room.name.toUpperCase(), name: 'Loud' },
      ]) {
        const heard = await joinByHand(stranger, join);
        assert.ok(!heard.some((one) => one.type === 'joined'), `back through the ${door} door as ${JSON.stringify(join)}`);
        assert.ok(!heard.some((one) => one.type === 'lobby'), `at the lobby of the ${door} door as ${JSON.stringify(join)}`);
      }
      const window = await stage.person(kind, 'New Window', { as: stranger });
      await window.knock(room);
      await window.reads('You were removed');
      await window.close();
    }
    assert.equal(eye.named('Stranger').length + eye.named('Nice Pupil').length + eye.named('New Window').length, 0);

    // With another browser he is a new guest: the removal set the open door to 'knock', so he waits in the lobby.
    eye.say({ type: 'set_policy', change: { door: 'closed' } });
    await eye.until((one) => one.room.policy.door === 'closed');

    // The teacher loses the connection and the pupil's browser dies while the door is closed. Both come back.
    await teacher.reload();
    await teacher.isIn();
    assert.equal((await eye.until((one) => one.named(teacher.name))).length >= 1, true);
    await pupil.reload();
    await pupil.isIn();
    await eye.until((one) => one.named('Paula Pupil')[0]?.connected);
    assert.equal(eye.named('Paula Pupil').length, 1, 'one entry, not two');
    assert.equal(eye.named('Paula Pupil (2)').length, 0);
  });
}

test('a removal sets an open door to knock, and the stranger waits with a new name and browser', async () => {
  const room = await stage.api.room();
  const teacher = await stage.raw(room, '', { teacher: true });
  const stranger = await stage.raw(room, 'Stranger');
  teacher.say({ type: 'remove', target: { these: [stranger.you] } });
  await stranger.hear('removed');
  await teacher.until((one) => one.room.policy.door === 'knock');
  const again = await stage.socket();
  again.say({ type: 'join', room: room.name, name: 'Nice Pupil' });
  await again.hear('lobby');
  await teacher.until((one) => one.knockers?.some((knocker) => knocker.name === 'Nice Pupil'));
  const bySeat = await stage.socket();
  bySeat.say({ type: 'join', room: room.name, name: 'Stranger', seat: stranger.seat });
  assert.equal((await bySeat.hear('refused')).reason, 'removed');
});

test('a moderator joins without the password, through a closed door, into a full room', async () => {
  const room = await stage.api.room({ policy: { capacity: 2 } });
  const teacher = await stage.raw(room, '', { teacher: true });
  await stage.raw(room, 'Only Pupil');
  teacher.say({ type: 'set_password', password: 'nobody knows it' });
  teacher.say({ type: 'set_policy', change: { door: 'closed' } });
  await teacher.until((one) => one.room.policy.door === 'closed' && one.room.has_password);
  teacher.drop();
  const browser = await stage.teacher('chromium');
  await browser.join(room);
});
