import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadSeat } from '../signal/seat';
import { keepEntry, loadEntry } from './entry';
import { joined, peers, sentHere, setUp, settle, stubBrowser, tracks } from './meeting.fakes';

describe('a visit', () => {
  beforeEach(stubBrowser);
  afterEach(() => vi.unstubAllGlobals());

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

  it('tells a person from the lobby that they were not admitted, not that they were removed', () => {
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

  it('leads back only to the return URL of the server, and keeps it for a reload', () => {
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

  it('leads back from the lobby and gives up the place there', () => {
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

  it('leads nowhere when the ticket is not valid', () => {
    const assign = vi.fn();
    vi.stubGlobal('location', { assign });
    const { signal, meeting } = sentHere();
    meeting.join('Anna', null);
    signal.tell({ type: 'refused', reason: 'bad_seat' });
    expect([meeting.over, meeting.returnWay.url, meeting.returnWay.go()]).toEqual(['bad_ticket', null, false]);
    expect(assign).not.toHaveBeenCalled();
  });

  it('forgets the ticket and the seat of a substitute whose pass is over', () => {
    const { signal, meeting } = sentHere();
    meeting.join('Anna', null);
    signal.tell(joined());
    keepEntry('r', meeting.entry);
    expect([loadSeat('r')?.seat, loadEntry('r')?.token]).toEqual(['seat-1', 'a.b.c']);
    signal.tell({ type: 'refused', reason: 'pass_ended' });
    expect([meeting.over, loadSeat('r'), loadEntry('r')]).toEqual(['pass_ended', null, null]);
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
});
