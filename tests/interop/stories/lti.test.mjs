// An LTI 1.3 platform that is not ours: launches, Deep Linking, registration, class list and gradebook. Without browsers;
// lti-browsers does the same with them.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { Server } from '../../e2e/lib/server.mjs';
import { Raw } from '../../e2e/lib/socket.mjs';
import { Platform, Walker } from '../lib/lti.mjs';
import { until } from '../lib/process.mjs';
import { Rest } from '../lib/rest.mjs';

const server = await Server.start();
const platform = await Platform.start();
after(async () => {
  await platform.close();
  await server.close();
});
const rest = new Rest(server);
const { lti } = server.demo;
assert.ok(lti, 'demo.json has no lti');

const tool = await platform.addTool(lti);
await rest.call('POST', '/lti/platforms', platform.registration(tool));
const link = await platform.addLink(lti.redirect_url, 'Videokonferenz der 7b');

const TEACHER = { user: '3', name: 'Frau Lehmpuhl' };
const PUPIL = { user: '4', name: 'Jörg Müller' };
const OTHER = { user: '5', name: 'Ayşe Yılmaz' };

async function launch(who, more = {}) {
  const end = await new Walker().go(platform.launchUrl({ tool, link, user: who.user, ...more }));
  assert.ok(end.entry, `the launch of ${who.name} ends at ${end.url}: ${end.status} ${end.text}; the platform says ${JSON.stringify((await platform.seen()).refusals)}`);
  return end;
}

async function enter(who, more) {
  const { room, ticket } = await launch(who, more);
  return Raw.join(server, { room, name: '', token: ticket });
}

const me = (raw) => raw.roster.get(raw.you);

test('teacher and learners of a course join one room with their roles', async () => {
  const teacher = await enter(TEACHER);
  const pupil = await enter(PUPIL);
  const other = await enter(OTHER);
  assert.deepEqual([me(teacher).name, me(teacher).role], ['Frau Lehmpuhl', 'moderator']);
  assert.deepEqual([me(pupil).name, me(pupil).role], ['Jörg Müller', 'participant']);
  assert.equal(other.named('Ayşe Yılmaz').length, 1);
  await teacher.until((one) => one.roster.size === 3);
  // All requests to the platform were right.
  assert.deepEqual((await platform.seen()).refusals, []);

  // A second activity has another room.
  const second = await launch(TEACHER, { link: await platform.addLink(lti.redirect_url, 'Sprechstunde') });
  assert.notEqual(second.room, (await launch(TEACHER)).room);
  for (const raw of [teacher, pupil, other]) raw.leave();
});

test('a launch gives the language and the return URL; a name may be missing', async () => {
  const german = await launch(PUPIL, { locale: 'de_at' });
  assert.equal(german.lang, 'de');
  const english = await launch(PUPIL, { locale: 'en' });
  assert.deepEqual([english.lang, english.name], ['en', 'Jörg Müller']);
  // The return URL is in the ticket, where nobody can change it. The server sends it to people whom it lets in.
  assert.equal(english.leave, undefined);
  const raw = await Raw.connect(server);
  raw.say({ type: 'join', room: english.room, name: '', token: english.ticket });
  assert.equal((await raw.hear('way_back')).url, `${platform.origin}/left?course=2&sesskey=aBc`);
  raw.leave();
  const nameless = await launch(PUPIL, { names: 0 });
  assert.equal(nameless.name, undefined);
});

test('a learner waits until the teacher starts', async () => {
  const lone = await platform.addLink(lti.redirect_url, 'Früh da');
  const { room, ticket } = await launch(PUPIL, { link: lone });
  const early = await Raw.connect(server);
  early.say({ type: 'join', room, name: '', token: ticket });
  await early.hear('waiting');
  const teacher = await enter(TEACHER, { link: lone });
  await early.hear('joined', undefined, 10_000);
  await teacher.until((one) => one.named('Jörg Müller').length === 1);
});

