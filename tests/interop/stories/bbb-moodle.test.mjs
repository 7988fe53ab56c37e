// The requests of Moodle 4.5, in its order and spelling, and what it reads in the answers. People join without browsers.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { Raw } from '../../e2e/lib/socket.mjs';
import { Server } from '../../e2e/lib/server.mjs';
import { Moodle, enter, followJoin } from '../lib/bbb.mjs';
import { Listener } from '../lib/listener.mjs';
import { activity, createParameters, joinParameters } from '../lib/moodle-bbb.mjs';

const server = await Server.start();
const site = await Listener.start();
after(async () => {
  site.close();
  await server.close();
});
const moodle = new Moodle(server.demo.bbb);
const info = (of) => moodle.call('getMeetingInfo', { meetingID: of.meetingID });
const join = (of, person) => moodle.link('join', joinParameters(of, site.origin, person));

test('a lesson from the activity page to its end, request by request', async () => {
  const of = activity();
  // The activity page asks for the version: no action, a query that begins with `&`.
  const version = await moodle.call('');
  assert.equal(version.returncode, 'SUCCESS');
  assert.ok(Number(version.version) > 0, `version is '${version.version}'`);

  const before = await info(of);
  assert.deepEqual([before.returncode, before.messageKey], ['FAILED', 'notFound']);

  const created = await moodle.call('create', ...createParameters(of, site.origin));
  assert.equal(created.returncode, 'SUCCESS', created.message);
  assert.equal(created.meetingID, of.meetingID);
  assert.ok(created.internalMeetingID);
  assert.deepEqual([created.attendeePW, created.moderatorPW], [of.attendeePW, of.moderatorPW]);
  assert.match(created.createTime, /^\d{13}$/);

  // The meeting must exist although nobody is in it.
  const empty = await info(of);
  assert.deepEqual(
    [empty.returncode, empty.running, empty.participantCount, empty.moderatorCount, empty.createTime],
    ['SUCCESS', 'false', '0', '0', created.createTime],
  );
  assert.equal(typeof empty.attendees, 'string', 'no attendees must be an empty element');

  // The first join does not know the createTime yet.
  const teacher = await enter(server, join(of, { name: 'Frau Lehmpuhl', user: 3, moderator: true, lang: 'de' }));
  const pupil = await enter(server, join(of, { name: 'Jörg Müller', user: 4, createTime: created.createTime, lang: 'pt_br' }));
  assert.equal(teacher.roster.get(teacher.you).role, 'moderator');
  assert.equal(pupil.roster.get(pupil.you).role, 'participant');
  assert.equal(pupil.roster.get(pupil.you).name, 'Jörg Müller');

  const busy = await info(of);
  assert.deepEqual([busy.running, busy.participantCount, busy.moderatorCount], ['true', '2', '1']);
  const started = Number(busy.startTime);
  assert.ok(started >= Number(created.createTime) - 1_000 && started <= Date.now() + 1_000, `startTime ${busy.startTime}`);
  assert.deepEqual(busy.attendees.attendee.map((one) => `${one.role} ${one.fullName}`).sort(), ['MODERATOR Frau Lehmpuhl', 'VIEWER Jörg Müller']);
  // An element that Moodle reads as a text must occur once.
  for (const [name, value] of Object.entries(busy)) {
    if (!['attendees', 'metadata'].includes(name)) assert.equal(typeof value, 'string', `${name} is repeated or nested`);
  }
  assert.equal(busy.metadata['bbb-context-name'], 'Mathematik 7b');
  assert.equal(busy.metadata['bbb-context'], '<span lang="de">Mathematik 7b</span>');
  assert.equal(busy.metadata['bbb-recording-description'], '');

  pupil.say({ type: 'send_chat', text: 'Guten Morgen' });
  await teacher.hear('chat');
  pupil.say({ type: 'set_hand', raised: true });
  await sleep(2_000);
  pupil.leave();
  await sleep(1_500);
  // The same person joins again: two stays, one row.
  const again = await enter(server, join(of, { name: 'Jörg Müller', user: 4, createTime: created.createTime }));
  const guest = await followJoin(join(of, { name: 'Oma Müller', createTime: created.createTime }));
  assert.ok(guest.ticket);
  const grandma = await Raw.join(server, { room: guest.room, name: '', token: guest.ticket });
  // She typed her name, so she is not marked as one of the class.
  const { role, verified, listed } = grandma.roster.get(grandma.you);
  assert.deepEqual([role, verified, listed], ['participant', false, false]);
  assert.equal(grandma.roster.get(again.you).listed, true);
  await sleep(2_000);

  const wrong = await moodle.call('end', { meetingID: of.meetingID, password: of.attendeePW });
  assert.equal(wrong.returncode, 'FAILED');
  const ended = await moodle.call('end', { meetingID: of.meetingID, password: of.moderatorPW });
  assert.deepEqual([ended.returncode, ended.messageKey], ['SUCCESS', 'sentEndMeetingRequest']);
  const over = await info(of);
  assert.deepEqual([over.returncode, over.messageKey], ['FAILED', 'notFound']);
  await again.until((one) => one.closed);
  const twice = await moodle.call('end', { meetingID: of.meetingID, password: of.moderatorPW });
  assert.deepEqual([twice.returncode, twice.messageKey], ['FAILED', 'notFound']);

  // The callback for activity completion.
  const callback = await site.received('/mod/bigbluebuttonbn/bbb_broker.php?action=meeting_events&bigbluebuttonbn=1');
  assert.equal(callback.method, 'POST');
  assert.match(callback.headers['content-type'], /^application\/json/);
  const [scheme, token] = callback.headers.authorization.split(' ');
  assert.equal(scheme, 'Bearer');
  const [head, claims, signature] = token.split('.');
  const decode = (part) => JSON.parse(Buffer.from(part, 'base64url'));
  assert.equal(decode(head).alg, 'HS512');
  assert.equal(createHmac('sha512', server.demo.bbb.secret).update(`${head}.${claims}`).digest('base64url'), signature);
  assert.ok(decode(claims).exp > Date.now() / 1000);
  const body = JSON.parse(callback.body);
  assert.equal(body.meeting_id, of.meetingID);
  assert.equal(body.internal_meeting_id, created.internalMeetingID);
  const { attendees } = body.data;
  assert.deepEqual(attendees.map((one) => one.ext_user_id).sort(), ['3', '4'], 'guests have no number, and Moodle 4.5 would fail');
  const child = attendees.find((one) => one.ext_user_id === '4');
  assert.equal(child.name, 'Jörg Müller');
  assert.ok(child.duration >= 3 && child.duration <= 20, `${child.duration} s of presence`);
  assert.deepEqual([child.engagement.chats, child.engagement.raisehand, child.moderator], [1, 1, false]);
  assert.equal(attendees.find((one) => one.ext_user_id === '3').moderator, true);
  await sleep(500);
  assert.equal(site.requests.filter((one) => one.url.includes('meeting_events')).length, 1);

  // Moodle asks for recordings with stored ids only.
  const recordings = await moodle.call('getRecordings', { recordID: created.internalMeetingID, state: 'any' });
  assert.deepEqual([recordings.returncode, recordings.messageKey, recordings.recordings], ['SUCCESS', 'noRecordings', '']);

  // A new lesson in the same activity is another meeting.
  const anew = await moodle.call('create', ...createParameters(of, site.origin));
  assert.equal(anew.returncode, 'SUCCESS');
  assert.notEqual(anew.createTime, created.createTime);
  assert.notEqual(anew.internalMeetingID, created.internalMeetingID);
  const stale = await fetch(join(of, { name: 'Jörg Müller', user: 4, createTime: created.createTime, lang: 'de' }), {
    redirect: 'manual',
    headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8', 'accept-language': 'de' },
  });
  const page = await stale.text();
  assert.match(stale.headers.get('content-type'), /^text\/html/);
  assert.ok(stale.status < 500 && ![301, 302, 303].includes(stale.status), `a stale link leads to ${stale.status}`);
  assert.ok(page.includes('/mod/bigbluebuttonbn/bbb_view.php?action=logout&amp;id=4'), `no way back to the course: ${page}`);
});

