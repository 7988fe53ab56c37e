// Moodle's join link followed by real browsers: role, language, lock settings, and the way back.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { Server } from '../../e2e/lib/server.mjs';
import { Moodle } from '../lib/bbb.mjs';
import { BROWSERS, launch } from '../lib/browsers.mjs';
import { Listener } from '../lib/listener.mjs';
import { activity, createParameters, joinParameters } from '../lib/moodle-bbb.mjs';
import { Visitor } from '../lib/visitor.mjs';

const server = await Server.start();
const site = await Listener.start();
const browsers = [];
after(async () => {
  for (const browser of browsers) await browser.close().catch(() => {});
  site.close();
  await server.close();
});
const moodle = new Moodle(server.demo.bbb);

for (const kind of BROWSERS) {
  test(`a lesson from Moodle's activity in ${kind}`, async () => {
    const browser = await launch(kind);
    browsers.push(browser);
    const of = activity();
    const created = await moodle.call('create', ...createParameters(of, site.origin, { locks: ['DisableMic', 'DisablePublicChat'] }));
    assert.equal(created.returncode, 'SUCCESS');
    const join = (more) => moodle.link('join', joinParameters(of, site.origin, more));

    const teacher = await Visitor.open(browser, 'Frau Lehmpuhl');
    await teacher.goto(join({ name: teacher.name, user: 3, moderator: true, lang: 'en' }));
    await teacher.joins();
    assert.equal(await teacher.has('Safety'), true, 'the teacher is no moderator');
    assert.ok(!teacher.page.url().includes('ticket'));

    const pupil = await Visitor.open(browser, 'Jörg Müller');
    await pupil.goto(join({ name: pupil.name, user: 4, createTime: created.createTime, lang: 'en' }));
    await pupil.joins();
    assert.equal(await pupil.has('Safety'), false, 'the pupil is a moderator');
    await pupil.press('Chat');
    await pupil.reads('Only teachers can write at the moment.');

    // Moodle gives the other language.
    const german = await Visitor.open(browser, 'Ayşe Yılmaz');
    await german.goto(join({ name: german.name, user: 5, createTime: created.createTime, lang: 'de' }));
    await german.press('Teilnehmen');
    await german.awaits('Verlassen');
    assert.equal(await german.page.evaluate(() => document.documentElement.lang), 'de');

    await teacher.press('Participants');
    await teacher.reads('Jörg Müller');
    await teacher.reads('Ayşe Yılmaz');
    const info = await moodle.call('getMeetingInfo', { meetingID: of.meetingID });
    assert.deepEqual([info.running, info.participantCount, info.moderatorCount], ['true', '3', '1']);

    // Leaving leads to Moodle's own page, which closes the tab.
    await pupil.press('Leave');
    await pupil.reads('Back in the course');
    // The test asks the page: Firefox's driver reports a new address a moment later.
    assert.match(await pupil.page.evaluate(() => location.href), /bbb_view\.php\?action=logout&id=4&courseid=2&sesskey=kLmNoP/);

    await moodle.call('end', { meetingID: of.meetingID, password: of.moderatorPW });
    const callback = await site.received('/mod/bigbluebuttonbn/bbb_broker.php?action=meeting_events');
    assert.deepEqual(JSON.parse(callback.body).data.attendees.map((one) => one.ext_user_id).sort(), ['3', '4', '5']);
    site.requests.length = 0;

    // Old links explain themselves in the person's language.
    await german.goto(join({ name: german.name, user: 5, createTime: created.createTime, lang: 'de' }));
    await german.reads('Die Konferenz läuft nicht');
    assert.deepEqual([...teacher.errors, ...pupil.errors, ...german.errors], []);
    for (const one of [teacher, pupil, german]) await one.close();
  });
}
