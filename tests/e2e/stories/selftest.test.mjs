// The self test: what a teacher, a pupil and a network's administrator see of a network that is open, half open or closed.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, afterEach, beforeEach, test } from 'node:test';

import { assertAccessible } from '../lib/axe.mjs';
import { BROWSERS } from '../lib/browsers.mjs';
import { blockUdp, openUdp } from '../lib/firewall.mjs';
import { Person } from '../lib/person.mjs';
import { Stage } from '../lib/stage.mjs';
import { webProxy } from '../lib/web-proxy.mjs';

const UDP = 10_020;
const stage = await Stage.set({ KMZ_MEET_MEDIA_PORT: String(UDP) });
const secure = await Stage.set({ KMZ_MEET_MEDIA_PORT: String(UDP + 1) }, { tls: true });
const proxy = await webProxy(stage.server);
beforeEach(() => openUdp());
afterEach(async () => {
  await stage.clear();
  await secure.clear();
});
after(async () => {
  openUdp();
  await proxy.close();
});

const NARROW = { width: 320, height: 640 };
const LAPTOP = { width: 1366, height: 768 };
/** Eight seconds until a path is given up, and what is measured on the others; two busy cores need room. */
const WHOLE_TEST = 60_000;
/** How much goes through an open network depends on how busy this machine is. */
const OPEN = /Everything works|Video works, but the line is weak/;

/** Runs the test from `/test`; gives the code of its result. */
async function tests(person, verdict) {
  await person.visit('/test');
  await person.press('Start the test');
  await person.reads('The code of this result', WHOLE_TEST);
  assert.match(await person.text(), verdict);
  return person.page.$eval('.letters', (element) => element.textContent.replace(/\s/g, ''));
}

const stored = async (code) => (await fetch(`${stage.server.origin}/api/v1/self-test-results/${code}`)).json();

/** What the command line finds, and its exit code. The proxy of these stories goes on meanwhile. */
function probe(origin) {
  return new Promise((resolve) => {
    execFile(process.env['KMZ_MEET_BIN'], ['probe', origin, '--json'], (error, stdout, stderr) => {
      assert.equal(stderr, '');
      resolve({ status: error?.code ?? 0, found: JSON.parse(stdout) });
    });
  });
}

