import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ClientMessage } from '../../generated/ClientMessage';
import type { Participant } from '../../generated/Participant';
import type { Policy } from '../../generated/Policy';
import type { ServerMessage } from '../../generated/ServerMessage';
import type { Peer } from '../media/peer';
import { session } from '../api/session.svelte';
import { loadName } from '../signal/seat';
import type { Signal, SignalEvents } from '../signal/socket';
import { type Entry, loadEntry } from './entry';
import { en } from '../i18n/en';
import { isolate } from '../i18n/isolate';
import { Meeting } from './meeting.svelte';
import { notices } from './notices.svelte';

class FakeSignal implements Signal {
  said: ClientMessage[] = [];
  events: SignalEvents | null = null;
  joins: ClientMessage[] = [];

  open(join: () => ClientMessage, events: SignalEvents): void {
    this.events = events;
    this.joins.push(join());
  }

  send(message: ClientMessage): boolean {
    if (!this.events) return false;
    this.said.push(message);
    return true;
  }

  close(): void {
    this.events = null;
  }

  tell(message: ServerMessage): void {
    this.events?.message(message);
  }

  types(): string[] {
    return this.said.map((message) => message.type);
  }
}

class FakeTrack {
  stopped = false;
  onended: (() => void) | null = null;
  contentHint = '';
  stop(): void {
    this.stopped = true;
  }
}

const peers: { events: { connected(): void; lost(): void }; closed: boolean }[] = [];

function makePeer(_slots: number, events: { connected(): void; lost(): void }): Peer {
  const record = { events, closed: false };
  peers.push(record);
  return {
    audio: [],
    video: [],
    screen: {} as MediaStream,
    offer: () => Promise.resolve({ sdp: 'v=0', sections: { audio_slots: [], video_slots: [] } }),
    answer: () => Promise.resolve(),
    attach: () => Promise.resolve(),
    close: () => (record.closed = true),
  };
}

const policy: Policy = {
  microphone: 'everyone',
  camera: 'everyone',
  screen: 'moderators',
  chat: 'everyone',
  door: 'open',
  microphone_on_at_join: false,
  camera_on_at_join: false,
  capacity: 70,
};

const me: Participant = {
  id: 'me',
  name: 'Anna',
  role: 'participant',
  verified: false,
  listed: false,
  typed_name: true,
  sources: [],
  grants: [],
  hand: null,
  connected: true,
};

const ben: Participant = { ...me, id: 'ben', name: 'Ben' };

const joined = (more: { me?: Partial<Participant>; policy?: Partial<Policy>; kept?: boolean } = {}): ServerMessage => ({
  type: 'joined',
  conference: 'c',
  you: 'me',
  seat: 'seat-1',
  room: {
    name: 'r',
    policy: { ...policy, ...more.policy },
    has_list: false,
    has_password: false,
    floor: null,
    started_at: 0,
  },
  participants: [{ ...me, ...more.me }],
  chat: [],
  media_kept: more.kept ?? false,
});

const settle = async (): Promise<void> => {
  for (let i = 0; i < 10; i += 1) await Promise.resolve();
};

function setUp() {
  const signal = new FakeSignal();
  const meeting = new Meeting('r', signal, makePeer);
  return { signal, meeting };
}

function sentHere() {
  const signal = new FakeSignal();
  const meeting = new Meeting('r', signal, makePeer, { token: 'a.b.c', name: 'Anna', title: 'Mathe 7b', leave: null });
  return { signal, meeting };
}

