// What moderators do with people and messages: names, marks, the lobby, the chat.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';

import { look } from '../lib/axe.mjs';
import { BROWSERS } from '../lib/browsers.mjs';
import { tabTo, use } from '../lib/keys.mjs';
import { Stage } from '../lib/stage.mjs';

const stage = await Stage.set();
afterEach(() => stage.clear());

/** Whether a live region says this now. The list of messages is none: it is read where the keyboard stands. */
const isTold = (person, words) =>
  person.page.evaluate(
    (wanted) =>
      [...document.querySelectorAll('[aria-live]:not([aria-live=off]), [role=status], [role=alert]')].some((region) =>
        region.textContent.includes(wanted),
      ),
    words,
  );

for (const kind of BROWSERS) {
  const other = BROWSERS.find((one) => one !== kind);

  test(`a stranger with a pupil's name in ${kind} is pointed out, renamed, and waits outside`, { timeout: 240_000 }, async () => {
    const room = await stage.api.room();
    const teacher = await stage.teacher(kind);
    await teacher.join(room);
    const eye = await stage.raw(room, '', { teacher: true });
    await stage.raw(room, 'Paula Pupil');
    const stranger = await stage.person(other, 'P4ula Pupi1');
    await stranger.join(room);
    const { participant: id } = (await eye.hear('look_alikes_changed', (one) => one.people.length === 1)).people[0];
    await teacher.reads('looks like the name of Paula Pupil');
    await teacher.panel('Participants');
    await teacher.reads('Looks like the name of Paula Pupil');
    await look(teacher, 'the list with a look-alike');

    // Another name, for all and on what was written before.
    await stranger.writes('Hello from me');
    await teacher.press('Options for P4ula Pupi1');
    await teacher.press('Change the name');
    await teacher.fill('New name', 'Otto Outside');
    await look(teacher, 'the dialog of a new name');
    await teacher.press('Change');
    await eye.until((one) => one.roster.get(id)?.name === 'Otto Outside');
    await stranger.reads('Your teacher changed your name');
    await stranger.reload();
    await stranger.isIn();
    await stranger.panel('Chat');
    await stranger.reads('Otto Outside');
    await stranger.readsNot('P4ula Pupi1');
    assert.equal(eye.roster.get(id).name, 'Otto Outside');

    // Out to wait: nothing of the conference is left on the page, a reload leads to the same place, and in again.
    await stranger.press('Turn on camera');
    await teacher.decodesVideoOf('Otto Outside');
    await teacher.press('Options for Otto Outside');
    await teacher.press('Let wait outside');
    await eye.until((one) => !one.roster.has(id) && one.knockers?.length === 1);
    await stranger.reads('You are waiting outside for a moment');
    await look(stranger, 'waiting outside');
    const held = await stranger.page.evaluate(() => document.documentElement.outerHTML);
    assert.ok(!held.includes('Paula Pupil'), 'the page outside shows who is inside');
    eye.say({ type: 'set_policy', change: { door: 'open' } });
    await eye.until((one) => one.room.policy.door === 'open');
    await stranger.reload();
    await stranger.reads('You are waiting outside for a moment');
    await teacher.reads('Asked to wait here by a teacher');
    await teacher.press('Let in Otto Outside');
    await stranger.isIn();
    await stranger.awaits('Turn on camera');
    await eye.until((one) => one.roster.get(id)?.name === 'Otto Outside');
  });

  test(`a message in ${kind} is deleted by keyboard, is gone for all, and read once`, { timeout: 180_000 }, async () => {
    const room = await stage.api.room();
    const teacher = await stage.teacher(kind);
    await teacher.join(room);
    const pupil = await stage.raw(room, 'Ben');
    for (const text of ['something mean', 'something nice']) pupil.say({ type: 'send_chat', text });
    const guest = await stage.person(other, 'Greta');
    await guest.join(room);
    await guest.panel('Chat');
    await guest.reads('something mean');
    assert.equal(await guest.has('Delete the message of Ben'), false);

    await teacher.panel('Chat');
    await teacher.reads('something mean');
    await use(teacher, 'Delete the message of Ben');
    await teacher.reads('Delete this message?');
    await look(teacher, 'the dialog of a deletion');
    await use(teacher, 'Delete');
    await pupil.hear('chat_deleted', (one) => one.ids.length === 1);
    await teacher.reads('A teacher deleted a message.');
    await guest.reads('A teacher deleted a message.');
    await guest.readsNot('something mean');
    // The keyboard stands where the message was, so a screen reader reads what is there now, and reads it once.
    await teacher.page.waitForFunction(() => document.activeElement?.textContent.includes('A teacher deleted a message.'));
    assert.equal(await isTold(teacher, 'deleted a message'), false, 'told beside what has the focus');
    await tabTo(teacher, 'Delete the message of Ben');

    // The rest of them together; who comes later finds nothing either.
    pupil.say({ type: 'send_chat', text: 'and one more' });
    await teacher.reads('and one more');
    await use(teacher, 'Delete the message of Ben');
    await teacher.reads('Delete this message?');
    await use(teacher, 'Delete all 2 messages of Ben');
    await teacher.reads('A teacher deleted 3 messages.');
    const late = await stage.raw(room, 'Late');
    assert.equal(late.chat.length, 3);
    assert.ok(late.chat.every(({ deleted, text, name }) => deleted && text === '' && name === ''));
    await look(teacher, 'the chat with deleted messages');
  });

  test(`marks in ${kind} say who belongs to the class: let in by one action, the others turned away by one`, { timeout: 180_000 }, async () => {
    const room = await stage.api.room({ policy: { door: 'knock' } });
    const teacher = await stage.teacher(kind);
    await teacher.join(room);
    const eye = await stage.raw(room, '', { teacher: true });
    const knocks = async (name) => {
      const socket = await stage.socket();
      socket.say({ type: 'join', room: room.name, name });
      await socket.hear('lobby');
      return socket;
    };
    const [paula, stranger] = [await knocks('Paula'), await knocks('Stranger')];
    await eye.until((one) => one.knockers?.length === 2);
    eye.say({ type: 'admit', target: 'all' });
    await paula.hear('joined');
    await stranger.hear('joined');
    await teacher.panel('Participants');
    await teacher.press('Options for Paula');
    await teacher.press('Mark as one of the class');
    await teacher.reads('In the class');
    await teacher.reads('Not on the list');

    // Both wait again; the mark is still there.
    eye.say({ type: 'send_to_lobby', target: 'all' });
    await eye.until((one) => one.knockers?.length === 2);
    await teacher.reads('Let in all who are on the list');
    await look(teacher, 'the lobby of a class');
    await use(teacher, 'Let in all who are on the list (1)');
    await eye.until((one) => one.named('Paula').length === 1);
    assert.equal(eye.named('Paula')[0].marked, true);
    assert.equal(eye.named('Stranger').length, 0);
    await knocks('Another');
    await teacher.reads('Turn away all who are not on the list');
    await use(teacher, 'Turn away all who are not on the list (2)');
    await teacher.reads('Turn away 2 people?');
    await use(teacher, 'Turn away');
    await eye.until((one) => one.knockers?.length === 0);
    await stranger.hear('refused');
    assert.equal(eye.named('Paula').length, 1);
  });
}
