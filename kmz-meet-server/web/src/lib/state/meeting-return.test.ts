import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { session } from '../api/session.svelte';
import { FakeSignal } from '../signal/fakes';
import { loadName } from '../signal/seat';
import type { Entry } from './entry';
import { joined, makePeer, peers, setUp, settle, stubBrowser, tracks } from './meeting.fakes';
import { Meeting } from './meeting.svelte';

describe('a visit', () => {
  beforeEach(stubBrowser);
  afterEach(() => vi.unstubAllGlobals());

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

  it('tells the server what is still on after a lost connection', async () => {
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

  it('asks a person with a new ticket first, and sends the seat beside it', () => {
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

  it('joins by the name when the seat is not valid any more', () => {
    const first = setUp();
    first.meeting.join('Anna', null);
    first.signal.tell(joined());
    const { signal, meeting } = setUp();
    meeting.resume();
    signal.tell({ type: 'refused', reason: 'bad_seat' });
    expect(signal.joins[1]).toEqual({ type: 'join', room: 'r', name: 'Anna' });
    expect(meeting.phase).toBe('connecting');
  });

  it('says goodbye when the page is closed, captures nothing, and returns by the seat when the page is shown again', async () => {
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
    // The other window got a new seat: this one joins by the name.
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

  it('offers again when the media connection breaks', async () => {
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