for (const kind of BROWSERS) {
  const other = BROWSERS.find((one) => one !== kind);

  test(`in ${kind} an open network is measured, and the code shows and repeats it in ${other}`, { timeout: 300_000 }, async () => {
    const teacher = await stage.person(kind, 'Tina Teacher');
    await teacher.visit('/test');
    await teacher.reads('Will video work here?');
    for (const size of [NARROW, LAPTOP]) {
      await teacher.page.setViewport(size);
      await assertAccessible(teacher, 'self test before');
    }
    const code = await tests(teacher, OPEN);
    assert.match(code, /^[B-DF-HJ-NP-TV-XZ]{8}$/);
    for (const size of [NARROW, LAPTOP]) {
      await teacher.page.setViewport(size);
      await assertAccessible(teacher, 'self test with its result');
    }
    const { report } = await stored(code);
    assert.equal(report.outcome, 'direct');
    assert.deepEqual(
      report.paths.map((path) => [path.kind, path.port, path.reached]),
      [
        ['udp', UDP, true],
        ['relay', stage.server.port, true],
      ],
    );
    for (const { kind: way, measured } of report.paths) {
      const told = `${way}: ${JSON.stringify(measured)}`;
      assert.ok(measured.up_kbps > 50 && measured.down_kbps > 50, told);
      assert.ok(measured.round_trip_ms >= 1 && measured.round_trip_ms < 500, told);
      assert.ok(measured.lost_down_permille < 100 && measured.lost_up_permille < 100, told);
    }
    assert.equal(report.tested.browser, kind);
    assert.equal(report.tested.camera, 'works');

    await teacher.press('Note for the network’s administrator', 'link');
    await teacher.reads('Video conferences with localhost');
    await teacher.reads(`UDP ${UDP}`);
    await teacher.reads('10.99.0.1');
    await teacher.reads(`${code.slice(0, 4)} ${code.slice(4)}`);
    for (const size of [NARROW, LAPTOP]) {
      await teacher.page.setViewport(size);
      await assertAccessible(teacher, 'the note');
    }

    const admin = await stage.person(other, 'Adam Admin');
    await admin.visit(`/test/${code.toLowerCase()}`);
    await admin.reads(`Result ${code.slice(0, 4)} ${code.slice(4)}`);
    assert.match(await admin.text(), OPEN);
    await assertAccessible(admin, 'an earlier result');
    blockUdp(UDP, 'reject');
    await admin.press('Repeat the test here');
    await admin.reads('Video works, but through the web port', WHOLE_TEST);
    assert.match(await admin.text(), OPEN, 'the earlier result is still there');
    await assertAccessible(admin, 'an earlier result beside a new one');
  });

  for (const how of ['reject', 'drop']) {
    test(
      `in ${kind} a network whose firewall answers UDP with ${how} is told as one that has the detour`,
      { timeout: 180_000 },
      async () => {
        blockUdp(UDP, how);
        const pupil = await stage.person(kind, 'Paula Pupil');
        const code = await tests(pupil, /Video works, but through the web port/);
        const { report } = await stored(code);
        assert.equal(report.outcome, 'relay');
        assert.deepEqual(
          report.paths.map((path) => path.reached),
          [false, true],
        );
        assert.ok(report.paths[1].measured.down_kbps > 50, JSON.stringify(report.paths[1]));
        await assertAccessible(pupil, 'self test with the detour');
      },
    );
  }

  test(`in ${kind} a network that lets only the web through is told as closed`, { timeout: 180_000 }, async () => {
    blockUdp(UDP, 'reject');
    const pupil = await Person.open(await stage.browser(kind), { origin: proxy.origin }, { name: 'Paula Pupil' });
    const code = await tests(pupil, /Your network blocks picture and sound/);
    const { report } = await stored(code);
    assert.equal(report.outcome, 'nothing');
    await pupil.reads('hotspot');
    await assertAccessible(pupil, 'self test of a closed network');
    await pupil.assertClean();
    await pupil.close();
  });

  test(`in ${kind} the network is tested over TLS, and without camera and microphone`, { timeout: 180_000 }, async () => {
    blockUdp(UDP + 1, 'reject');
    const pupil = await secure.person(kind, 'Paula Pupil', {
      browser: { trusting: true, devices: false },
    });
    await pupil.visit('/test');
    await pupil.press('Start the test');
    await pupil.reads('Video works, but through the web port', WHOLE_TEST);
    await pupil.reads('Look at the devices below');
    await assertAccessible(pupil, 'self test without devices');
  });

  test(`in ${kind} a code that nobody has is told as such`, async () => {
    const admin = await stage.person(kind, 'Adam Admin');
    for (const code of ['BCDFGHJK', 'nonsense']) {
      await admin.visit(`/test/${code}`);
      await admin.reads('There is no result with this code');
    }
    await assertAccessible(admin, 'an unknown code');
  });

  test(`in ${kind} the conference leads to the test, which counts for the school of the room`, { timeout: 180_000 }, async () => {
    const room = await stage.api.room();
    const teacher = await stage.teacher(kind);
    await teacher.join(room);
    await teacher.press('More');
    const opened = await teacher.page.$eval('a[target=_blank][href^="/test"]', (link) => link.getAttribute('href'));
    assert.equal(new URL(opened, stage.server.origin).searchParams.get('room'), room.name);
    const pupil = await stage.person(kind, 'Paula Pupil');
    await pupil.visit(opened);
    await pupil.press('Start the test');
    await pupil.reads('The code of this result', WHOLE_TEST);
    const authorization = `Bearer ${stage.server.demo.api_key}`;
    const answer = await fetch(`${stage.server.origin}/api/v1/self-test-counts`, { headers: { authorization } });
    const { counts } = await answer.json();
    assert.ok(
      counts.some((count) => count.school && count.direct > 0),
      JSON.stringify(counts),
    );
  });
}

test('the command line finds the same as the browsers', { timeout: 120_000 }, async () => {
  const open = await probe(`http://10.99.0.1:${stage.server.port}`);
  assert.equal(open.status, 0, JSON.stringify(open));
  assert.deepEqual(
    open.found.paths.map((path) => [path.kind, path.open, path.sent, path.answered]),
    [
      ['udp', true, 50, 50],
      ['relay', true, 50, 50],
    ],
  );
  for (const how of ['reject', 'drop']) {
    blockUdp(UDP, how);
    const half = await probe(`http://10.99.0.1:${stage.server.port}`);
    assert.equal(half.status, 2, JSON.stringify(half));
    assert.equal(half.found.verdict, 'relay');
  }
  const closed = await probe(proxy.origin);
  assert.equal(closed.status, 3, JSON.stringify(closed));
  openUdp();
  const gone = await probe('http://10.99.0.1:9');
  assert.equal(gone.status, 4, JSON.stringify(gone));
});
