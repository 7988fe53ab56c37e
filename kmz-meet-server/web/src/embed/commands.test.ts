import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Policy } from '../generated/Policy';
import type { Entry } from '../lib/state/entry';
import { Meeting } from '../lib/state/meeting.svelte';
import { Ui } from '../lib/state/ui.svelte';
import { answersFor } from './answers';
import { commandsFor } from './commands';
import { BROWSER, FakeSignal, joined, peer } from './fakes';

function setUp({
  skipPreJoin = false,
  entry = null as Entry | null,
  inside = undefined as Policy['door'] | undefined,
} = {}) {
  const signal = new FakeSignal();
  const meeting = new Meeting('r', signal, peer, entry);
  const commands = commandsFor(meeting, skipPreJoin);
  const run = (name: string, ...args: unknown[]): unknown => commands[name]!(...args);
  if (inside) {
    meeting.join('Anna', null);
    signal.tell(joined(inside));
    meeting.ui = new Ui();
    signal.said.length = 0;
  }
  return { signal, meeting, run, ask: answersFor(meeting) };
}

beforeEach(() => {
  for (const [name, value] of Object.entries(BROWSER)) vi.stubGlobal(name, value);
});
afterEach(() => vi.unstubAllGlobals());

describe('before joining, a page', () => {
  it('gives the name, and the person joins when the page wants no form', () => {
    const { signal, meeting, run } = setUp({ skipPreJoin: true });
    run('displayName', ' Jörg\nMüller ');
    expect(signal.joins).toMatchObject([{ name: 'Jörg Müller' }]);
    run('displayName', 'Someone else');
    expect(signal.joins).toHaveLength(1);
    expect(meeting.embedding.proposedName).toBe('Jörg Müller');
  });

  it('fills in the name when there is a form, and never changes a verified one', () => {
    const form = setUp();
    form.run('displayName', 'Jörg');
    expect([form.meeting.embedding.proposedName, form.signal.joins.length]).toEqual(['Jörg', 0]);
    const verified = setUp({ skipPreJoin: true, entry: { token: 't', name: 'Anna' } as Entry });
    verified.run('displayName', 'Jörg');
    expect([verified.meeting.embedding.proposedName, verified.signal.joins.length]).toEqual(['', 0]);
  });

  it('gives the password when it is asked for, and each password is tried once', () => {
    const { signal, meeting, run } = setUp();
    meeting.join('Anna', null);
    signal.tell({ type: 'waiting' });
    run('password', 'Sonne 7');
    expect(signal.joins[1]).toMatchObject({ password: 'Sonne 7' });
    signal.tell({ type: 'waiting' });
    run('password', 'Sonne 7');
    expect(signal.joins).toHaveLength(2);
    expect(meeting.phase).toBe('waiting');
    run('password', 'Mond 8');
    expect(signal.joins).toHaveLength(3);
  });

  it('may give the password early, and what the person types wins', () => {
    const early = setUp();
    early.run('password', 'Sonne 7');
    early.meeting.join('Anna', null);
    expect(early.signal.joins[0]).toMatchObject({ password: 'Sonne 7' });
    const typed = setUp();
    typed.run('password', 'Sonne 7');
    typed.meeting.join('Anna', 'Mond 8');
    expect(typed.signal.joins[0]).toMatchObject({ password: 'Mond 8' });
  });
});

describe('during a conference, a page', () => {
  it('does not send to everyone what was meant for one person', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const { signal, run } = setUp({ inside: 'open' });
    run('sendChatMessage', 'only for Ben', 'ben');
    expect(signal.said).toEqual([]);
    expect(warn).toHaveBeenCalledOnce();
    run('sendChatMessage', 'for all', '');
    expect(signal.said).toEqual([{ type: 'send_chat', text: 'for all' }]);
    warn.mockRestore();
  });

  it.each([
    ['open', true, 'knock'],
    ['open', false, null],
    ['open', undefined, 'knock'],
    ['knock', false, 'open'],
    ['knock', true, null],
    ['knock', undefined, 'open'],
    ['closed', false, null],
    ['closed', true, null],
    ['closed', undefined, null],
  ] as const)('changes a lobby, and never opens a closed door: %s, %s', (door, on, expected) => {
    const { signal, run } = setUp({ inside: door });
    run('toggleLobby', on);
    expect(signal.said).toEqual(expected ? [{ type: 'set_policy', change: { door: expected } }] : []);
  });

  it('opens and closes the list of people on command', () => {
    const { meeting, run, ask } = setUp({ inside: 'open' });
    run('toggleParticipantsPane', false);
    expect(meeting.ui?.panel).toBeNull();
    run('toggleParticipantsPane', true);
    run('toggleParticipantsPane', true);
    expect([meeting.ui?.panel, ask['isParticipantsPaneOpen']!()]).toEqual(['people', true]);
    run('toggleParticipantsPane');
    expect(meeting.ui?.panel).toBeNull();
  });

  it('mutes by both of Jitsi’s names', () => {
    const { signal, run } = setUp({ inside: 'open' });
    run('muteParticipant', 'ben', 'video');
    run('muteRemoteParticipant', 'ben');
    expect(signal.said).toEqual([
      { type: 'mute', target: { these: ['ben'] }, source: 'camera' },
      { type: 'mute', target: { these: ['ben'] }, source: 'microphone' },
    ]);
  });

  it('renames the room for this person only', () => {
    const { signal, meeting, run } = setUp({ inside: 'open' });
    expect(meeting.title).toBe('r');
    run('subject', 'Mathe 7b');
    expect([meeting.title, signal.said]).toEqual(['Mathe 7b', []]);
    run('localSubject', '');
    expect(meeting.title).toBe('r');
  });

  it('sees who shares, and the known quality of the connection', () => {
    const { ask } = setUp({ inside: 'open' });
    expect(ask['getContentSharingParticipants']!()).toEqual({ sharingParticipantIds: ['ben'] });
    expect(ask['getConnectionStats']!()).toEqual({ connectionQuality: 0 });
    expect(ask['isAudioDisabled']!()).toBe(false);
  });

  it('gets the click of its own button, and replaces what the button does', () => {
    const { meeting } = setUp({ inside: 'open' });
    expect(meeting.embedding.press('chat')).toBe(true);
    meeting.embedding.onPress = (key) => key === 'chat';
    expect([meeting.embedding.press('chat'), meeting.embedding.press('hangup')]).toEqual([false, true]);
  });
});
