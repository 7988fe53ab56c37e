// Launches in real browsers, in a window and in a frame of another site, with third-party cookies blocked.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, test } from 'node:test';

import { Server } from '../../e2e/lib/server.mjs';
import { BROWSERS, launch } from '../lib/browsers.mjs';
import { MockPlatform, Platform } from '../lib/lti.mjs';
import { until } from '../lib/process.mjs';
import { Rest } from '../lib/rest.mjs';
import { Visitor } from '../lib/visitor.mjs';

const server = await Server.start();
const platform = await Platform.start();
const mock = await MockPlatform.start(server.demo.lti);
const rest = new Rest(server);
const { lti } = server.demo;
const tool = await platform.addTool(lti);
await rest.call('POST', '/lti/platforms', platform.registration(tool));
await rest.call('POST', '/lti/platforms', mock.registration());

const browsers = new Map();
const people = [];
after(async () => {
  for (const browser of browsers.values()) await browser.close().catch(() => {});
  await platform.close();
  await mock.close();
  await server.close();
});

async function person(kind, name) {
  if (!browsers.has(kind)) browsers.set(kind, await launch(kind));
  const visitor = await Visitor.open(browsers.get(kind), name);
  people.push(visitor);
  return visitor;
}

async function allLeave() {
  for (const visitor of people.splice(0)) await visitor.close().catch(() => {});
}

/** In a frame the browser may not send the cookie back. Then there is one button that leads on. */
async function intoTheRoom(visitor) {
  await visitor.lookInto(server.origin);
  const way = await visitor.meets('Join', 'Open in its own window');
  if (way !== 'Join') await visitor.follow(() => visitor.press(way));
  await visitor.awaits('Join');
  return way;
}

/** Waits for the person in the list of participants, with the role of the course. */
async function isModerator(visitor) {
  await visitor.awaits('Leave');
  return visitor.has('Safety');
}

/** What the browser does with a plain cookie: on its own site, and in a frame of another site. */
async function thirdPartyCookies(visitor) {
  const inner = createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'text/html', 'set-cookie': 'old=1; Path=/; Secure; SameSite=None' });
    const asked = request.url.startsWith('/asked');
    response.end(asked ? `<p>kept: [${request.headers.cookie ?? ''}]</p>` : '<script>location.replace("/asked")</script>');
  });
  const outer = createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end(`<iframe src="http://localhost:${inner.address().port}/"></iframe>`);
  });
  for (const one of [inner, outer]) await new Promise((resolve) => one.listen(0, resolve));
  const kept = async () => (await until('the cookies', async () => /kept: \[(.*)\]/.exec(await visitor.text()), 10_000))[1];
  try {
    await visitor.goto(`http://127.0.0.1:${outer.address().port}/`);
    await visitor.lookInto(`http://localhost:${inner.address().port}/asked`);
    const framed = await kept();
    await visitor.goto(`http://localhost:${inner.address().port}/`);
    return { framed, visited: await kept() };
  } finally {
    for (const one of [inner, outer]) one.close();
  }
}

