/* Only for tests of a meeting: a media session and a browser that are none. */
import { vi } from 'vitest';
import type { Participant } from '../../generated/Participant';
import type { Policy } from '../../generated/Policy';
import type { Safety } from '../../generated/Safety';
import type { ServerMessage } from '../../generated/ServerMessage';
import type { Peer } from '../media/peer';
import { FakeSignal, joinedAmong, person } from '../signal/fakes';
import { Meeting } from './meeting.svelte';

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
    watch: () => Promise.resolve(),
    way: () => Promise.resolve('direct' as const),
    close: () => (record.closed = true),
  };
}

export const me = person();
export const ben = person({ id: 'ben', name: 'Ben' });

export const joined = (
  more: { me?: Partial<Participant>; policy?: Partial<Policy>; kept?: boolean; safety?: Partial<Safety> } = {},
): ServerMessage => joinedAmong([person(more.me)], more);

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
