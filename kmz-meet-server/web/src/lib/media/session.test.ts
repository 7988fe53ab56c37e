import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ClientMessage } from '../../generated/ClientMessage';
import type { Peer, PeerEvents } from './peer';
import { MediaSession } from './session.svelte';
import type { Sources } from './sources.svelte';

const peers: { events: PeerEvents; closed: boolean }[] = [];

function makePeer(_slots: number, events: PeerEvents): Peer {
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

async function connected(): Promise<{ session: MediaSession; said: ClientMessage[] }> {
  const said: ClientMessage[] = [];
  const session = new MediaSession({} as Sources, (message) => said.push(message) > 0, makePeer);
  await session.start(false);
  await vi.advanceTimersByTimeAsync(0);
  peers[0]?.events.connected();
  expect(session.state).toBe('connected');
  expect(said).toHaveLength(1);
  return { session, said };
}

describe('a session whose connection breaks', () => {
  beforeEach(() => {
    peers.length = 0;
    vi.useFakeTimers();
    vi.stubGlobal('screen', { width: 1366, height: 768 });
    vi.stubGlobal('devicePixelRatio', 1);
    vi.stubGlobal('matchMedia', () => ({ matches: false }));
    vi.stubGlobal('navigator', {});
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it('is offered again as soon as the server is reached over another network', async () => {
    const { session, said } = await connected();
    await vi.advanceTimersByTimeAsync(60_000);
    peers[0]?.events.interrupted();
    await session.start(true);
    await vi.advanceTimersByTimeAsync(0);
    expect(said).toHaveLength(2);
    expect(peers[0]?.closed).toBe(true);
  });

  it('is offered again at once when the browser notices the break after the server was reached again', async () => {
    const { session, said } = await connected();
    await vi.advanceTimersByTimeAsync(60_000);
    await session.start(true);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(said).toHaveLength(1);
    peers[0]?.events.interrupted();
    await vi.advanceTimersByTimeAsync(0);
    expect(said).toHaveLength(2);
  });

  it('survives a hiccup, and is offered without a pause when it was no hiccup', async () => {
    const { said } = await connected();
    await vi.advanceTimersByTimeAsync(60_000);
    peers[0]?.events.interrupted();
    await vi.advanceTimersByTimeAsync(1_000);
    peers[0]?.events.connected();
    expect(said).toHaveLength(1);
    peers[0]?.events.interrupted();
    peers[0]?.events.lost();
    await vi.advanceTimersByTimeAsync(0);
    expect(said).toHaveLength(2);
    peers[1]?.events.lost();
    await vi.advanceTimersByTimeAsync(0);
    expect(said).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(said).toHaveLength(3);
  });
});
