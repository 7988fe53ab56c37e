import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ClientMessage } from '../../generated/ClientMessage';
import type { Peer, PeerEvents, Watched, Way } from './peer';
import { relayServer, relayWasNeeded, rememberRelay } from './relay';
import { MediaSession } from './session.svelte';
import type { Sources } from './sources.svelte';

const peers: { events: PeerEvents; closed: boolean; relay: RTCIceServer | null; watched: (Watched | null)[] }[] = [];
let way: Way | null = 'direct';

function makePeer(_slots: number, events: PeerEvents, relay: RTCIceServer | null): Peer {
  const record: (typeof peers)[number] = { events, closed: false, relay, watched: [] };
  peers.push(record);
  return {
    audio: [],
    video: [],
    screen: {} as MediaStream,
    offer: () => Promise.resolve({ sdp: 'v=0', sections: { audio_slots: [], video_slots: [] } }),
    answer: () => Promise.resolve(),
    attach: () => Promise.resolve(),
    watch: (watched) => Promise.resolve(void record.watched.push(watched)),
    way: () => Promise.resolve(way),
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

  it('takes the peer that was prepared while the way in was still on', async () => {
    const said: ClientMessage[] = [];
    const session = new MediaSession({} as Sources, (message) => said.push(message) > 0, makePeer);
    session.prepare();
    session.prepare();
    expect([session.state, said.length]).toEqual(['off', 0]);
    await session.start(false);
    await vi.advanceTimersByTimeAsync(0);
    expect([peers.length, said.length]).toEqual([1, 1]);
    peers[0]?.events.connected();
    expect(session.state).toBe('connected');
  });

  it('offers what was prepared before the conference is drawn, and the tracks after it', async () => {
    const said: string[] = [];
    const make: typeof makePeer = (...given) => ({
      ...makePeer(...given),
      offered: () => ({ sdp: 'v=0', sections: { audio_slots: [], video_slots: [] } }),
      attach: (what) => Promise.resolve(void said.push(what)),
    });
    const session = new MediaSession({} as Sources, ({ type }) => said.push(type) > 0, make);
    session.prepare();
    const started = session.start(false);
    expect(said[0]).toBe('offer');
    await started;
    expect(said).toEqual(['offer', 'microphone', 'camera', 'screen', 'screen_sound']);
  });

  it('awaits the answer to an offer for a moment, so that nothing large is drawn before it', async () => {
    const session = new MediaSession({} as Sources, () => true, makePeer);
    expect(session.awaitsAnswer).toBe(false);
    await session.start(false);
    await vi.advanceTimersByTimeAsync(0);
    expect(session.awaitsAnswer).toBe(true);
    const taken = session.answer('v=0');
    expect(session.awaitsAnswer).toBe(false);
    await taken;
    // A server that does not answer keeps nobody from the conference.
    await session.start(false);
    await vi.advanceTimersByTimeAsync(199);
    expect(session.awaitsAnswer).toBe(true);
    await vi.advanceTimersByTimeAsync(1);
    expect(session.awaitsAnswer).toBe(false);
    await session.start(false);
    await vi.advanceTimersByTimeAsync(0);
    session.stop();
    expect(session.awaitsAnswer).toBe(false);
  });

  it('makes another peer than one that was prepared long ago, and closes that one', async () => {
    const session = new MediaSession({} as Sources, () => true, makePeer);
    session.prepare();
    await vi.advanceTimersByTimeAsync(60_001);
    await session.start(false);
    await vi.advanceTimersByTimeAsync(0);
    expect(peers.map(({ closed }) => closed)).toEqual([true, false]);
    session.stop();
    session.prepare();
    session.stop();
    expect(peers.map(({ closed }) => closed)).toEqual([true, true, true]);
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

  it('sends what is watched, also after a reconnection until the server tells again what is', async () => {
    const { session } = await connected();
    const watched = { camera: ['q'], screen: ['h'] };
    await session.watched(watched);
    await session.start(true);
    expect(peers[0]?.watched).toEqual([watched]);
    const again = { camera: ['q', 'h'], screen: ['h'] };
    await session.watched(again);
    expect(peers[0]?.watched).toEqual([watched, again]);
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

describe('a camera that is held back', () => {
  const track = { id: 'camera' } as MediaStreamTrack;
  beforeEach(() => {
    vi.stubGlobal('screen', { width: 1366, height: 768 });
    vi.stubGlobal('devicePixelRatio', 1);
    vi.stubGlobal('matchMedia', () => ({ matches: false }));
    vi.stubGlobal('navigator', {});
  });
  afterEach(() => vi.unstubAllGlobals());

  it('is not sent, in a new session neither, until it is let go of', async () => {
    const sent: (MediaStreamTrack | null)[] = [];
    const sources = { camera: track, microphone: null, screen: null, screenSound: null } as unknown as Sources;
    const session = new MediaSession(
      sources,
      () => true,
      (slots, events, relay) => ({
        ...makePeer(slots, events, relay),
        attach: (what, given) => {
          if (what === 'camera') sent.push(given);
          return Promise.resolve();
        },
      }),
    );
    session.holdCamera(true);
    await session.start(false);
    expect(sent).toEqual([null]);
    await sources.onTrack('camera', track);
    expect(sent).toEqual([null, null]);
    session.holdCamera(false);
    session.holdCamera(false);
    expect(sent).toEqual([null, null, track]);
    session.holdCamera(true);
    expect(sent).toEqual([null, null, track, null]);
    session.stop();
    session.holdCamera(false);
    await session.start(false);
    expect(sent.at(-1)).toBe(track);
    session.stop();
  });
});

describe('a session in a network that blocks UDP', () => {
  const relay = { username: 'anna', password: 'secret' };
  const store = new Map<string, string>();
  const begin = async (): Promise<{ session: MediaSession; said: ClientMessage[] }> => {
    const said: ClientMessage[] = [];
    const session = new MediaSession({} as Sources, (message) => said.push(message) > 0, makePeer);
    await session.start(false, relay);
    await vi.advanceTimersByTimeAsync(0);
    return { session, said };
  };

  beforeEach(() => {
    peers.length = 0;
    way = 'direct';
    store.clear();
    vi.useFakeTimers();
    vi.stubGlobal('screen', { width: 1366, height: 768 });
    vi.stubGlobal('devicePixelRatio', 1);
    vi.stubGlobal('matchMedia', () => ({ matches: false }));
    vi.stubGlobal('navigator', {});
    vi.stubGlobal('location', { protocol: 'https:', hostname: 'meet.example', port: '' });
    vi.stubGlobal('localStorage', {
      getItem: (key: string) => store.get(key) ?? null,
      setItem: (key: string, value: string) => store.set(key, value),
      removeItem: (key: string) => store.delete(key),
    });
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it('tries the direct way first, then the relay at once, and remembers what worked', async () => {
    const { session } = await begin();
    expect(peers[0]?.relay).toBeNull();
    peers[0]?.events.lost();
    await vi.advanceTimersByTimeAsync(0);
    expect(session.failing).toBe(false);
    expect(peers[1]?.relay?.urls).toBe('turns:meet.example:443?transport=tcp');
    way = 'relay';
    peers[1]?.events.connected();
    await vi.advanceTimersByTimeAsync(0);
    expect(session.way).toBe('relay');
    expect(relayWasNeeded()).toBe(true);
    session.stop();

    await begin();
    expect(peers[2]?.relay?.username).toBe('anna');
  });

  it('asks again which way it takes until the browser knows', async () => {
    way = null;
    const { session } = await connected();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(session.way).toBeNull();
    way = 'relay';
    await vi.advanceTimersByTimeAsync(1_000);
    expect(session.way).toBe('relay');
    expect(relayWasNeeded()).toBe(true);
  });

  it('forgets the relay where the direct way goes through again', async () => {
    rememberRelay(true);
    const { session } = await begin();
    expect(peers[0]?.relay).not.toBeNull();
    peers[0]?.events.connected();
    await vi.advanceTimersByTimeAsync(0);
    expect(session.way).toBe('direct');
    expect(relayWasNeeded()).toBe(false);
    session.stop();
  });

  it('takes the relay when the direct way ends during a conference', async () => {
    const { session } = await begin();
    peers[0]?.events.connected();
    await vi.advanceTimersByTimeAsync(60_000);
    peers[0]?.events.lost();
    await vi.advanceTimersByTimeAsync(0);
    expect(peers[1]?.relay).not.toBeNull();
    session.stop();
  });

  it('says that it fails when the relay does not get through either', async () => {
    const { session } = await begin();
    for (const peer of [0, 1, 2]) {
      peers[peer]?.events.lost();
      await vi.advanceTimersByTimeAsync(10_000);
    }
    expect(session.failing).toBe(true);
    session.stop();
  });

  it('has the relay at the port of its page, with TLS as the page has it', () => {
    const urls = (protocol: string, port: string): unknown =>
      relayServer(relay, { protocol, hostname: 'meet.example', port }).urls;
    expect(urls('https:', '8443')).toBe('turns:meet.example:8443?transport=tcp');
    expect(urls('http:', '8080')).toBe('turn:meet.example:8080?transport=tcp');
    expect(urls('http:', '')).toBe('turn:meet.example:80?transport=tcp');
  });

  it('remembers for a day', () => {
    rememberRelay(true, 1_000);
    expect(relayWasNeeded(2_000)).toBe(true);
    expect(relayWasNeeded(1_000 + 24 * 60 * 60 * 1000)).toBe(false);
  });
});