test('a launch works once, and only in the browser that began it', async () => {
  /** Goes up to the last form, which is not sent yet. */
  const almost = async () => {
    const start = await fetch(platform.launchUrl({ tool, link, user: PUPIL.user }), { redirect: 'manual' });
    const initiated = await fetch(start.headers.get('location'), { redirect: 'manual' });
    const cookie = initiated.headers.getSetCookie().map((line) => line.split(';')[0]).join('; ');
    const authorized = await (await fetch(initiated.headers.get('location'))).text();
    const [, action] = /action="([^"]*)"/.exec(authorized);
    const [, id_token] = /name="id_token" value="([^"]*)"/.exec(authorized);
    const [, state] = /name="state" value="([^"]*)"/.exec(authorized);
    const send = (headers) => fetch(action, { method: 'POST', body: new URLSearchParams({ id_token, state }), redirect: 'manual', headers });
    return { send, cookie };
  };
  const leads = (answer) => answer.headers.get('location')?.includes('#ticket=') ?? false;
  const foreign = await almost();
  const stranger = await foreign.send({});
  assert.ok(stranger.status >= 400 && !leads(stranger), `another browser's launch was taken: ${stranger.status}`);
  const own = await almost();
  assert.ok(leads(await own.send({ cookie: own.cookie })));
  const again = await own.send({ cookie: own.cookie });
  assert.ok(again.status >= 400 && !leads(again), `the same launch was taken twice: ${again.status}`);
});

test('Deep Linking: a teacher makes a room from inside the course, and the link launches', async () => {
  const walker = new Walker();
  const page = await walker.go(platform.launchUrl({ tool, user: TEACHER.user }));
  assert.equal(page.status, 200, page.text);
  assert.ok(page.form, page.text);
  assert.match(page.headers.get('content-security-policy') ?? '', new RegExp(`frame-ancestors[^;]*${platform.origin}`));
  const returned = await walker.send(page.form, { title: 'Projektwoche <b>"7b"</b>' });
  assert.match(returned.text, /Activities made: 1/, returned.text);
  const { returns, refusals } = await platform.seen();
  assert.deepEqual(refusals, []);
  assert.deepEqual([returns.at(-1).items.length, returns.at(-1).items[0].type, returns.at(-1).items[0].title], [1, 'ltiResourceLink', 'Projektwoche <b>"7b"</b>']);

  const [made] = returns.at(-1).links;
  const teacher = await enter(TEACHER, { link: made });
  const pupil = await enter(PUPIL, { link: made });
  assert.deepEqual([me(teacher).role, me(pupil).role], ['moderator', 'participant']);
  await teacher.until((one) => one.named('Jörg Müller').length === 1);
  const rooms = (await rest.call('GET', '/rooms?limit=100')).rooms;
  assert.equal(rooms.find((room) => room.title === 'Projektwoche <b>"7b"</b>')?.running, true);

  // The teacher picks the same room for another activity, and cancels another choice.
  const next = await walker.go(platform.launchUrl({ tool, user: TEACHER.user }));
  const value = new RegExp('value="([^"]+)"> Projektwoche').exec(next.text)?.[1];
  assert.ok(value, `the room is not offered: ${next.text}`);
  await walker.send(next.form, { room: value });
  const [shared] = (await platform.seen()).returns.at(-1).links;
  assert.equal((await launch(PUPIL, { link: shared })).room, (await launch(PUPIL, { link: made })).room);
  const third = await walker.go(platform.launchUrl({ tool, user: TEACHER.user }));
  const cancelled = await walker.send(third.form, { cancel: 'cancel' });
  assert.match(cancelled.text, /Activities made: 0/);
});

test('Deep Linking is for teachers', async () => {
  const page = await new Walker().go(platform.launchUrl({ tool, user: PUPIL.user }));
  assert.ok(page.status >= 400, `a learner may choose rooms: ${page.status}`);
});