for (const kind of BROWSERS) {
  test(`${kind} blocks third-party cookies in these stories`, async () => {
    assert.deepEqual(await thirdPartyCookies(await person(kind, 'Probe')), { framed: '', visited: 'old=1' });
    await allLeave();
  });

  test(`in a window, ${kind}: teacher and learner join with their roles, and leave for the course`, async () => {
    const link = await platform.addLink(lti.redirect_url, `Fenster ${kind}`);
    const teacher = await person(kind, 'Frau Lehmpuhl');
    await teacher.goto(platform.launchUrl({ tool, link, user: '3' }));
    await teacher.joins();
    assert.equal(await isModerator(teacher), true);
    const pupil = await person(kind, 'Jörg Müller');
    await pupil.goto(platform.launchUrl({ tool, link, user: '4' }));
    await pupil.awaits('Join');
    // No ticket stays in the address bar.
    assert.ok(!pupil.page.url().includes('ticket'), pupil.page.url());
    await pupil.joins();
    assert.equal(await isModerator(pupil), false);
    await teacher.press('Participants');
    await teacher.reads('Jörg Müller');
    await pupil.press('Leave');
    await pupil.reads('Back in the course');
    assert.deepEqual([...teacher.errors, ...pupil.errors], []);
    await allLeave();
  });

  test(`in a window, ${kind}: a waiting learner gets the link back to the course, and nothing that is not for them`, async () => {
    const link = await platform.addLink(lti.redirect_url, `Warten ${kind}`);
    const pupil = await person(kind, 'Jörg Müller');
    await pupil.goto(platform.launchUrl({ tool, link, user: '4' }));
    await pupil.reads(`Room Warten ${kind}`);
    await pupil.press('Join');
    await pupil.reads('Not yet');
    assert.equal(await pupil.has('Try with another password'), false);
    assert.equal(await pupil.has('This is my room: sign in', 'link'), false);
    await pupil.press('Stop waiting', 'link');
    await pupil.reads('Back in the course');
    assert.deepEqual(pupil.errors, []);
    await allLeave();
  });

  test(`in a frame of another site, ${kind}: teacher and learner join with their roles`, async () => {
    const link = await platform.addLink(lti.redirect_url, `Rahmen ${kind}`);
    const teacher = await person(kind, 'Frau Lehmpuhl');
    await teacher.goto(platform.courseUrl({ tool, link, user: '3' }));
    const way = await intoTheRoom(teacher);
    // Chromium gives partitioned cookies back; Firefox, told to block everything, does not.
    assert.equal(way, kind === 'chromium' ? 'Join' : 'Open in its own window');
    await teacher.joins();
    assert.equal(await isModerator(teacher), true);
    const pupil = await person(kind, 'Jörg Müller');
    await pupil.goto(platform.courseUrl({ tool, link, user: '4' }));
    await intoTheRoom(pupil);
    await pupil.joins();
    assert.equal(await isModerator(pupil), false);
    await teacher.press('Participants');
    await teacher.reads('Jörg Müller');
    // Camera and microphone work in the activity.
    await pupil.press('Turn on microphone');
    await pupil.awaits('Turn off microphone');
    assert.deepEqual((await platform.seen()).refusals, []);
    assert.deepEqual([...teacher.errors, ...pupil.errors], []);
    await allLeave();
  });

  test(`Deep Linking in its frame, ${kind}: the link that it makes launches`, async () => {
    const teacher = await person(kind, 'Frau Lehmpuhl');
    await teacher.goto(platform.courseUrl({ tool, user: '3' }));
    await teacher.lookInto(server.origin);
    const first = await teacher.meets('Add to the course', 'Open in its own window');
    if (first !== 'Add to the course') await teacher.follow(() => teacher.press(first));
    await teacher.fill('Name of the new room', `Projekt ${kind}`);
    await teacher.press('Add to the course');
    const { returns } = await until('the response at the platform', async () => {
      const seen = await platform.seen();
      return seen.returns.some((one) => one.items[0]?.title === `Projekt ${kind}`) && seen;
    });
    const [link] = returns.at(-1).links;
    const pupil = await person(kind, 'Frau Lehmpuhl');
    await pupil.goto(platform.launchUrl({ tool, link, user: '3' }));
    await pupil.joins();
    assert.equal(await isModerator(pupil), true);
    await allLeave();
  });

  test(`dynamic registration in Moodle's frame, ${kind}: shows the next step, and the frame can be closed`, async () => {
    const admin = await person(kind, 'Admin');
    await admin.goto(`${platform.origin}/register.php?tool=${encodeURIComponent(lti.registration_url)}`);
    await admin.reads('The tool has closed the page.');
    assert.ok((await platform.seen()).registrations.length > 0);
    await allLeave();
  });

  test(`lti-provider-mock in a window, ${kind}: the learner joins when a teacher is there`, async () => {
    const pupil = await person(kind, 'Mia Schäfer');
    await pupil.goto(`${mock.origin}/login`);
    await pupil.press('Sign in');
    await pupil.reads('Course selection');
    await pupil.press('Erdkunde 9', 'link');
    await pupil.awaits('Join');
    await pupil.press('Join');
    const { rooms } = await rest.call('GET', '/rooms?limit=100');
    const room = rooms.find((one) => one.title === 'Access the Open Computing Lab');
    const teacher = await rest.enter(room, 'teacher', 'moderator');
    await pupil.awaits('Leave');
    assert.equal(await isModerator(pupil), false);
    teacher.leave();
    await allLeave();
  });
}