test('pupils press the button at the same moment', async () => {
  const of = activity();
  const answers = await Promise.all(Array.from({ length: 12 }, () => moodle.call('create', ...createParameters(of, site.origin))));
  assert.deepEqual([...new Set(answers.map((one) => one.returncode))], ['SUCCESS']);
  assert.equal(new Set(answers.map((one) => one.createTime)).size, 1);
  assert.equal(new Set(answers.map((one) => one.internalMeetingID)).size, 1);
  assert.equal(answers.filter((one) => one.messageKey === 'duplicateWarning').length, 11);
});

test('a presentation in the body of create is not fetched', async () => {
  const of = activity();
  const url = `${site.origin}/pluginfile.php/5/mod_bigbluebuttonbn/presentation/0/NONCE/folien.pdf`;
  const body = `<?xml version='1.0' encoding='UTF-8'?><modules><module name='presentation'><document url='${url}' /></module></modules>`;
  const created = await moodle.call('create', ...createParameters(of, site.origin), body);
  assert.equal(created.returncode, 'SUCCESS', created.message);
  assert.equal((await info(of)).returncode, 'SUCCESS');
  await sleep(500);
  assert.ok(!site.requests.some((one) => one.url.includes('folien.pdf')), 'the document was fetched');
});

test('every checksum that Moodle can be configured to use works, and no other does', async () => {
  const of = activity();
  await moodle.call('create', ...createParameters(of, site.origin));
  for (const algorithm of ['sha1', 'sha256', 'sha384', 'sha512']) {
    const other = new Moodle(server.demo.bbb, algorithm);
    assert.equal((await other.call('getMeetingInfo', { meetingID: of.meetingID })).returncode, 'SUCCESS', algorithm);
  }
  // The URL as people paste it.
  for (const suffix of ['', '/', '/api', '/api/']) {
    const pasted = new Moodle({ ...server.demo.bbb, url: server.demo.bbb.url.replace(/\/$/, '') + suffix });
    assert.equal((await pasted.call('getMeetingInfo', { meetingID: of.meetingID })).returncode, 'SUCCESS', suffix);
  }
  for (const bad of [new Moodle(server.demo.bbb, 'md5'), new Moodle({ ...server.demo.bbb, secret: '' }), new Moodle({ ...server.demo.bbb, secret: 'guess' })]) {
    const answer = await bad.call('getMeetingInfo', { meetingID: of.meetingID });
    assert.deepEqual([answer.returncode, answer.messageKey], ['FAILED', 'checksumError']);
  }
});

