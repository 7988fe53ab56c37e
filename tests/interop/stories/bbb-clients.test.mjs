// Three unchanged BigBlueButton clients from package registries create, join, list and end meetings.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';

import { Server } from '../../e2e/lib/server.mjs';
import { enter, followJoin } from '../lib/bbb.mjs';
import { python } from '../lib/process.mjs';

const server = await Server.start();
after(() => server.close());
const { url, secret } = server.demo.bbb;

test('bbbctl (PyPI) runs a meeting from its start to its end', async () => {
  const bbbctl = join(dirname(process.env['INTEROP_PYTHON']), 'bbbctl');
  // Its documentation gives the URL with `/api`.
  const env = { BBBCTL_SERVER: `${url.replace(/\/$/, '')}/api`, BBBCTL_SECRET: secret };
  const ctl = (...args) => python([bbbctl, ...args], env);
  const json = async (...args) => JSON.parse(await ctl('--format', 'jsonline', ...args));
  const room = '7b-mathe';

  await ctl('meeting', 'create', '--muteOnStart', '--lock', 'cam', '--meta', 'origin=test', '--duration', '90', room, 'Mathe & Musik 7b');
  const fresh = await json('meeting', 'info', room);
  assert.equal(fresh.returncode, 'SUCCESS');
  assert.equal(fresh.meetingName, 'Mathe & Musik 7b');
  assert.equal(fresh.running, false);
  assert.equal(fresh.duration, 90);
  assert.equal(fresh.metadata.origin, 'test');
  assert.deepEqual(fresh.attendees, []);

  const teacher = await enter(server, (await ctl('meeting', 'join', '--mod', room, 'Frau Beispiel')).trim());
  const pupil = await enter(server, (await ctl('meeting', 'join', room, 'Jörg Müller')).trim());
  assert.equal(teacher.roster.get(teacher.you).role, 'moderator');
  assert.equal(pupil.roster.get(pupil.you).role, 'participant');
  assert.equal(pupil.named('Jörg Müller').length, 1);
  assert.deepEqual([pupil.room.policy.camera, pupil.room.policy.microphone, pupil.room.policy.microphone_on_at_join], ['moderators', 'everyone', false]);

  const busy = await json('meeting', 'info', room);
  assert.equal(busy.running, true);
  assert.equal(busy.participantCount, 2);
  assert.equal(busy.moderatorCount, 1);
  assert.deepEqual(busy.attendees.map((one) => `${one.role} ${one.fullName}`).sort(), ['MODERATOR Frau Beispiel', 'VIEWER Jörg Müller']);
  const listed = await json('meeting', 'list');
  assert.equal(listed.meetingID, room);

  await ctl('meeting', 'end', room);
  await pupil.until((one) => one.closed);
  assert.equal(pupil.messages.find((one) => one.type === 'ended' || one.type === 'refused' || one.type === 'left')?.type, 'ended');
  await assert.rejects(ctl('meeting', 'info', room), /notFound|not found/i);
  assert.equal(await ctl('meeting', 'list'), '');
  assert.equal(await ctl('record', 'list'), '');
});

test('bigbluebutton-api-python (PyPI) creates, joins, looks and ends', async () => {
  const run = async (step) => JSON.parse(await python(['clients/bbb_python.py', url, secret, step]));
  const [first, second] = await run('create');
  assert.equal(first.id, 'Klasse 7b / Mathe [1]');
  assert.deepEqual([first.attendee, first.moderator, first.ended], ['ap1234', 'mp1234', false]);
  assert.match(first.voice, /^\d{5}$/);
  assert.equal(second.id, 'second');

  const before = await run('info');
  assert.deepEqual([before.running, before.participants, before.attendees], [false, 0, []]);
  assert.equal(before.name, 'Brüche & mehr <7b>');
  assert.equal(before.version, '2.0');

  const links = await run('join');
  const pupil = await enter(server, links.viewer);
  const teacher = await enter(server, links.moderator);
  assert.equal(teacher.roster.get(teacher.you).role, 'moderator');
  assert.equal(pupil.roster.get(pupil.you).role, 'participant');
  await assert.rejects(followJoin(links.stranger), /invalidPassword/);

  const during = await run('info');
  assert.deepEqual([during.running, during.participants, during.moderators], [true, 2, 1]);
  assert.ok(during.started > Date.now() - 60_000 && during.started <= Date.now());
  assert.deepEqual(during.attendees.map((one) => one.user).sort(), ['7', '8']);
  assert.deepEqual(during.meetings, ['Klasse 7b / Mathe [1]', 'second']);

  const end = await run('end');
  assert.match(end['wrong password'], /invalidPassword/);
  assert.equal(end['right password'], 'SUCCESS');
  assert.match(end['once more'], /notFound/);
  assert.equal(end['second'], 'SUCCESS');
  assert.equal(end['recordings'], 'SUCCESS');
  assert.equal(end['none'], 'SUCCESS');
  assert.equal(end['running'], false);
  await pupil.until((one) => one.closed);
});

