// Devices that come, go and fall silent during a lesson. The changes are made inside the page: a test has no plugs to pull.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { BROWSERS } from '../lib/browsers.mjs';
import { Stage } from '../lib/stage.mjs';

const stage = await Stage.set();
afterEach(() => stage.clear());

/** Runs in the page before its scripts. `__plugs` says which devices are plugged in, and `setSinkId` where sound goes. */
function plugs(saved) {
  const list = (kind, ids) => ids.map((id) => ({ kind, deviceId: id, label: `${id} device`, groupId: '' }));
  const state = { microphones: ['first', 'second'], speakers: ['loud', 'head'], tracks: [], sinks: new Map(), awake: 0 };
  Object.defineProperty(globalThis, '__plugs', { value: state });
  try {
    for (const [kind, id] of Object.entries(saved)) localStorage.setItem(`kmz-meet.device.${kind}`, id);
  } catch {
    // An empty page has no storage.
  }
  const media = navigator.mediaDevices;
  if (!media) return;
  const real = media.getUserMedia.bind(media);
  media.enumerateDevices = async () => [...list('audioinput', state.microphones), ...list('audiooutput', state.speakers)];
  media.getUserMedia = async ({ audio }) => {
    const id = audio?.deviceId?.exact ?? state.microphones[0];
    if (!state.microphones.includes(id)) throw new DOMException('', state.microphones.length ? 'OverconstrainedError' : 'NotFoundError');
    const stream = await real({ audio: true });
    const [track] = stream.getAudioTracks();
    track.getSettings = () => ({ deviceId: id });
    state.tracks.push(track);
    return stream;
  };
  HTMLMediaElement.prototype.setSinkId = async function (id) {
    if (id !== '' && !state.speakers.includes(id)) throw new DOMException('', 'NotFoundError');
    state.sinks.set(this, id);
  };
  state.change = (more) => {
    Object.assign(state, more);
    media.dispatchEvent(new Event('devicechange'));
  };
  state.last = () => state.tracks.at(-1);
  state.sink = () => [...new Set(state.sinks.values())].join(' ');
}

for (const kind of BROWSERS) {
  const enter = async (saved) => {
    const room = await stage.api.room();
    const eye = await stage.raw(room, '', { teacher: true });
    const pupil = await stage.person(kind, 'Paula Pupil');
    await pupil.page.evaluateOnNewDocument(plugs, saved);
    await pupil.join(room);
    const change = (more) => pupil.page.evaluate((what) => globalThis.__plugs.change(what), more);
    const until = (holds, ...more) => pupil.page.waitForFunction(holds, { timeout: 10_000, polling: 100 }, ...more);
    return { room, eye, pupil, change, until };
  };

  test(`in ${kind} sound and picker follow the chosen loudspeaker when it is plugged in and out`, async () => {
    const { pupil, change, until } = await enter({ speaker: 'head' });
    const plays = (where) => until((wanted) => globalThis.__plugs.sink() === wanted, where);
    const picked = () => pupil.page.evaluate(() => [...document.querySelectorAll('dialog select')].at(-1).selectedOptions[0]?.textContent);
    await plays('head');
    await pupil.press('More');
    await pupil.press('Camera, microphone and sound');
    await pupil.page.waitForSelector('dialog select');
    await until(() => [...document.querySelectorAll('dialog select')].at(-1).selectedOptions[0]?.textContent === 'head device');
    await change({ speakers: ['loud'] });
    await plays('');
    await until(() => [...document.querySelectorAll('dialog select')].at(-1).selectedOptions[0]?.textContent === 'Standard device');
    await change({ speakers: ['loud', 'head'] });
    await plays('head');
    assert.equal(await picked(), 'head device');
  });

  test(`in ${kind} another microphone takes over, and without one a notice stays until the person acts`, async () => {
    const { eye, pupil, change, until } = await enter({ microphone: 'second' });
    await pupil.press('Turn on microphone');
    await pupil.awaits('Turn off microphone');
    const on = () => eye.named('Paula Pupil')[0]?.sources.includes('microphone');
    await eye.until(on);
    const unplug = async (left) => {
      await pupil.page.evaluate((microphones) => {
        const track = globalThis.__plugs.last();
        track.stop();
        globalThis.__plugs.change({ microphones });
        track.dispatchEvent(new Event('ended'));
      }, left);
    };
    await unplug(['first']);
    await pupil.reads('In use now: first device');
    await until(() => globalThis.__plugs.last().readyState === 'live' && globalThis.__plugs.tracks.length === 2);
    assert.ok(on());
    await pupil.awaits('Turn off microphone');

    await unplug([]);
    await pupil.reads('the device was unplugged');
    await eye.until((one) => !one.named('Paula Pupil')[0].sources.includes('microphone'));
    const shown = () => pupil.page.evaluate(() => document.querySelector('.notices').innerText);
    await sleep(9_000);
    assert.match(await shown(), /the device was unplugged/);
    await change({ microphones: ['first'] });
    await sleep(500);
    assert.ok(!on(), 'nobody is heard again without knowing it');
    await pupil.press('Switch on again');
    await eye.until(on);
    assert.doesNotMatch(await shown(), /the device was unplugged/);
  });

  test(`in ${kind} a phone call that takes the microphone is reported, and the sound goes on afterwards`, async () => {
    const { eye, pupil, until } = await enter({});
    await pupil.press('Turn on microphone');
    await eye.until((one) => one.named('Paula Pupil')[0]?.sources.includes('microphone'));
    const off = () => pupil.page.evaluate(() => document.querySelector('.bar button').classList.contains('on'));
    assert.equal(await off(), true);
    await pupil.page.evaluate(() => {
      globalThis.__plugs.last().dispatchEvent(new Event('mute'));
      for (const element of globalThis.__e2e.streams) element.pause();
    });
    await pupil.reads('Something else has your microphone');
    assert.equal(await off(), false);
    await sleep(8_000);
    await pupil.reads('Something else has your microphone');
    await pupil.page.evaluate(() => globalThis.__plugs.last().dispatchEvent(new Event('unmute')));
    await pupil.reads('Your microphone is back');
    await pupil.readsNot('Something else has your microphone');
    assert.equal(await off(), true);
    await until(() => [...globalThis.__e2e.streams].every((element) => !element.srcObject || !element.paused));
  });
}