test('dynamic registration, with a configuration shaped as Moodle’s, ends in launches', async () => {
  const start = await (await fetch(`${platform.origin}/register.php?tool=${encodeURIComponent(lti.registration_url)}`)).text();
  const url = /src="([^"]*)"/.exec(start)[1].replaceAll('&amp;', '&');
  const page = await new Walker().go(url);
  const { registrations, refusals } = await platform.seen();
  assert.equal(page.status, 200, `${page.text} ${JSON.stringify(refusals)}`);
  assert.equal(registrations.length, 1);
  const { client_id, given } = registrations[0];
  const claims = given['https://purl.imsglobal.org/spec/lti-tool-configuration'].claims;
  for (const name of ['name', 'given_name', 'family_name']) assert.ok(claims.includes(name), `${name} is not asked for`);
  for (const scope of ['lti-nrps/scope/contextmembership.readonly', 'lti-ags/scope/score', 'lti-ags/scope/lineitem']) assert.match(given.scope, new RegExp(scope));
  assert.ok(given.scope.split(' ').every((scope) => !scope.includes('basicoutcome')), 'more is asked for than is needed');

  // An operator approves, unless the demo does so by itself.
  const { platforms } = await rest.call('GET', '/lti/platforms');
  const registered = platforms.find((one) => one.client_id === client_id);
  assert.ok(registered, JSON.stringify(platforms));
  if (registered.state !== 'active') {
    const early = await new Walker().go(platform.launchUrl({ tool: { client_id }, link, user: TEACHER.user }));
    assert.ok(!early.entry, 'a platform that nobody approved opens rooms');
    await rest.call('PATCH', `/lti/platforms/${registered.id}`, { state: 'active' });
  }
  const end = await new Walker().go(platform.launchUrl({ tool: { client_id }, link, user: TEACHER.user }));
  assert.ok(end.entry, `${end.status} ${end.text}`);
  // The same registration token does not work twice.
  const again = await new Walker().go(url);
  assert.ok(again.status >= 400);
});

test('attendance goes to the gradebook, when it is confirmed', async () => {
  const lesson = await platform.addLink(lti.redirect_url, 'Mathestunde');
  const teacher = await enter(TEACHER, { link: lesson });
  const pupil = await enter(PUPIL, { link: lesson });
  await pupil.hear('joined');
  await sleep(1_000);
  const { rooms } = await rest.call('GET', '/rooms?limit=100');
  const room = rooms.find((one) => one.title === 'Mathestunde');
  await rest.call('DELETE', `/rooms/${room.id}/conference`);
  await teacher.until((one) => one.closed);
  const { id } = await until('the lesson', async () => (await rest.call('GET', `/rooms/${room.id}/attendance`)).lessons[0]);
  const shown = await rest.call('GET', `/attendance/${id}`);
  assert.equal(shown.can_be_graded, true);
  const person = shown.attendance.find((one) => one.name === 'Jörg Müller');
  await rest.call('PATCH', `/attendance/${id}`, { corrections: [{ number: person.number, minutes: 42 }] });
  const before = (await platform.seen()).scores.length;
  await assert.rejects(rest.call('POST', `/attendance/${id}/grades`, { confirm: false, measure: 'completion' }));
  assert.equal((await platform.seen()).scores.length, before, 'something was sent without a yes');

  const sent = await rest.call('POST', `/attendance/${id}/grades`, { confirm: true, measure: 'completion', needed_minutes: 30 });
  const seen = await platform.seen();
  assert.deepEqual([sent, seen.refusals.filter((one) => !one.startsWith('registration'))], [{ sent: 1, refused: [] }, []]);
  const score = seen.scores.at(-1);
  assert.deepEqual(
    [score.userId, score.scoreGiven, score.scoreMaximum, score.activityProgress, score.gradingProgress],
    ['4', 1, 1, 'Completed', 'FullyGraded'],
  );
  assert.match(score.timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z|[+-]\d\d:\d\d)$/);
  // Sent again at once: the platform answers 409, because the timestamp is not newer in whole seconds.
  assert.deepEqual(await rest.call('POST', `/attendance/${id}/grades`, { confirm: true, measure: 'completion', needed_minutes: 30 }), { sent: 1, refused: [] });
});

test('all pages of the class list are read', async () => {
  const seen = await until('a request for the members', async () => {
    const { members } = await platform.seen();
    return members.some((one) => one.query.page === '2') && members;
  }, 10_000);
  assert.ok(seen.every((one) => one.accept === 'application/vnd.ims.lti-nrps.v2.membershipcontainer+json' || one.accept.includes('*/*')));
});