describe('a visit', () => {
  let tracks: FakeTrack[];

  beforeEach(() => {
    peers.length = 0;
    tracks = [];
    const kept = new Map<string, string>();
    const storage = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
      removeItem: (key: string) => void kept.delete(key),
    };
    vi.stubGlobal('sessionStorage', storage);
    vi.stubGlobal('screen', { width: 1366, height: 768 });
    vi.stubGlobal('devicePixelRatio', 1);
    vi.stubGlobal('matchMedia', () => ({ matches: false }));
    vi.stubGlobal('MediaStream', class {});
    vi.stubGlobal('navigator', {
      mediaDevices: {
        getUserMedia: () => {
          const track = new FakeTrack();
          tracks.push(track);
          return Promise.resolve({ getTracks: () => [track] });
        },
      },
    });
  });
  afterEach(() => vi.unstubAllGlobals());

  it('comes in muted with the camera off, although both were tried before', async () => {
    const { signal, meeting } = setUp();
    await meeting.sources.turnOn('camera');
    await meeting.sources.turnOn('microphone');
    meeting.join('Anna', null);
    signal.tell(joined());
    expect(tracks.map((track) => track.stopped)).toEqual([true, true]);
    expect(signal.types()).not.toContain('set_source');
  });

  it('keeps on what the room lets stay on, and only what was turned on by hand', async () => {
    const { signal, meeting } = setUp();
    await meeting.sources.turnOn('microphone');
    meeting.join('Anna', null);
    signal.tell(joined({ policy: { microphone_on_at_join: true, camera_on_at_join: true } }));
    expect(signal.said).toContainEqual({ type: 'set_source', source: 'microphone', on: true });
    expect(signal.said).not.toContainEqual({ type: 'set_source', source: 'camera', on: true });
  });

  it.each([
    ['stays off where the room does not let it stay on', false],
    ['is on, and the server knows it, where it may stay on', true],
  ])('a camera that is permitted only after coming in %s', async (_, stays) => {
    let allow = (): void => undefined;
    const track = new FakeTrack();
    vi.stubGlobal('navigator', {
      mediaDevices: {
        getUserMedia: () => new Promise((resolve) => (allow = () => resolve({ getTracks: () => [track] }))),
      },
    });
    const { signal, meeting } = setUp();
    const late = meeting.setSource('camera', true);
    meeting.join('Anna', null);
    signal.tell({ type: 'lobby' });
    signal.tell(joined({ policy: { camera_on_at_join: stays } }));
    allow();
    await late;
    expect(meeting.sources.isOn('camera')).toBe(stays);
    expect(track.stopped).toBe(!stays);
    expect(signal.said.filter((message) => message.type === 'set_source')).toEqual(
      stays ? [{ type: 'set_source', source: 'camera', on: true }] : [],
    );
  });

  it('does not film anyone who left while the browser was asking', async () => {
    let allow = (): void => undefined;
    const track = new FakeTrack();
    vi.stubGlobal('navigator', {
      mediaDevices: {
        getUserMedia: () => new Promise((resolve) => (allow = () => resolve({ getTracks: () => [track] }))),
      },
    });
    const { signal, meeting } = setUp();
    meeting.join('Anna', null);
    signal.tell(joined());
    const late = meeting.setSource('camera', true);
    meeting.leave();
    allow();
    await late;
    expect([track.stopped, meeting.sources.isOn('camera')]).toEqual([true, false]);
  });

  it('offers media once, and not again while the former session lives', async () => {
    const { signal, meeting } = setUp();
    meeting.join('Anna', null);
    signal.tell(joined());
    await settle();
    peers[0]!.events.connected();
    signal.events!.link(false);
    expect(meeting.online).toBe(false);
    signal.tell(joined({ kept: true }));
    await settle();
    expect(meeting.online).toBe(true);
    expect(signal.types().filter((type) => type === 'offer')).toHaveLength(1);
    signal.tell(joined({ kept: false }));
    await settle();
    expect(peers).toHaveLength(2);
    expect(peers[0]!.closed).toBe(true);
  });

  it('tells the server after a lost connection what is still on', async () => {
    const { signal, meeting } = setUp();
    meeting.join('Anna', null);
    signal.tell(joined());
    await meeting.setSource('microphone', true);
    signal.said.length = 0;
    signal.events!.link(false);
    signal.tell(joined());
    expect(signal.said).toContainEqual({ type: 'set_source', source: 'microphone', on: true });
    expect(tracks[0]!.stopped).toBe(false);
  });

  it('comes back after a reload with the seat, with everything off', () => {
    const first = setUp();
    first.meeting.join('Anna', 'secret');
    first.signal.tell(joined());
    const { signal, meeting } = setUp();
    expect(meeting.returning).toBe(true);
    meeting.resume();
    expect(signal.joins[0]).toMatchObject({ seat: 'seat-1', name: 'Anna' });
    signal.tell(joined({ me: { sources: ['camera'] } }));
    expect(signal.said).toContainEqual({ type: 'set_source', source: 'camera', on: false });
  });

  it('asks first who was sent here anew, and says the seat beside the new ticket', () => {
    const first = setUp();
    first.meeting.join('Anna', null);
    first.signal.tell(joined());
    const signal = new FakeSignal();
    const meeting = new Meeting('r', signal, makePeer, { token: 'fresh', name: 'Ben' } as Entry, true);
    expect(meeting.returning).toBe(false);
    meeting.join('Ben', null);
    expect(signal.joins[0]).toMatchObject({ name: 'Ben', token: 'fresh', seat: 'seat-1' });
  });

  it('leaves nothing to the next person after signing out', async () => {
    const { signal, meeting } = setUp();
    meeting.join('Anna', null);
    signal.tell(joined());
    vi.stubGlobal('fetch', () => Promise.resolve(new Response(null, { status: 204 })));
    await session.signOut();
    expect([setUp().meeting.returning, loadName()]).toEqual([false, '']);
  });

  it('goes in by the name when the seat is not valid any more', () => {
    const first = setUp();
    first.meeting.join('Anna', null);
    first.signal.tell(joined());
    const { signal, meeting } = setUp();
    meeting.resume();
    signal.tell({ type: 'refused', reason: 'bad_seat' });
    expect(signal.joins[1]).toEqual({ type: 'join', room: 'r', name: 'Anna' });
    expect(meeting.phase).toBe('connecting');
  });

  it('stops capturing what a moderator turned off, and what the server took back', async () => {
    const { signal, meeting } = setUp();
    meeting.join('Anna', null);
    signal.tell(joined());
    await meeting.setSource('microphone', true);
    signal.tell({ type: 'turned_off', source: 'microphone', by: 't' });
    expect(tracks[0]!.stopped).toBe(true);
    await meeting.setSource('camera', true);
    signal.tell({ type: 'participant_changed', participant: { ...me, sources: ['camera'] } });
    expect(tracks[1]!.stopped).toBe(false);
    signal.tell({ type: 'participant_changed', participant: me });
    expect(tracks[1]!.stopped).toBe(true);
  });

  it('can release what was stopped twice', () => {
    const { signal, meeting } = setUp();
    meeting.join('Anna', null);
    signal.tell(joined({ me: { role: 'moderator' } }));
    meeting.conference!.features.brake.stopEverything();
    const { room } = joined({
      policy: { microphone: 'moderators', camera: 'moderators', chat: 'moderators', door: 'closed' },
    }) as Extract<ServerMessage, { type: 'joined' }>;
    signal.tell({ type: 'room_changed', room });
    meeting.conference!.features.brake.stopEverything();
    meeting.conference!.features.brake.release();
    expect(signal.said.at(-1)).toEqual({
      type: 'set_policy',
      change: { microphone: 'everyone', camera: 'everyone', screen: 'moderators', chat: 'everyone' },
    });
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

  it('stops capturing what was never permitted', async () => {
    const { signal, meeting } = setUp();
    meeting.join('Anna', null);
    signal.tell(joined());
    await meeting.setSource('camera', true);
    signal.tell({ type: 'error', code: 'not_permitted' });
    expect(tracks[0]!.stopped).toBe(true);
  });

  it('is asked, and nothing is turned on by that', () => {
    const { signal, meeting } = setUp();
    meeting.join('Anna', null);
    signal.tell(joined());
    signal.tell({ type: 'asked', source: 'microphone', by: 't' });
    expect(meeting.asked).toEqual({ source: 'microphone', by: 't' });
    expect(tracks).toHaveLength(0);
  });

  it.each([
    [{ type: 'removed' }, 'removed'],
    [{ type: 'ended' }, 'ended'],
    [{ type: 'refused', reason: 'closed' }, 'closed'],
    [{ type: 'refused', reason: 'replaced' }, 'replaced'],
    [{ type: 'refused', reason: 'too_many_places' }, 'too_many_places'],
    [{ type: 'refused', reason: 'signed_out' }, 'signed_out'],
  ] as const)('%j ends it and turns everything off', async (message, over) => {
    const { signal, meeting } = setUp();
    meeting.join('Anna', null);
    signal.tell(joined());
    await settle();
    await meeting.setSource('camera', true);
    signal.tell(message);
    expect([meeting.phase, meeting.over]).toEqual(['over', over]);
    expect(tracks[0]!.stopped).toBe(true);
    expect(peers[0]!.closed).toBe(true);
    expect(signal.events).toBeNull();
  });

  it('says kindly that one was not let in, instead of removed', () => {
    const { signal, meeting } = setUp();
    meeting.join('Anna', null);
    signal.tell({ type: 'lobby' });
    signal.tell({ type: 'refused', reason: 'removed' });
    expect(meeting.over).toBe('refused');
  });

  it('goes back to the form for another name', () => {
    const { signal, meeting } = setUp();
    meeting.join('??', null);
    signal.tell({ type: 'refused', reason: 'bad_name' });
    expect([meeting.phase, meeting.badName]).toEqual(['ready', true]);
  });

  it('leads back only to where the server says, and keeps it for a reload', () => {
    const assign = vi.fn();
    vi.stubGlobal('location', { assign });
    const { signal, meeting } = sentHere();
    meeting.join('Anna', null);
    signal.tell({ type: 'way_back', url: 'javascript:alert(1)' });
    expect(meeting.returnWay.url).toBeNull();
    signal.tell({ type: 'way_back', url: 'https://moodle.example/x' });
    signal.tell(joined());
    expect(loadEntry('r')?.leave).toBe('https://moodle.example/x');
    meeting.leave();
    expect(assign).toHaveBeenCalledWith('https://moodle.example/x');
  });

  it('leads back from the lobby without holding a place there', () => {
    const assign = vi.fn();
    vi.stubGlobal('location', { assign });
    const { signal, meeting } = sentHere();
    meeting.join('Anna', null);
    signal.tell({ type: 'way_back', url: 'https://moodle.example/x' });
    signal.tell({ type: 'lobby' });
    expect(meeting.returnWay.url).toBe('https://moodle.example/x');
    meeting.stopWaiting();
    expect(signal.types()).toEqual(['leave']);
    expect(signal.events).toBeNull();
    // The link itself leads there.
    expect(assign).not.toHaveBeenCalled();
  });

  it('calls the room as the platform does, before coming in and afterwards', () => {
    const { signal, meeting } = sentHere();
    expect([meeting.title, setUp().meeting.title]).toEqual(['Mathe 7b', 'r']);
    meeting.join('Anna', null);
    signal.tell(joined());
    expect([meeting.title, meeting.began]).toEqual(['r', 0]);
  });

  it('leads nowhere when the ticket does not hold', () => {
    const assign = vi.fn();
    vi.stubGlobal('location', { assign });
    const { signal, meeting } = sentHere();
    meeting.join('Anna', null);
    signal.tell({ type: 'refused', reason: 'bad_seat' });
    expect([meeting.over, meeting.returnWay.url, meeting.returnWay.go()]).toEqual(['bad_ticket', null, false]);
    expect(assign).not.toHaveBeenCalled();
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
    ['wrong_passwords', 'participant', false],
  ] as const)('tells the alert %s to a %s: %s', (alert, role, told) => {
    notices.clear();
    const { signal, meeting } = setUp();
    meeting.join('Anna', null);
    signal.tell(joined({ me: { role } }));
    signal.tell({ type: 'alert', alert });
    expect(notices.list.map(({ text, stays }) => [text, stays])).toEqual(told ? [[en.notice.alert[alert], true]] : []);
    // What only a newer server knows is nothing to show.
    signal.tell({ type: 'alert', alert: 'news' as 'wrong_passwords' });
    expect(notices.list).toHaveLength(told ? 1 : 0);
  });

  it.each([
    ['moderator', true],
    ['participant', false],
  ] as const)('tells a %s of an account that many use: %s', (role, told) => {
    notices.clear();
    const { signal, meeting } = setUp();
    meeting.join('Anna', null);
    signal.tell(joined({ me: { role } }));
    signal.tell({ type: 'shared_account', name: 'Klasse 5b' });
    const texts = notices.list.map(({ text, stays }) => [text, stays]);
    expect(texts).toEqual(told ? [[en.notice.alert.shared_account(isolate('Klasse 5b')), true]] : []);
  });

  it('says goodbye when the page is closed, captures nothing, and comes back by the seat when it is shown again', async () => {
    const { signal, meeting } = setUp();
    meeting.join('Anna', null);
    signal.tell(joined());
    await meeting.setSource('camera', true);
    meeting.conference!.features.chat.draft = 'half a sen';
    meeting.away();
    expect([signal.said.at(-1), signal.events, tracks[0]!.stopped]).toEqual([{ type: 'away' }, null, true]);
    meeting.backFromAway();
    expect(signal.joins.at(-1)).toMatchObject({ seat: 'seat-1', name: 'Anna' });
    signal.tell(joined({ me: { sources: ['camera'] } }));
    expect(meeting.phase).toBe('inside');
    expect(signal.said).toContainEqual({ type: 'set_source', source: 'camera', on: false });
    expect(meeting.conference!.features.chat.draft).toBe('half a sen');
  });

  it.each(['ready', 'over'])('has no goodbye to say when it is %s', (phase) => {
    const { signal, meeting } = setUp();
    if (phase === 'over') {
      meeting.join('Anna', null);
      signal.tell(joined());
      meeting.leave();
    }
    const before = signal.joins.length;
    meeting.away();
    meeting.backFromAway();
    expect(signal.types()).not.toContain('away');
    expect(signal.joins).toHaveLength(before);
  });

  it.each(['replaced', 'too_many_places'] as const)('takes the place back after %s', (reason) => {
    const { signal, meeting } = setUp();
    meeting.join('Anna', null);
    signal.tell(joined());
    signal.tell({ type: 'refused', reason });
    meeting.comeBackHere();
    expect(signal.joins.at(-1)).toMatchObject({ seat: 'seat-1', name: 'Anna' });
    // The other window has got a seat anew: then by the name.
    signal.tell({ type: 'refused', reason: 'bad_seat' });
    expect(signal.joins.at(-1)).toEqual({ type: 'join', room: 'r', name: 'Anna' });
    signal.tell(joined());
    expect(meeting.phase).toBe('inside');
  });

  it('takes the place back in a tab that was reloaded meanwhile', () => {
    const first = setUp();
    first.meeting.join('Anna', null);
    first.signal.tell(joined());
    first.signal.tell({ type: 'refused', reason: 'replaced' });
    const { signal, meeting } = setUp();
    meeting.comeBackHere();
    expect(signal.joins.at(-1)).toMatchObject({ seat: 'seat-1', name: 'Anna' });
  });

  it.each([
    ['closes the window that the platform opened', { opener: {}, history: { length: 3 } }, true],
    ['goes back in a tab that no page opened', { opener: null, history: { length: 1 } }, false],
    ['goes back in the window that the platform was in', { opener: null, history: { length: 5 } }, false],
  ])('%s after leaving, and goes back where that is not possible', (_, page, closes) => {
    vi.useFakeTimers();
    const assign = vi.fn();
    const close = vi.fn();
    const fake = { ...page, close };
    vi.stubGlobal('location', { assign, hash: '' });
    vi.stubGlobal('window', Object.assign(fake, { parent: fake }));
    const { signal, meeting } = sentHere();
    meeting.join('Anna', null);
    signal.tell({ type: 'way_back', url: 'https://moodle.example/x' });
    signal.tell(joined());
    meeting.leave();
    expect([close.mock.calls.length, assign.mock.calls.length]).toEqual(closes ? [1, 0] : [0, 1]);
    vi.advanceTimersByTime(2_000);
    expect(assign).toHaveBeenCalledTimes(1);
    vi.useRealTimers();
  });

  it('offers anew when the way of the media breaks', async () => {
    vi.useFakeTimers();
    const { signal, meeting } = setUp();
    meeting.join('Anna', null);
    signal.tell(joined());
    await vi.advanceTimersByTimeAsync(10);
    peers[0]!.events.connected();
    peers[0]!.events.lost();
    await vi.advanceTimersByTimeAsync(600);
    expect(signal.types().filter((type) => type === 'offer')).toHaveLength(2);
    vi.useRealTimers();
  });
});
