import { flushSync } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ServerMessage } from '../generated/ServerMessage';
import { Meeting } from '../lib/state/meeting.svelte';
import { Ui } from '../lib/state/ui.svelte';
import { watch } from './events.svelte';
import { ben, BROWSER, FakeSignal, joined, me, peer } from './fakes';
import { rootOf } from './root.svelte';

let stop = (): void => undefined;

function setUp(inside = true) {
  const signal = new FakeSignal();
  const meeting = new Meeting('r', signal, peer);
  const told: { name: string; data: unknown }[] = [];
  stop = rootOf(() => watch(meeting, (name, data) => told.push({ name, data })));
  flushSync();
  const tell = (message: ServerMessage): void => {
    signal.tell(message);
    flushSync();
  };
  meeting.join('Anna', null);
  if (inside) {
    tell(joined());
    meeting.ui = new Ui();
    flushSync();
    told.length = 0;
  }
  const names = (): string[] => told.map(({ name }) => name);
  const last = (name: string): unknown => told.findLast((one) => one.name === name)?.data;
  return { meeting, tell, told, names, last };
}

describe('an embedding page is told', () => {
  beforeEach(() => {
    for (const [name, value] of Object.entries(BROWSER)) vi.stubGlobal(name, value);
  });
  afterEach(() => {
    stop();
    vi.unstubAllGlobals();
  });

  it('that somebody joined, and the name of the room', () => {
    const { meeting, tell, names, last } = setUp(false);
    meeting.embedding.subject = 'Mathe';
    tell(joined());
    expect(last('videoConferenceJoined')).toMatchObject({ id: 'me', displayName: 'Anna' });
    expect(last('participantRoleChanged')).toEqual({ id: 'me', role: 'moderator' });
    expect(names().filter((name) => name === 'subjectChange')).toHaveLength(1);
    meeting.embedding.subject = 'Physik';
    flushSync();
    expect(last('subjectChange')).toEqual({ subject: 'Physik' });
  });

  it('that the person waits, always by the same event', () => {
    const { tell, names } = setUp(false);
    tell({ type: 'waiting' });
    expect(names()).toEqual(['passwordRequired']);
  });

  it.each([
    [{ type: 'ended' }, ['videoConferenceLeft', 'readyToClose']],
    [{ type: 'removed' }, ['participantKickedOut', 'videoConferenceLeft']],
    [{ type: 'refused', reason: 'replaced' }, ['videoConferenceLeft']],
  ] as const)('how it ended: %j', (message, expected) => {
    const { tell, names, last } = setUp();
    tell(message);
    expect(names()).toEqual(expected);
    if (message.type === 'removed')
      expect(last('participantKickedOut')).toMatchObject({ kicked: { id: 'me', local: true } });
  });

  it('to close after the person read why they were refused, and of no error when they left', () => {
    const refused = setUp(false);
    refused.tell({ type: 'refused', reason: 'closed' });
    expect(refused.names()).toEqual(['errorOccurred']);
    refused.meeting.embedding.onClose?.();
    expect(refused.names().at(-1)).toBe('readyToClose');
    stop();
    const left = setUp(false);
    left.tell({ type: 'waiting' });
    left.told.length = 0;
    left.meeting.leave();
    flushSync();
    expect(left.names()).toEqual(['readyToClose']);
  });

  it('who was removed, and who left', () => {
    const { tell, names, last } = setUp();
    tell({ type: 'participant_left', participant: 'ben', reason: 'removed' });
    expect(last('participantKickedOut')).toMatchObject({ kicked: { id: 'ben', local: false } });
    tell({ type: 'participant_joined', participant: ben });
    tell({ type: 'participant_left', participant: 'ben', reason: 'left' });
    expect(names().filter((name) => name === 'participantKickedOut')).toHaveLength(1);
    expect(names().filter((name) => name === 'participantLeft')).toHaveLength(2);
  });

  it('what others turn on and off, what they share, and their new names', () => {
    const { tell, last, names } = setUp();
    tell({ type: 'participant_changed', participant: { ...ben, name: 'Ben (2)', sources: ['microphone'] } });
    expect(last('displayNameChange')).toMatchObject({ id: 'ben', displayname: 'Ben (2)' });
    expect(names().filter((name) => name === 'participantMuted')).toHaveLength(2);
    expect(last('participantMuted')).toEqual({ participantId: 'ben', isMuted: true, mediaType: 'desktop' });
    expect(last('contentSharingParticipantsChanged')).toEqual({ data: [] });
  });

  it('that microphones are locked', () => {
    const { tell, last } = setUp();
    const { room } = joined() as Extract<ServerMessage, { type: 'joined' }>;
    tell({ type: 'room_changed', room: { ...room, policy: { ...room.policy, microphone: 'moderators' } } });
    expect(last('moderationStatusChanged')).toEqual({ mediaType: 'audio', enabled: true });
  });

  it('of each unread message', () => {
    const { meeting, tell, last } = setUp();
    tell({
      type: 'chat',
      message: {
        id: 1,
        from: 'ben',
        name: 'Ben',
        role: 'participant',
        verified: false,
        listed: false,
        typed_name: true,
        text: 'Hallo',
        at: 0,
      },
    });
    tell({
      type: 'chat',
      message: {
        id: 2,
        from: 'ben',
        name: 'Ben',
        role: 'participant',
        verified: false,
        listed: false,
        typed_name: true,
        text: 'Hallo?',
        at: 1,
      },
    });
    expect(last('chatUpdated')).toEqual({ isOpen: false, unreadCount: 2 });
    expect(last('incomingMessage')).toMatchObject({ message: 'Hallo?', nick: 'Ben' });
    meeting.ui!.toggle('chat');
    flushSync();
    expect(last('chatUpdated')).toMatchObject({ isOpen: true });
  });

  it('of each knock, once', () => {
    const { tell, told } = setUp();
    const cem = {
      id: 'k1',
      name: 'Cem',
      verified: false,
      listed: false,
      typed_name: true,
      suspicious: false,
      resembles_pupil: false,
    };
    const ida = {
      id: 'k2',
      name: 'Ida',
      verified: false,
      listed: false,
      typed_name: true,
      suspicious: false,
      resembles_pupil: false,
    };
    for (const knockers of [[cem], [cem, ida], [ida], [], [cem]]) tell({ type: 'lobby_changed', knockers });
    const who = told
      .filter(({ name }) => name === 'knockingParticipant')
      .map(({ data }) => (data as { participant: { id: string } }).participant.id);
    expect(who).toEqual(['k1', 'k2', 'k1']);
  });

  it('what is wrong with a device', () => {
    const { meeting, last } = setUp();
    meeting.sources.problem = { source: 'camera', problem: 'missing' };
    flushSync();
    meeting.sources.problem = { source: 'microphone', problem: 'denied' };
    flushSync();
    expect(last('cameraError')).toEqual({ type: 'gum.not_found', message: 'missing' });
    expect(last('micError')).toEqual({ type: 'gum.permission_denied', message: 'denied' });
  });

  it('when hands go up and down, not when places in the queue change', () => {
    const { tell, names } = setUp();
    tell({ type: 'participant_changed', participant: { ...me, hand: 2 } });
    tell({ type: 'participant_changed', participant: { ...me, hand: 1 } });
    tell({ type: 'participant_changed', participant: me });
    expect(names().filter((name) => name === 'raiseHandUpdated')).toHaveLength(2);
  });
});
