import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { choice, choose } from './choice';
import { devices } from './devices.svelte';
import { Sources } from './sources.svelte';

class FakeTrack {
  stopped = false;
  onended: (() => void) | null = null;
  stop(): void {
    this.stopped = true;
  }
}

/** A question of the browser that nobody has answered yet. */
interface Question {
  constraints: MediaStreamConstraints;
  allow(): FakeTrack;
  fail(name: string): void;
}

const settle = async (): Promise<void> => {
  for (let i = 0; i < 10; i += 1) await Promise.resolve();
};

/** Those that a test leaves on follow the devices: they end with it. */
const made: Sources[] = [];
const newSources = (): Sources => {
  const sources = new Sources();
  made.push(sources);
  return sources;
};

describe('own devices', () => {
  let questions: Question[];

  beforeEach(() => {
    questions = [];
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
              allow: () => {
                const track = new FakeTrack();
                resolve({ getTracks: () => [track] });
                return track;
              },
              fail: (name) => reject(new DOMException('', name)),
            }),
          ),
        enumerateDevices: () => Promise.resolve([]),
        addEventListener: () => undefined,
      },
    });
  });
  afterEach(() => {
    for (const sources of made.splice(0)) sources.stopAll();
    vi.unstubAllGlobals();
  });

  it('can be turned on while the other one is being asked for', async () => {
    const sources = newSources();
    const first = sources.turnOn('microphone');
    const second = sources.turnOn('camera');
    expect(questions).toHaveLength(2);
    questions[1]!.allow();
    questions[0]!.allow();
    expect([await first, await second]).toEqual([true, true]);
    expect([sources.isOn('microphone'), sources.isOn('camera')]).toEqual([true, true]);
  });

  it('are asked for once, however often the button is pressed', async () => {
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

  it('can be wanted again before the first question is answered', async () => {
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

  it('that are not plugged in today are not used, the standard one is shown, and the wish is kept', async () => {
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

  it('are remembered for this visit where storage is forbidden', async () => {
    vi.stubGlobal('localStorage', undefined);
    choose('camera', 'second');
    const on = newSources().turnOn('camera');
    expect(questions[0]!.constraints.video).toMatchObject({ deviceId: { exact: 'second' } });
    questions[0]!.allow();
    await on;
    choose('camera', null);
  });
});
