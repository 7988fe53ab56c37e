/* Only for tests of a meeting: a server, a media session and a browser that are none. */
import { vi } from 'vitest';
import type { ClientMessage } from '../../generated/ClientMessage';
import type { Participant } from '../../generated/Participant';
import type { Policy } from '../../generated/Policy';
import type { ServerMessage } from '../../generated/ServerMessage';
import type { Peer } from '../media/peer';
import type { Signal, SignalEvents } from '../signal/socket';
import { Meeting } from './meeting.svelte';

export class FakeSignal implements Signal {
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

export class FakeTrack {
  stopped = false;
  onended: (() => void) | null = null;
  contentHint = '';
  stop(): void {
    this.stopped = true;
  }
}

export const peers: { events: { connected(): void; lost(): void }; closed: boolean }[] = [];

export function makePeer(_slots: number, events: { connected(): void; lost(): void }): Peer {
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

export const me: Participant = {
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

export const ben: Participant = { ...me, id: 'ben', name: 'Ben' };

export const joined = (
  more: { me?: Partial<Participant>; policy?: Partial<Policy>; kept?: boolean } = {},
): ServerMessage => ({
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

export const settle = async (): Promise<void> => {
  for (let i = 0; i < 10; i += 1) await Promise.resolve();
};

export function setUp() {
  const signal = new FakeSignal();
  const meeting = new Meeting('r', signal, makePeer);
  return { signal, meeting };
}

export function sentHere() {
  const signal = new FakeSignal();
  const meeting = new Meeting('r', signal, makePeer, { token: 'a.b.c', name: 'Anna', title: 'Mathe 7b', leave: null });
  return { signal, meeting };
}

/** The tracks that the browser gave since it was stubbed. */
export const tracks: FakeTrack[] = [];

/** Stubs what a meeting uses of the browser, with nothing stored yet. */
export function stubBrowser(): void {
  peers.length = 0;
  tracks.length = 0;
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
}
