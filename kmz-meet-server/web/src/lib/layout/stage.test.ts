import { describe, expect, it } from 'vitest';
import type { Participant } from '../../generated/Participant';
import { person as someone } from '../signal/fakes';
import { Dominant, orderTiles, planStage } from './stage';

const person = (id: string, more: Partial<Participant> = {}): Participant => someone({ id, name: id, ...more });

const people = [
  person('ben'),
  person('me'),
  person('anna', { sources: ['camera'] }),
  person('teacher', { role: 'moderator' }),
  person('cem'),
];

const plan = (more: Partial<Parameters<typeof planStage>[0]>) =>
  planStage({ people, you: 'me', mode: 'tiles', pinned: null, speaker: null, screen: null, ...more });

describe('order of tiles', () => {
  it('is moderators, oneself, people with a picture, others', () => {
    expect(orderTiles(people, 'me').map((p) => p.id)).toEqual(['teacher', 'me', 'anna', 'ben', 'cem']);
  });
});

describe('the large place', () => {
  it('is free in the tile view', () => {
    expect(plan({}).main).toBeNull();
    expect(plan({ speaker: 'ben' }).others).toHaveLength(5);
  });

  it('shows a shared screen in every view', () => {
    expect(plan({ screen: 'teacher' }).main).toEqual({ kind: 'screen', id: 'teacher' });
    expect(plan({ screen: 'teacher' }).others).toHaveLength(5);
    expect(plan({ screen: 'me' }).main).toBeNull();
  });

  it('shows the pinned person, before a screen and a speaker', () => {
    const pinned = plan({ pinned: 'cem', screen: 'teacher', mode: 'speaker', speaker: 'ben' });
    expect(pinned.main).toEqual({ kind: 'person', id: 'cem' });
    expect(pinned.others.map((p) => p.id)).not.toContain('cem');
    // The screen is still visible.
    expect(pinned.screen).toBe('teacher');
    expect(plan({ screen: 'teacher' }).screen).toBeNull();
    expect(plan({ pinned: 'cem', screen: 'me' }).screen).toBeNull();
  });

  it('shows the speaker, else the teacher, never oneself', () => {
    expect(plan({ mode: 'speaker', speaker: 'ben' }).main).toEqual({ kind: 'person', id: 'ben' });
    expect(plan({ mode: 'speaker', speaker: 'me' }).main).toEqual({ kind: 'person', id: 'teacher' });
    expect(plan({ mode: 'speaker', speaker: 'gone' }).main).toEqual({ kind: 'person', id: 'teacher' });
  });

  it('is free for someone who is alone', () => {
    expect(plan({ people: [person('me')], mode: 'speaker' }).main).toBeNull();
  });
});

describe('dominant speaker', () => {
  it('stays during an interjection', () => {
    const dominant = new Dominant(1_500);
    expect(dominant.update(['anna'], 'me', 0)).toBe('anna');
    expect(dominant.update(['ben', 'anna'], 'me', 500)).toBe('anna');
    expect(dominant.update(['ben', 'anna'], 'me', 1_600)).toBe('ben');
  });

  it('changes at once when the former speaker is silent, and stays during silence', () => {
    const dominant = new Dominant();
    dominant.update(['anna'], 'me', 0);
    expect(dominant.update(['ben'], 'me', 100)).toBe('ben');
    expect(dominant.update([], 'me', 200)).toBe('ben');
    expect(dominant.update(['me'], 'me', 9_000)).toBe('ben');
  });

  it('forgets a speaker who left', () => {
    const dominant = new Dominant();
    dominant.update(['anna'], 'me', 0);
    dominant.forget('anna');
    expect(dominant.update([], 'me', 10)).toBeNull();
  });
});
