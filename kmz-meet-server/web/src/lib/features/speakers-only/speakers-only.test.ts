import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { ServerMessage } from '../../../generated/ServerMessage';
import { en } from '../../i18n/en';
import { joinedAmong, person } from '../../signal/fakes';
import { Conference } from '../../state/conference.svelte';
import { notices } from '../../state/notices.svelte';
import { proposal } from './speakers-only.svelte';

type Joined = Extract<ServerMessage, { type: 'joined' }>;

const me = person({ sources: ['camera'] });
const ben = person({ id: 'ben', name: 'Ben' });
const only = (speaker: string | null, on = true): ServerMessage => ({
  type: 'speakers_only_changed',
  speakers_only: { on, speaker },
});

function enter(speakersOnly = { on: false, speaker: null as string | null }, cameraIsOn = true) {
  const said: unknown[] = [];
  const held: boolean[] = [];
  const conference = new Conference(joinedAmong([me, ben], { speakersOnly }) as Joined, {
    say: (message) => said.push(message) > 0,
    own: { holdCamera: (on) => held.push(on), cameraIsOn: () => cameraIsOn, turnCameraOff: () => undefined },
  });
  return { conference, feature: conference.features.speakersOnly, said, held };
}

describe("'speakers only'", () => {
  beforeEach(() => {
    vi.restoreAllMocks();
    notices.clear();
    notices.polite = '';
  });

  it('holds the own camera back until one is the speaker, and lets go of it at the end', () => {
    const { conference, feature, held } = enter();
    expect([held, feature.waits]).toEqual([[false], false]);
    conference.receive(only('ben'));
    expect([held, feature.waits]).toEqual([[false, true], true]);
    conference.receive(only(null));
    expect([held, feature.waits]).toEqual([[false, true], true]);
    conference.receive(only('me'));
    expect([held, feature.waits]).toEqual([[false, true, false], false]);
    conference.receive(only('ben'));
    conference.receive(only(null, false));
    expect([held, feature.waits]).toEqual([[false, true, false, true, false], false]);
  });

  it('holds the camera back from the first moment of whoever comes in while it is on', () => {
    expect(enter({ on: true, speaker: 'ben' }).held).toEqual([true]);
    expect(enter({ on: true, speaker: 'me' }).held).toEqual([false]);
  });

  it('tells that one is seen only to whom it happens, with the camera on', () => {
    const say = vi.spyOn(notices, 'say');
    const { conference } = enter();
    conference.receive(only('ben'));
    expect(say).toHaveBeenLastCalledWith(en.speakersOnly.banner);
    conference.receive(only('me'));
    expect(say).toHaveBeenLastCalledWith(en.speakersOnly.seen);
    const without = enter(undefined, false).conference;
    say.mockClear();
    without.receive(only('ben'));
    without.receive(only('me'));
    expect(say.mock.calls).toEqual([[en.speakersOnly.banner]]);
  });

  it('says when everyone can be seen again', () => {
    const { conference } = enter({ on: true, speaker: 'ben' });
    conference.receive(only(null, false));
    expect(notices.list.map(({ text }) => text)).toEqual([en.speakersOnly.over]);
  });

  it('keeps the rest of the room when it changes', () => {
    const { conference } = enter();
    conference.receive(only('ben'));
    expect(conference.room).toMatchObject({ name: 'r', speakers_only: { on: true, speaker: 'ben' } });
  });

  it('is proposed until somebody has answered, and answered with one word', () => {
    const { conference, feature, said } = enter();
    conference.receive({ type: 'speakers_only_proposed', lines: { poor: 5, of: 22, together: 1 } });
    expect(feature.proposed).toEqual({ poor: 5, of: 22, together: 1 });
    feature.set(false);
    feature.set(true);
    expect(said).toEqual([
      { type: 'set_speakers_only', on: false },
      { type: 'set_speakers_only', on: true },
    ]);
    conference.receive({ type: 'speakers_only_proposed', lines: null });
    expect(feature.proposed).toBeNull();
  });

  it('is proposed with a word about one network where most of the poor lines are in it', () => {
    const told = (together: number): boolean => proposal({ poor: 5, of: 22, together }).includes('same network');
    expect([0, 1, 2, 3, 5].map(told)).toEqual([false, false, false, true, true]);
    expect(proposal({ poor: 5, of: 22, together: 5 })).toContain('All of them');
  });

  it('knows of no proposal after a reconnection until the server says it again', () => {
    const { conference, feature } = enter();
    conference.receive({ type: 'speakers_only_proposed', lines: { poor: 5, of: 22, together: 1 } });
    conference.reset(joinedAmong([me, ben]) as Joined);
    expect(feature.proposed).toBeNull();
  });
});
