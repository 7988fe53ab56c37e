import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { choice, choose } from './choice';
import { devices } from './devices.svelte';
import { en } from '../i18n/en';
import { Sources } from './sources.svelte';
import { problemText, stays } from './words';

class FakeTrack {
  stopped = false;
  onended: (() => void) | null = null;
  onmute: (() => void) | null = null;
  onunmute: (() => void) | null = null;
  constructor(private readonly deviceId?: string) {}
  getSettings(): { deviceId?: string } {
    return this.deviceId === undefined ? {} : { deviceId: this.deviceId };
  }
  stop(): void {
    this.stopped = true;
  }
}

/** A question of the browser that nobody has answered yet. */
interface Question {
  constraints: MediaStreamConstraints;
  allow(deviceId?: string): FakeTrack;
  fail(name: string, message?: string): void;
}

const settle = async (): Promise<void> => {
  for (let i = 0; i < 10; i += 1) await Promise.resolve();
};

/** Sources that a test leaves on follow the devices: they end with the test. */
const made: Sources[] = [];
const newSources = (): Sources => {
  const sources = new Sources();
  made.push(sources);
  return sources;
};

describe('own devices', () => {
  let questions: Question[];
  let plugged: { kind: string; deviceId: string; label: string }[];
  let changed: () => void = () => undefined;
  const microphones = (...ids: string[]): void => {
    plugged = ids.map((deviceId) => ({ kind: 'audioinput', deviceId, label: `Microphone ${deviceId}` }));
  };

  beforeEach(() => {
    questions = [];
    plugged = [];
    const kept = new Map<string, string>();
    vi.stubGlobal('localStorage', {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
      removeItem: (key: string) => void kept.delete(key),
    });
    vi.stubGlobal('MediaStream', class {});
    vi.stubGlobal('navigator', {
      mediaDevices: {
        getUserMedia: (constraints: MediaStreamConstraints) =>
          new Promise((resolve, reject) =>
            questions.push({
              constraints,
              allow: (deviceId) => {
                const track = new FakeTrack(deviceId);
                resolve({ getTracks: () => [track] });
                return track;
              },
              fail: (name, message = '') => reject(new DOMException(message, name)),
            }),
          ),
        enumerateDevices: () => Promise.resolve(plugged),
        addEventListener: (_: string, listener: () => void) => (changed = listener),
      },
    });
  });
  afterEach(() => {
    for (const sources of made.splice(0)) sources.stopAll();
    vi.unstubAllGlobals();
  });

  it('can be turned on while the browser asks for the other one', async () => {
    const sources = newSources();
    const first = sources.turnOn('microphone');
    const second = sources.turnOn('camera');
    expect(questions).toHaveLength(2);
    questions[1]!.allow();
    questions[0]!.allow();
    expect([await first, await second]).toEqual([true, true]);
    expect([sources.isOn('microphone'), sources.isOn('camera')]).toEqual([true, true]);
  });

  it('are requested once, however often the button is pressed', async () => {
    const sources = newSources();
    const first = sources.turnOn('camera');
    expect(await sources.turnOn('camera')).toBe(false);
    questions[0]!.allow();
    expect(await first).toBe(true);
    expect(questions).toHaveLength(1);
  });

  it.each(['turnOff', 'stopAll'] as const)('stay off when the permission comes after %s', async (end) => {
    const sources = newSources();
    const late = sources.turnOn('camera');
    if (end === 'turnOff') sources.turnOff('camera');
    else sources.stopAll();
    const track = questions[0]!.allow();
    expect(await late).toBe(false);
    expect([track.stopped, sources.isOn('camera')]).toEqual([true, false]);
  });

  it('can be requested again before the first question is answered', async () => {
    const sources = newSources();
    const former = sources.turnOn('camera');
    sources.turnOff('camera');
    const again = sources.turnOn('camera');
    const late = questions[0]!.allow();
    expect(await former).toBe(false);
    questions[1]!.allow();
    expect(await again).toBe(true);
    expect([late.stopped, sources.isOn('camera')]).toEqual([true, true]);
  });

  it('that are not plugged in are not used, the standard one is shown, and the choice is kept', async () => {
    devices.choose('camera', 'gone');
    const sources = newSources();
    const on = sources.turnOn('camera');
    questions[0]!.fail('OverconstrainedError');
    await settle();
    questions[1]!.allow();
    expect(await on).toBe(true);
    await settle();
    expect(devices.chosen.camera).toBeNull();
    expect(choice('camera')).toBe('gone');
  });

  it.each([
    ['Firefox, which does not tell', {}, 'framed'],
    ['Chromium, where the page forbids it', { featurePolicy: { allowsFeature: () => false } }, 'framed'],
    ['Chromium, where the page permits it', { featurePolicy: { allowsFeature: () => true } }, 'denied'],
  ])('say when the page around may be what forbids them: %s', async (_, page, expected) => {
    vi.stubGlobal('window', { parent: {} });
    vi.stubGlobal('location', { hash: '' });
    vi.stubGlobal('document', page);
    const sources = newSources();
    const on = sources.turnOn('camera');
    questions[0]!.fail('NotAllowedError');
    expect(await on).toBe(false);
    expect(sources.problem).toEqual({ source: 'camera', problem: expected });
    navigator.mediaDevices.getDisplayMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'));
    expect(await sources.turnOn('screen')).toBe(false);
    // Where the page permits it, the person closed the dialog: nothing to tell.
    expect(sources.problem).toEqual(expected === 'framed' ? { source: 'screen', problem: 'framed' } : null);
  });

  it.each([
    ['NotAllowedError', 'Permission denied by system', 'system'],
    ['NotAllowedError', 'Permission denied', 'denied'],
    ['NotAllowedError', 'Permission dismissed', 'denied'],
    ['NotAllowedError', 'The operating system refused it', 'system'],
  ])('tell a refusal of the system from one of the browser: %s, %s', async (name, message, expected) => {
    const sources = newSources();
    const on = sources.turnOn('microphone');
    questions[0]!.fail(name, message);
    expect(await on).toBe(false);
    expect(sources.problem).toEqual({ source: 'microphone', problem: expected });
    navigator.mediaDevices.getDisplayMedia = () => Promise.reject(new DOMException(message, name));
    expect(await sources.turnOn('screen')).toBe(false);
    // A person who closes the dialog knows what they did.
    expect(sources.problem).toEqual(expected === 'system' ? { source: 'screen', problem: 'system' } : null);
  });

  it('report a screen that Firefox does not find because the system forbids it', async () => {
    navigator.mediaDevices.getDisplayMedia = () =>
      Promise.reject(new DOMException('The object can not be found here.', 'NotFoundError'));
    const sources = newSources();
    expect(await sources.turnOn('screen')).toBe(false);
    expect(problemText(en, sources.problem!)).toBe(en.media.screenSystem);
  });

  it.each([
    [
      'leaves our own sound out of a shared screen, where the browser can',
      { restrictOwnAudio: true },
      { restrictOwnAudio: true, echoCancellation: false },
    ],
    ['cancels it as an echo where it cannot', {}, { echoCancellation: true }],
    ['cancels it as an echo where it does not say what it can', undefined, { echoCancellation: true }],
  ])('%s', async (_, supported, expected) => {
    const asked: unknown[] = [];
    navigator.mediaDevices.getSupportedConstraints =
      supported === undefined ? (undefined as never) : () => supported as MediaTrackSupportedConstraints;
    navigator.mediaDevices.getDisplayMedia = (options) => {
      asked.push(options?.audio);
      return Promise.reject(new DOMException('', 'NotAllowedError'));
    };
    await newSources().turnOn('screen');
    expect(asked).toEqual([{ noiseSuppression: false, autoGainControl: false, ...expected }]);
  });

  it('go on with another microphone when the used one is unplugged, and the session is told', async () => {
    microphones('m1', 'm2');
    const sources = newSources();
    const attached: unknown[] = [];
    const ends: string[] = [];
    sources.onTrack = (_, track) => Promise.resolve(void attached.push(track));
    sources.onEnded = (source) => ends.push(source);
    const on = sources.turnOn('microphone');
    const first = questions[0]!.allow('m1');
    await on;
    await settle();
    microphones('m2');
    first.onended?.();
    await settle();
    const second = questions[1]!.allow('m2');
    await settle();
    expect([first.stopped, second.stopped, attached.at(-1) === second, sources.isOn('microphone')]).toEqual([
      true,
      false,
      true,
      true,
    ]);
    expect(sources.news).toEqual({ what: 'taken_over', kind: 'microphone', label: 'Microphone m2' });
    // When that one is gone too, the microphone is off, and the notice stays.
    microphones();
    second.onended?.();
    await settle();
    expect([sources.isOn('microphone'), ends]).toEqual([false, ['microphone']]);
    expect(sources.problem).toEqual({ source: 'microphone', problem: 'unplugged' });
    expect(stays(sources.problem!)).toBe(true);
  });

  it('switch to the saved microphone when it is plugged in during the lesson', async () => {
    microphones('m1');
    devices.choose('microphone', 'headset');
    const sources = newSources();
    const on = sources.turnOn('microphone');
    questions[0]!.fail('OverconstrainedError');
    await settle();
    questions[1]!.allow('m1');
    await on;
    await settle();
    microphones('m1', 'headset');
    changed();
    await settle();
    expect(questions[2]!.constraints.audio).toMatchObject({ deviceId: { exact: 'headset' } });
    questions[2]!.allow('headset');
    await settle();
    expect([sources.isOn('microphone'), devices.chosen.microphone]).toEqual([true, 'headset']);
  });

  it('switch once to the device that is chosen in the picker', async () => {
    microphones('m1', 'm2');
    const sources = newSources();
    const on = sources.turnOn('microphone');
    const first = questions[0]!.allow('m1');
    await on;
    await settle();
    devices.choose('microphone', 'm2');
    const taken = sources.reopen('microphone');
    await settle();
    questions[1]!.allow('m2');
    await taken;
    await settle();
    expect([first.stopped, sources.isOn('microphone'), questions.length]).toEqual([true, true, 2]);
  });

  it('report that a phone call has the microphone, and that it is back', async () => {
    const sources = newSources();
    const on = sources.turnOn('microphone');
    const track = questions[0]!.allow('m1');
    await on;
    const { sound } = sources;
    track.onmute?.();
    expect([sources.silent.microphone, sources.problem]).toEqual([true, { source: 'microphone', problem: 'silenced' }]);
    expect(problemText(en, sources.problem!)).toBe(en.media.silenced.microphone);
    track.onunmute?.();
    expect([sources.silent.microphone, sources.problem, sources.news]).toEqual([false, null, { what: 'heard_again' }]);
    // The player of the others resumes.
    expect(sources.sound).not.toBe(sound);
    track.onmute?.();
    sources.turnOff('microphone');
    expect([sources.silent.microphone, sources.problem]).toEqual([false, null]);
  });

  it('are remembered for this visit when storage is forbidden', async () => {
    vi.stubGlobal('localStorage', undefined);
    choose('camera', 'second');
    const on = newSources().turnOn('camera');
    expect(questions[0]!.constraints.video).toMatchObject({ deviceId: { exact: 'second' } });
    questions[0]!.allow();
    await on;
    choose('camera', null);
  });
});