test('bigbluebutton-js (npm) creates, joins, looks and ends', async () => {
  const bbb = createRequire(import.meta.url)('bigbluebutton-js');
  const api = bbb.api(url, secret);
  const created = await bbb.http(
    api.administration.create('Erdkunde: Küsten', 'js 1', { attendeePW: 'ap', moderatorPW: 'mp', duration: 45, maxParticipants: 5, 'meta_a-b': 'c d' }),
  );
  assert.deepEqual([created.returncode, created.meetingID, created.attendeePW, created.moderatorPW], ['SUCCESS', 'js 1', 'ap', 'mp']);
  const again = await bbb.http(api.administration.create('Erdkunde: Küsten', 'js 1', { attendeePW: 'ap', moderatorPW: 'mp' }));
  assert.deepEqual([again.returncode, again.messageKey, again.createTime, again.internalMeetingID], ['SUCCESS', 'duplicateWarning', created.createTime, created.internalMeetingID]);
  const other = await bbb.http(api.administration.create('Erdkunde', 'js 1', { attendeePW: 'other', moderatorPW: 'mp' }));
  assert.deepEqual([other.returncode, other.messageKey], ['FAILED', 'idNotUnique']);

  const teacher = await enter(server, api.administration.join('Herr Muster', 'js 1', 'mp', { userID: 5 }));
  const pupil = await enter(server, api.administration.join('Ayşe Yılmaz', 'js 1', 'ap', { userID: 6 }));
  assert.equal(teacher.roster.get(teacher.you).role, 'moderator');
  assert.equal(pupil.roster.get(pupil.you).role, 'participant');

  const info = await bbb.http(api.monitoring.getMeetingInfo('js 1'));
  assert.deepEqual(
    [info.meetingName, info.running, info.participantCount, info.moderatorCount, info.maxUsers, info.duration, info.metadata['a-b']],
    ['Erdkunde: Küsten', true, 2, 1, 5, 45, 'c d'],
  );
  assert.deepEqual(info.attendees.attendee.map((one) => `${one.userID} ${one.fullName} ${one.role}`).sort(), [
    '5 Herr Muster MODERATOR',
    '6 Ayşe Yılmaz VIEWER',
  ]);
  assert.equal((await bbb.http(api.monitoring.isMeetingRunning('js 1'))).running, true);
  assert.deepEqual((await bbb.http(api.monitoring.getMeetings())).meetings.map((one) => one.meetingID), ['js 1']);

  assert.equal((await bbb.http(api.administration.end('js 1', 'mp'))).returncode, 'SUCCESS');
  await pupil.until((one) => one.closed);
  assert.equal((await bbb.http(api.monitoring.getMeetingInfo('js 1'))).messageKey, 'notFound');
  assert.equal((await bbb.http(api.monitoring.isMeetingRunning('js 1'))).running, false);
  assert.equal((await bbb.http(api.recording.getRecordings({ meetingID: 'js 1' }))).messageKey, 'noRecordings');
});

test('an unknown call is answered as BigBlueButton answers it', async () => {
  const bbb = createRequire(import.meta.url)('bigbluebutton-js');
  const api = bbb.api(url, secret);
  for (const link of [api.hooks.list({}), api.hooks.create('https://moodle.example/hook', {}), bbb.util.constructUrl(url.replace(/\/$/, ''), secret, 'getDefaultConfigXML', {})]) {
    const answer = await fetch(link);
    assert.match(answer.headers.get('content-type'), /xml/, `${link} is answered with ${answer.headers.get('content-type')}`);
    assert.match(await answer.text(), /<returncode>FAILED<\/returncode>/);
  }
});

test('a wrong secret opens nothing, by any client', async () => {
  const bbb = createRequire(import.meta.url)('bigbluebutton-js');
  const api = bbb.api(url, `${secret}x`);
  for (const link of [api.administration.create('a', 'wrong', {}), api.monitoring.getMeetings(), api.monitoring.getMeetingInfo('js 1'), api.administration.end('js 1', 'mp')]) {
    const answer = await bbb.http(link);
    assert.deepEqual([answer.returncode, answer.messageKey], ['FAILED', 'checksumError']);
  }
  await assert.rejects(followJoin(api.administration.join('Eve', 'js 1', 'mp', { userID: 5 })), /checksumError/);
});
