import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Safety } from '../../../generated/Safety';
import type { ServerMessage } from '../../../generated/ServerMessage';
import { ben, joined, setUp, stubBrowser } from '../../state/meeting.fakes';
import { notices } from '../../state/notices.svelte';
import { holds } from './safety.svelte';
import { TEXTS } from './words';

type Joined = Extract<ServerMessage, { type: 'joined' }>;
const STOPPED: Partial<Safety> = { emergency_stop: { released: [], incident: 'c-1' } };

function inside(role: 'moderator' | 'participant', safety: Partial<Safety> = {}) {
  const { signal, meeting } = setUp();
  meeting.join('Anna', null);
  const message = joined({ me: { role }, safety }) as Joined;
  signal.tell({ ...message, participants: [...message.participants, { ...ben, number: 2 }] });
  const conference = meeting.conference!;
  const change = (to: Partial<Safety>): void =>
    signal.tell({ type: 'room_changed', room: { ...conference.room, safety: { ...conference.room.safety, ...to } } });
  return { signal, meeting, conference, change };
}

describe('the emergency stop', () => {
  beforeEach(() => {
    stubBrowser();
    notices.clear();
  });
  afterEach(() => vi.unstubAllGlobals());

  it('holds everyone but moderators, until they are released', () => {
    const { conference, change } = inside('participant');
    expect([conference.held, conference.may('microphone')]).toEqual([false, true]);
    change(STOPPED);
    expect([conference.held, conference.may('microphone'), conference.may('chat')]).toEqual([true, false, false]);
    change({ emergency_stop: { released: ['me'], incident: null } });
    expect([conference.held, conference.may('microphone')]).toEqual([false, true]);
    expect(holds(conference.room, 'ben', 'participant')).toBe(true);
  });

  it('holds who comes back into it, and shows them the chat when they are released', () => {
    const { signal, conference } = inside('participant', STOPPED);
    expect([conference.held, conference.features.chat.messages]).toEqual([true, []]);
    const message = { id: 1, from: 'ben', name: 'Ben', role: 'participant', verified: false } as const;
    const shown = { ...message, listed: false, typed_name: true, text: 'hallo', at: 0 };
    signal.tell({ type: 'chat_shown', messages: [shown] });
    expect(conference.features.chat.messages.map(({ text }) => text)).toEqual(['hallo']);
  });

  it('does not hold a moderator, who releases all', () => {
    const { signal, conference } = inside('moderator', STOPPED);
    expect([conference.held, conference.may('camera')]).toEqual([false, true]);
    expect(holds(conference.room, 'ben', 'participant')).toBe(true);
    conference.features.brake.release();
    expect(signal.said.at(-1)).toEqual({ type: 'release', target: 'all' });
  });

  it('offers its record to moderators when it is over, and to nobody else', async () => {
    for (const [role, offers] of [
      ['moderator', 1],
      ['participant', 0],
    ] as const) {
      notices.clear();
      const { change } = inside(role, STOPPED);
      change({ emergency_stop: null });
      await vi.waitFor(() => expect(notices.list.length).toBeGreaterThan(offers));
      const records = notices.list.filter(({ action }) => action?.label === TEXTS.en.stop.record);
      expect(records).toHaveLength(offers);
    }
  });
});

describe('a report', () => {
  beforeEach(() => {
    stubBrowser();
    notices.clear();
  });
  afterEach(() => vi.unstubAllGlobals());

  it('is told to a moderator, who may stop everything by it', async () => {
    const { signal } = inside('moderator');
    signal.tell({ type: 'reported', by: 'ben', name: 'Ben' });
    await vi.waitFor(() => expect(notices.list).toHaveLength(1));
    const [notice] = notices.list;
    expect(notice?.stays).toBe(true);
    notice?.action?.run();
    expect(signal.said.at(-1)).toEqual({ type: 'stop_everything' });
  });

  it('of the same person twice is one notice, and the sender is thanked', async () => {
    const { signal, conference } = inside('participant');
    conference.features.safety.say({ type: 'report' });
    expect(signal.said.at(-1)).toEqual({ type: 'report' });
    signal.tell({ type: 'report_noted' });
    signal.tell({ type: 'report_noted' });
    await vi.waitFor(() => expect(notices.list).toHaveLength(1));
    expect(notices.list[0]?.text).toBe(TEXTS.en.report.thanks);
  });
});

describe('its texts', () => {
  const paths = (value: object): string[] =>
    Object.entries(value).flatMap(([key, inner]) =>
      typeof inner === 'object' && inner !== null ? paths(inner as object).map((path) => `${key}.${path}`) : key,
    );

  it('are the same in both languages', () => expect(paths(TEXTS.de)).toEqual(paths(TEXTS.en)));
});
