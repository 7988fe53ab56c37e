import { describe, expect, it } from 'vitest';
import { initial, step, type DeviceEvent, type Effect, type Lists, type State } from './machine';

const MIC = {
  default: { id: 'default', label: 'Default - Built-in' },
  builtIn: { id: 'm1', label: 'Built-in' },
  headset: { id: 'm2', label: 'Headset' },
};
const CAM = { builtIn: { id: 'c1', label: 'FaceTime' }, usb: { id: 'c2', label: 'USB camera' } };
const OUT = { builtIn: { id: 's1', label: 'Speakers' }, headset: { id: 's2', label: 'Headset' } };

const lists = (more: Partial<Lists> = {}): DeviceEvent => ({
  type: 'listed',
  lists: { microphone: [MIC.default, MIC.builtIn], camera: [CAM.builtIn], speaker: [OUT.builtIn], ...more },
});
const both = lists({
  microphone: [MIC.default, MIC.builtIn, MIC.headset],
  speaker: [OUT.builtIn, OUT.headset],
  camera: [CAM.builtIn, CAM.usb],
});
const noNames = lists({ microphone: [], camera: [], speaker: [] });
const mic = (device: string | null): DeviceEvent => ({ type: 'opened', kind: 'microphone', device });
const cam = (device: string | null): DeviceEvent => ({ type: 'opened', kind: 'camera', device });

/** The effects of the last event, besides playing on the same loudspeaker. */
function replay(
  saved: Partial<State['saved']>,
  ...events: DeviceEvent[]
): { state: State; last: Effect[]; all: Effect[] } {
  let state = initial({ microphone: null, camera: null, speaker: null, ...saved });
  let last: Effect[] = [];
  const all: Effect[] = [];
  for (const event of events) {
    [state, last] = step(state, event);
    all.push(...last);
  }
  return { state, last, all };
}

const without = (effects: Effect[]): Effect[] => effects.filter((effect) => effect.do !== 'play');

describe('the loudspeaker', () => {
  it('is the saved one while it is plugged in, else the standard one, with a notice', () => {
    expect(replay({ speaker: 's2' }, lists()).last).toContainEqual({ do: 'play', speaker: null });
    expect(replay({ speaker: 's2' }, lists(), both).last).toEqual([{ do: 'play', speaker: 's2' }]);
    expect(replay({ speaker: 's2' }, both, lists()).last).toEqual([
      { do: 'play', speaker: null },
      { do: 'tell', news: { what: 'speaker_gone' } },
    ]);
    expect(replay({ speaker: 's2' }, both, lists(), both).last).toEqual([{ do: 'play', speaker: 's2' }]);
  });

  it('is set again at every change, even when it is the same: the browser may have switched', () => {
    expect(replay({ speaker: 's2' }, both, both).last).toEqual([{ do: 'play', speaker: 's2' }]);
  });

  it('is the saved one when the browser lists none', () => {
    expect(replay({ speaker: 's2' }, noNames).last).toEqual([{ do: 'play', speaker: 's2' }]);
  });

  it('is the one that is chosen now', () => {
    expect(replay({}, both, { type: 'chosen', kind: 'speaker', id: 's2' }).last).toEqual([
      { do: 'play', speaker: 's2' },
    ]);
    expect(replay({ speaker: 's2' }, both, { type: 'chosen', kind: 'speaker', id: null }).last).toEqual([
      { do: 'play', speaker: null },
    ]);
  });
});

