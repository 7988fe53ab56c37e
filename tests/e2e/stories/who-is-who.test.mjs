// People are marked by what the server knows of them, whatever name they choose.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';

import { assertAccessible } from '../lib/axe.mjs';
import { BROWSERS } from '../lib/browsers.mjs';
import { Stage } from '../lib/stage.mjs';

const stage = await Stage.set();
afterEach(() => stage.clear());

/** The line above each chat message by the text of the message: as it is shown and as it is read aloud. */
const headings = (person) =>
  person.page.evaluate(() =>
    Object.fromEntries(
      [...document.querySelectorAll('[role=log] article')].map((one) => [
        one.querySelector('.text').innerText,
        [...one.querySelector('.from').querySelectorAll('.mark, bdi')].filter((part) => !part.closest('[aria-hidden=true]')).map((part) => part.innerText.trim()),
      ]),
    ),
  );

for (const kind of BROWSERS) {
  test(`a guest with the name of the teacher is marked in ${kind}: in the chat, on the tile, in the list and aloud`, async () => {
    const room = await stage.api.room();
    const teacher = await stage.raw(room, '', { teacher: true });
    const name = teacher.roster.get(teacher.you).name;
    const pupil = await stage.person(kind, 'Paula Pupil');
    await pupil.join(room);
    const twins = [`Teacher ${name}`, `${name} (Teacher)`, `${name}.`];
    const lies = await Promise.all(twins.map((twin) => stage.raw(room, twin)));

    await pupil.panel('Chat');
    teacher.say({ type: 'send_chat', text: 'The true one.' });
    await pupil.reads('The true one.');
    for (const [at, lie] of lies.entries()) {
      lie.say({ type: 'send_chat', text: `Send me your numbers, ${at}.` });
      await pupil.reads(`Send me your numbers, ${at}.`);
    }
    const shown = await headings(pupil);
    assert.deepEqual(shown['The true one.'], ['Teacher', name]);
    for (const [at, lie] of lies.entries()) {
      assert.deepEqual(shown[`Send me your numbers, ${at}.`], ['Guest', lie.roster.get(lie.you).name]);
    }
    await assertAccessible(pupil, 'chat with marks');

    // A screen reader says the mark first.
    // The announcements come together, a few seconds later.
    await pupil.page.waitForFunction(() => globalThis.__e2e.announced.some(({ text }) => text.includes('New message') && text.includes('Guest ')));
    const said = await pupil.page.evaluate(() => globalThis.__e2e.announced.map(({ text }) => text).filter((text) => text.includes('New message')));
    assert.ok(said.some((text) => text.includes(`Teacher ${name}`)), said.join('\n'));
    assert.ok(said.join(' ').includes('Guest Teacher'), said.join('\n'));

    // One mark on the tiles and one in the list: the teacher's.
    await pupil.panel('Participants');
    const marked = await pupil.page.evaluate(() =>
      [...document.querySelectorAll('.tile, aside li')].filter((one) => one.querySelector('.mark.moderator')).map((one) => one.querySelector('.name').innerText),
    );
    assert.deepEqual([...new Set(marked)], [name]);
    assert.equal(marked.length, 2);
  });

  test(`in ${kind} a page that the browser translates still counts, and names stay as they are`, async () => {
    const room = await stage.api.room();
    const pupil = await stage.person(kind, 'Paula Pupil');
    await stage.raw(room, '', { teacher: true });
    await pupil.join(room);
    // Chrome takes out the texts that it may translate and puts them back in elements of their own.
    const translate = () =>
      pupil.page.evaluate(() => {
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        const texts = [];
        while (walker.nextNode()) texts.push(walker.currentNode);
        for (const text of texts) {
          if (!text.data.trim() || text.parentElement.closest('[translate=no], script, style, textarea')) continue;
          const font = document.createElement('font');
          font.textContent = `«${text.data}»`;
          text.replaceWith(font);
        }
      });
    await translate();
    const late = await stage.raw(room, 'Lea Late');
    const count = () => pupil.page.evaluate(() => document.querySelector('header .count').innerText.trim());
    await pupil.page.waitForFunction(() => document.querySelector('header .count').innerText.includes('3'), { timeout: 10_000 });
    assert.doesNotMatch(await count(), /«/);
    await pupil.panel('Participants');
    await pupil.reads('Participants (3)');
    await translate();
    const names = await pupil.page.evaluate(() => [...document.querySelectorAll('aside li .name, .tile .name')].map((one) => one.innerText));
    assert.ok(names.includes('Lea Late') && names.includes('Paula Pupil (you)') && !names.some((name) => name.includes('«')), names.join(', '));
    late.leave();
    await pupil.page.waitForFunction(() => !document.querySelector('aside').innerText.includes('Lea Late'), { timeout: 10_000 });
    await pupil.panel('Chat');
    await pupil.writes('Still here.');
    await pupil.reads('Still here.');
  });

  test(`a wrong address in ${kind} shows what is wrong, and a link home`, async () => {
    const lost = await stage.person(kind, 'Lars Lost');
    for (const path of ['/nope/nope', '/api-docs/x/', '/rooms/mine']) {
      await lost.visit(path);
      await lost.reads('There is nothing here');
    }
    await assertAccessible(lost, 'nothing here');
    await lost.press('To the home page', 'link');
    await lost.awaits('Join');
    await lost.fill('Room', 'Link: https://meet.example/mutiger-dachs, password Sonne 7');
    await lost.press('Join');
    await lost.reads('Room mutiger-dachs');
  });
}