test('a join link works for nobody else', async () => {
  const of = activity();
  const other = activity({ instance: 2 });
  for (const one of [of, other]) await moodle.call('create', ...createParameters(one, site.origin, { callbacks: false }));
  const link = join(of, { name: 'Jörg Müller', user: 4 });
  for (const [what, changed] of [
    ['role', link.replace('role=VIEWER', 'role=MODERATOR')],
    ['person', link.replace('userID=4', 'userID=3')],
    ['name', link.replace('fullName=', 'fullName=x')],
    ['meeting', link.replace(encodeURIComponent(of.meetingID), encodeURIComponent(other.meetingID))],
    ['added role', `${link}&role=MODERATOR`],
    ['role in front', link.replace('?', '?role=MODERATOR&')],
    ['role beside the checksum', link.replace('&checksum=', '&role=MODERATOR&checksum=')],
    ['logoutURL', link.replace('&checksum=', '&logoutURL=https%3A%2F%2Fevil.example&checksum=')],
  ]) {
    const answer = await fetch(changed, { redirect: 'manual' });
    const text = await answer.text();
    assert.ok(answer.status !== 302, `changed ${what} leads into the room`);
    assert.match(text, /checksumError/, what);
  }
});

test('a very long updateRecordings line is answered, not cut', async () => {
  const params = { recordID: 'abc', protect: 'true' };
  for (let n = 0; n < 40; n += 1) params[`playbacks[presentation][preview][${n}][url]`] = `https://bbb.example/${'x'.repeat(400)}`;
  const link = moodle.link('updateRecordings', params);
  assert.ok(link.length > 16_384);
  const answer = await moodle.call('updateRecordings', params);
  assert.ok(['SUCCESS', 'FAILED'].includes(answer.returncode));
  assert.notEqual(answer.messageKey, 'checksumError');
});

