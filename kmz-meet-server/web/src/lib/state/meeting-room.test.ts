import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ServerMessage } from '../../generated/ServerMessage';
import { en } from '../i18n/en';
import { isolate } from '../i18n/isolate';
import { ben, joined, me, sentHere, setUp, stubBrowser } from './meeting.fakes';
import { notices } from './notices.svelte';

describe('a visit', () => {
  beforeEach(stubBrowser);
  afterEach(() => vi.unstubAllGlobals());

  it('can release what was stopped twice', () => {
    const { signal, meeting } = setUp();
    meeting.join('Anna', null);
    signal.tell(joined({ me: { role: 'moderator' } }));
    const { brake } = meeting.conference!.features;
    brake.stopEverything();
    const { room } = joined({
      policy: { door: 'closed' },
      safety: { emergency_stop: { released: [], incident: 'c-1' } },
    }) as Extract<ServerMessage, { type: 'joined' }>;
    signal.tell({ type: 'room_changed', room });
    expect(brake.stopped).toBe(true);
    brake.stopEverything();
    expect(signal.said.at(-1)).toEqual({ type: 'stop_everything' });
    // The server knows what held before: nothing of the policy is said.
    brake.release();
    expect(signal.said.at(-1)).toEqual({ type: 'release', target: 'all' });
    signal.tell({ type: 'room_changed', room: { ...room, safety: { ...room.safety, emergency_stop: null } } });
    expect(brake.stopped).toBe(false);
  });

  it.each(['open', 'knock'] as const)('opens the door again as it was: %s', (door) => {
    const { signal, meeting } = setUp();
    meeting.join('Anna', null);
    signal.tell(joined({ me: { role: 'moderator' }, policy: { door } }));
    meeting.conference!.features.brake.toggleDoor();
    expect(signal.said.at(-1)).toEqual({ type: 'set_policy', change: { door: 'closed' } });
    const { room } = joined({ policy: { door: 'closed' } }) as Extract<ServerMessage, { type: 'joined' }>;
    signal.tell({ type: 'room_changed', room });
    meeting.conference!.features.brake.toggleDoor();
    expect(signal.said.at(-1)).toEqual({ type: 'set_policy', change: { door } });
  });

  it('names the room as the platform does, before joining and afterwards', () => {
    const { signal, meeting } = sentHere();
    expect([meeting.title, setUp().meeting.title]).toEqual(['Mathe 7b', 'r']);
    meeting.join('Anna', null);
    signal.tell(joined());
    expect([meeting.title, meeting.began]).toEqual(['r', 0]);
  });

  it('follows the whole queue of hands', () => {
    const { signal, meeting } = setUp();
    meeting.join('Anna', null);
    signal.tell({
      ...joined({ me: { hand: 1 } }),
      participants: [{ ...me, hand: 1 }, ben, { ...ben, id: 'cem', hand: 2 }],
    } as ServerMessage);
    const hands = () => meeting.conference!.list.map(({ hand }) => hand);
    signal.tell({ type: 'hands_changed', hands: ['cem', 'ben'] });
    expect(hands()).toEqual([null, 2, 1]);
    expect(meeting.conference!.features.hands.queue.map(({ id }) => id)).toEqual(['cem', 'ben']);
    signal.tell({ type: 'hands_changed', hands: ['gone', 'me'] });
    expect(hands()).toEqual([2, null, null]);
    signal.tell({ type: 'hands_changed', hands: [] });
    expect(hands()).toEqual([null, null, null]);
  });

  it.each([
    ['wrong_passwords', 'moderator', true],
    ['presentation_not_shown', 'moderator', true],
    ['contract_ended', 'moderator', true],
    ['contract_holds', 'moderator', true],
    ['wrong_passwords', 'participant', false],
  ] as const)('shows the alert %s to a %s: %s', (alert, role, told) => {
    notices.clear();
    const { signal, meeting } = setUp();
    meeting.join('Anna', null);
    signal.tell(joined({ me: { role } }));
    signal.tell({ type: 'alert', alert });
    expect(notices.list.map(({ text, stays }) => [text, stays])).toEqual(told ? [[en.notice.alert[alert], true]] : []);
    // An alert that only a newer server knows is not shown.
    signal.tell({ type: 'alert', alert: 'news' as 'wrong_passwords' });
    expect(notices.list).toHaveLength(told ? 1 : 0);
  });

  it.each([
    ['moderator', true],
    ['participant', false],
  ] as const)('tells a %s about an account that many use: %s', (role, told) => {
    notices.clear();
    const { signal, meeting } = setUp();
    meeting.join('Anna', null);
    signal.tell(joined({ me: { role } }));
    signal.tell({ type: 'shared_account', name: 'Klasse 5b' });
    const texts = notices.list.map(({ text, stays }) => [text, stays]);
    expect(texts).toEqual(told ? [[en.notice.alert.shared_account(isolate('Klasse 5b')), true]] : []);
  });
});