describe('the microphone', () => {
  const ended: DeviceEvent = { type: 'ended', kind: 'microphone' };

  it('is the saved headset as soon as it is plugged in', () => {
    const { last, state } = replay({ microphone: 'm2' }, lists(), mic('default'), lists(), both);
    expect(without(last)).toEqual([{ do: 'open', kind: 'microphone' }]);
    // It is tried once, and not for ever when it does not open.
    expect(without(step(state, both)[1])).toEqual([]);
    expect(without(replay({ microphone: 'm2' }, both, mic('m1'), both, mic('m1'), both, both).all)).toEqual([
      { do: 'open', kind: 'microphone' },
    ]);
  });

  it('that is unplugged is replaced by another one, which the notice names', () => {
    const { all } = replay({ microphone: 'm2' }, both, mic('m2'), ended, lists(), mic('m1'));
    expect(without(all)).toEqual([
      { do: 'look' },
      { do: 'open', kind: 'microphone' },
      { do: 'tell', news: { what: 'taken_over', kind: 'microphone', label: 'Built-in' } },
    ]);
  });

  it('that is unplugged without an event is replaced as well', () => {
    expect(without(replay({ microphone: 'm2' }, both, mic('m2'), lists()).last)).toEqual([
      { do: 'open', kind: 'microphone' },
    ]);
    // A later event of the browser changes nothing.
    expect(without(replay({ microphone: 'm2' }, both, mic('m2'), lists(), ended).last)).toEqual([]);
  });

  it('that was the standard one follows the system to the next one', () => {
    const usb = lists({ microphone: [{ id: 'default', label: 'Default - Headset' }, MIC.builtIn, MIC.headset] });
    expect(without(replay({}, lists(), mic('default'), usb).last)).toEqual([{ do: 'open', kind: 'microphone' }]);
    expect(without(replay({}, lists(), mic('default'), usb, mic('default'), usb).last)).toEqual([]);
    expect(without(replay({}, usb, mic('default'), ended, lists(), mic('default')).last)).toEqual([
      { do: 'tell', news: { what: 'taken_over', kind: 'microphone', label: 'Built-in' } },
    ]);
    // A chosen device stays in use.
    expect(without(replay({ microphone: 'm1' }, lists(), mic('m1'), usb).last)).toEqual([]);
  });

  it('that was the last one is off, and the notice stays until the person acts', () => {
    const none = lists({ microphone: [] });
    expect(without(replay({}, lists(), mic('default'), ended, none).last)).toEqual([
      { do: 'stop', kind: 'microphone', why: 'unplugged' },
    ]);
    expect(
      without(
        replay({}, both, mic('m2'), ended, lists(), { type: 'failed', kind: 'microphone', problem: 'busy' }).last,
      ),
    ).toEqual([{ do: 'stop', kind: 'microphone', why: 'unplugged' }]);
    // It does not turn itself on again: someone may be talking about them in the room by then.
    expect(without(replay({}, lists(), mic('default'), ended, none, both).last)).toEqual([]);
  });

  it('that ended while plugged in is not requested again: the permission was revoked', () => {
    expect(without(replay({}, both, mic('m2'), ended, both).last)).toEqual([
      { do: 'stop', kind: 'microphone', why: 'stopped' },
    ]);
    expect(without(replay({}, lists(), mic('default'), ended, lists()).last)).toEqual([
      { do: 'stop', kind: 'microphone', why: 'stopped' },
    ]);
  });

  it('that a phone call takes is silent until the call ends, and then the sound resumes as well', () => {
    const muted: DeviceEvent = { type: 'muted', kind: 'microphone' };
    const unmuted: DeviceEvent = { type: 'unmuted', kind: 'microphone' };
    const call = replay({}, lists(), mic('default'), muted);
    expect([call.last, call.state.lines.microphone.phase]).toEqual([
      [{ do: 'silenced', kind: 'microphone' }],
      'silent',
    ]);
    const after = replay({}, lists(), mic('default'), muted, lists(), unmuted);
    expect(after.last).toEqual([
      { do: 'resumed', kind: 'microphone' },
      { do: 'tell', news: { what: 'heard_again' } },
    ]);
    expect(after.state.lines.microphone.phase).toBe('on');
    // It is turned off or unplugged during the call.
    expect(
      replay({}, lists(), mic('default'), muted, { type: 'turned_off', kind: 'microphone' }, unmuted).last,
    ).toEqual([]);
    expect(without(replay({}, both, mic('m2'), muted, ended, lists()).last)).toEqual([
      { do: 'open', kind: 'microphone' },
    ]);
    // Another one is chosen during the call.
    expect(
      replay({}, both, mic('m1'), muted, { type: 'chosen', kind: 'microphone', id: 'm2' }, mic('m2')).last,
    ).toEqual([{ do: 'resumed', kind: 'microphone' }]);
  });

  it('that is off stays off, whatever is plugged in', () => {
    for (const event of [
      both,
      lists(),
      noNames,
      ended,
      { type: 'muted', kind: 'microphone' } as const,
      { type: 'unmuted', kind: 'microphone' } as const,
    ]) {
      expect(without(replay({ microphone: 'm2' }, event).last)).toEqual([]);
      expect(
        without(replay({ microphone: 'm2' }, both, mic('m2'), { type: 'turned_off', kind: 'microphone' }, event).last),
      ).toEqual([]);
    }
  });

  it('that was turned off during the search for another one stays off', () => {
    expect(
      without(replay({}, both, mic('m2'), ended, { type: 'turned_off', kind: 'microphone' }, lists()).last),
    ).toEqual([]);
  });

  it('that is refused gives the reason', () => {
    expect(replay({}, noNames, { type: 'failed', kind: 'microphone', problem: 'system' }).last).toEqual([
      { do: 'refuse', kind: 'microphone', problem: 'system' },
    ]);
  });

  it('is kept when the browser tells no names for a moment', () => {
    expect(without(replay({ microphone: 'm2' }, both, mic('m2'), noNames).last)).toEqual([]);
  });
});

describe('the camera', () => {
  const ended: DeviceEvent = { type: 'ended', kind: 'camera' };

  it('is the saved one as soon as it is plugged in', () => {
    expect(without(replay({ camera: 'c2' }, lists(), cam('c1'), both).last)).toEqual([{ do: 'open', kind: 'camera' }]);
  });

  it('that is unplugged goes off: no other camera shows a person who did not choose it', () => {
    expect(without(replay({ camera: 'c2' }, both, cam('c2'), ended, lists()).last)).toEqual([
      { do: 'stop', kind: 'camera', why: 'unplugged' },
    ]);
    expect(without(replay({ camera: 'c2' }, both, cam('c2'), lists()).last)).toEqual([
      { do: 'stop', kind: 'camera', why: 'unplugged' },
    ]);
  });

  it('that the system takes is reported, and comes back without a notice', () => {
    expect(replay({}, lists(), cam('c1'), { type: 'muted', kind: 'camera' }).last).toEqual([
      { do: 'silenced', kind: 'camera' },
    ]);
    expect(
      replay({}, lists(), cam('c1'), { type: 'muted', kind: 'camera' }, { type: 'unmuted', kind: 'camera' }).last,
    ).toEqual([{ do: 'resumed', kind: 'camera' }]);
  });
});