test('guests wait in the lobby when the activity asks the teacher first', async () => {
  const of = activity();
  await moodle.call('create', ...createParameters(of, site.origin, { guestPolicy: 'ASK_MODERATOR' }));
  const { createTime } = await info(of);
  const teacher = await enter(server, join(of, { name: 'Frau Lehmpuhl', user: 3, moderator: true, createTime }));
  const pupil = await enter(server, join(of, { name: 'Jörg Müller', user: 4, createTime }));
  assert.equal(pupil.roster.get(pupil.you).role, 'participant');
  const { room, ticket } = await followJoin(join(of, { name: 'Oma Müller', createTime }));
  const guest = await Raw.connect(server);
  guest.say({ type: 'join', room, name: '', token: ticket });
  await guest.hear('lobby');
  await teacher.until((one) => one.knockers?.length === 1 && one.knockers[0].name === 'Oma Müller');
  teacher.say({ type: 'admit', target: 'all' });
  await guest.hear('joined');
  await moodle.call('end', { meetingID: of.meetingID, password: of.moderatorPW });
});

test('lock settings and other options of the activity hold for viewers', async () => {
  const cases = [
    [{ locks: [] }, { camera: 'everyone', microphone: 'everyone', chat: 'everyone' }],
    [{ locks: ['DisableCam'] }, { camera: 'moderators', microphone: 'everyone', chat: 'everyone' }],
    [{ locks: ['DisableMic', 'DisablePublicChat'] }, { camera: 'everyone', microphone: 'moderators', chat: 'moderators' }],
    [{ locks: ['DisableCam'], lockSettingsLockOnJoin: undefined }, { camera: 'moderators' }],
    [{ muteOnStart: 'true' }, { microphone_on_at_join: false }],
    [{ maxParticipants: '25' }, { capacity: 25 }],
  ];
  for (const [wishes, expected] of cases) {
    const of = activity();
    const [data, meta] = createParameters(of, site.origin, { callbacks: false, ...wishes });
    for (const name of Object.keys(data)) if (data[name] === undefined) delete data[name];
    assert.equal((await moodle.call('create', data, meta)).returncode, 'SUCCESS');
    const pupil = await enter(server, join(of, { name: 'Jörg Müller', user: 4 }));
    for (const [name, value] of Object.entries(expected)) assert.equal(pupil.room.policy[name], value, `${JSON.stringify(wishes)}: ${name}`);
    await moodle.call('end', { meetingID: of.meetingID, password: of.moderatorPW });
  }
});

test('end callbacks of other platforms arrive, too', async () => {
  const of = activity();
  const [data, meta] = createParameters(of, site.origin, { callbacks: false, meetingEndedURL: `${site.origin}/ended-a?x=1` });
  await moodle.call('create', data, { ...meta, endCallbackUrl: `${site.origin}/ended-b?y=2` });
  await moodle.call('end', { meetingID: of.meetingID, password: of.moderatorPW });
  const second = await site.received('/ended-b');
  assert.equal(second.method, 'GET');
  const query = new URL(second.url, site.origin).searchParams;
  assert.deepEqual([query.get('y'), query.get('meetingID'), query.get('recordingmarks')], ['2', of.meetingID, 'false']);
});
