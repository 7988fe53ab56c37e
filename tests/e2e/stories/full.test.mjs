// A server that takes no more people: what a pupil and the teacher of a second class read, and that they come in later.
import { afterEach, test } from 'node:test';

import { assertAccessible } from '../lib/axe.mjs';
import { BROWSERS } from '../lib/browsers.mjs';
import { Stage } from '../lib/stage.mjs';

const stage = await Stage.set({ KMZ_MEET_MAX_PEOPLE: '2' });
afterEach(() => stage.clear());

const TOLD = 'The server has no room at the moment';

for (const kind of BROWSERS) {
  test(`a full server tells a pupil and a second class in ${kind} so, and takes them when there is room`, { timeout: 180_000 }, async () => {
    const [first, second] = [await stage.api.room(), await stage.api.room()];
    const teacher = await stage.raw(first, '', { teacher: true });
    const anna = await stage.raw(first, 'Anna Guest');

    const pupil = await stage.person(kind, 'Paula Pupil');
    await pupil.knock(first);
    await pupil.reads(TOLD);
    await pupil.reads('Please try again in a few minutes');
    await assertAccessible(pupil, 'a full server');

    // In German, too.
    await pupil.page.goto(`${stage.server.origin}/${first.name}?lang=de`, { waitUntil: 'domcontentloaded' });
    await pupil.awaits('Teilnehmen');
    await pupil.fill('Dein Name', pupil.name);
    await pupil.press('Teilnehmen');
    await pupil.reads('Gerade ist auf dem Server kein Platz');
    await pupil.reads('Bitte versuche es in ein paar Minuten noch einmal');

    const other = await stage.teacher(kind);
    await other.knock(second);
    await other.reads(TOLD);

    // Somebody goes: there is a place for the pupil.
    anna.say({ type: 'leave' });
    await teacher.until((one) => one.named('Anna Guest').length === 0);
    await pupil.press('Noch einmal versuchen');
    await pupil.press('Teilnehmen');
    await pupil.awaits('Verlassen');

    // The first class is over: the second one begins.
    teacher.say({ type: 'end_for_all' });
    await pupil.reads('Die Konferenz ist zu Ende');
    await other.press('Try again');
    await other.press('Join');
    await other.isIn();
    await stage.api.request('DELETE', `/api/v1/rooms/${second.id}/conference`);
    await other.reads('The conference is over');
  });
}
