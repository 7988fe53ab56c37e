import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Meeting } from '../lib/state/meeting.svelte';
import { EmbedBridge } from './bridge';
import { commandsFor } from './commands';
import { BROWSER, FakeSignal, joined, peer } from './fakes';
import type { Envelope } from './protocol';

/** A room in the frame of a page; `own` is whether the server counts the page as the school's own. */
function setUp(own: boolean | null) {
  const listeners: ((event: unknown) => void)[] = [];
  const posted: Envelope[] = [];
  const parent = { postMessage: (envelope: Envelope) => posted.push(envelope) };
  vi.stubGlobal('window', { parent });
  vi.stubGlobal('addEventListener', (_: string, listener: (event: unknown) => void) => listeners.push(listener));
  const signal = new FakeSignal();
  const meeting = new Meeting('r', signal, peer);
  new EmbedBridge(meeting, {
    id: 0,
    displayName: null,
    skipPreJoin: true,
    language: null,
    subject: null,
    buttons: new Map([['hangup', true]]),
  });
  const say = (envelope: Omit<Envelope, 'kmzMeet'>, origin = 'https://a.example'): void =>
    listeners.forEach((listener) => listener({ source: parent, origin, data: { kmzMeet: 0, ...envelope } }));
  say({ type: 'hello' });
  if (own !== null) {
    meeting.join('Anna', null);
    signal.tell({ type: 'framed', own });
    signal.tell(joined());
    signal.said.length = 0;
  }
  return {
    signal,
    meeting,
    posted,
    say,
    command: (name: string, ...data: unknown[]) => say({ type: 'command', name, data }),
  };
}

beforeEach(() => {
  for (const [name, value] of Object.entries(BROWSER)) vi.stubGlobal(name, value);
  vi.spyOn(console, 'warn').mockImplementation(() => undefined);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const MODERATES: [string, ...unknown[]][] = [
  ['grantModerator', 'ben'],
  ['password', 'new'],
  ['kickParticipant', 'ben'],
  ['muteEveryone', 'audio'],
  ['endConference'],
  ['toggleLobby', true],
  ['answerKnockingParticipant', 'ben', true],
  ['toggleModeration', true, 'audio'],
  ['sendChatMessage', 'Hallo'],
  ['toggleRaiseHand'],
];

describe('a page of the room’s own school', () => {
  it('moderates, and gets events about others', async () => {
    const { signal, meeting, posted, say, command } = setUp(true);
    for (const [name, ...args] of MODERATES) command(name, ...args);
    expect(signal.said).toHaveLength(MODERATES.length);
    say({ type: 'request', name: 'getRoomsInfo', id: 1 });
    await vi.waitFor(() => expect(JSON.stringify(posted)).toContain('"displayName":"Ben"'));
    expect(meeting.embedding.press('hangup')).toBe(false);
  });
});

describe('a page of someone else', () => {
  it('moderates nothing, gets no event about others, and cannot keep anyone from leaving', async () => {
    const { signal, meeting, posted, say, command } = setUp(false);
    for (const [name, ...args] of MODERATES) if (name !== 'password') command(name, ...args);
    command('toggleAudio');
    command('toggleVideo');
    expect(signal.said).toEqual([]);
    say({ type: 'request', name: 'getRoomsInfo', id: 1 });
    await vi.waitFor(() => expect(posted.at(-1)).toMatchObject({ type: 'response', id: 1, data: null }));
    signal.tell({
      type: 'chat',
      message: {
        id: 9,
        from: 'ben',
        name: 'Ben',
        text: 'secret',
        at: 0,
        role: 'participant',
        verified: false,
        listed: false,
        typed_name: true,
      },
    });
    expect(JSON.stringify(posted)).not.toMatch(/Ben|Anna|secret/);
    expect(meeting.embedding.press('hangup')).toBe(true);
  });

  it('does not change the password of a moderator', () => {
    const { signal, command } = setUp(false);
    command('password', 'new');
    expect(signal.said.filter((one) => one.type === 'set_password')).toEqual([]);
  });
});

describe('before joining', () => {
  it('any page may give a name and a password, and cannot make a signed-in person join', () => {
    const { signal, meeting, command } = setUp(null);
    meeting.mayBeSignedIn = true;
    command('password', 'Sonne 7');
    command('displayName', 'x');
    expect([signal.joins, meeting.embedding.proposedName, meeting.embedding.pageAround]).toEqual([
      [],
      'x',
      'https://a.example',
    ]);
    meeting.mayBeSignedIn = false;
    command('displayName', 'Ben');
    expect(signal.joins).toMatchObject([{ name: 'Ben', password: 'Sonne 7' }]);
  });

  it('the commands check it themselves, too', () => {
    const signal = new FakeSignal();
    const meeting = new Meeting('r', signal, peer);
    meeting.mayBeSignedIn = true;
    commandsFor(meeting, true)['displayName']!('x');
    expect(signal.joins).toEqual([]);
  });
});
