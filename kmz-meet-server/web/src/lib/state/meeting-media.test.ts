import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ScreenTracks } from '../media/capture';
import { FakeTrack, joined, me, setUp, stubBrowser, tracks } from './meeting.fakes';

describe('a visit', () => {
  beforeEach(stubBrowser);
  afterEach(() => vi.unstubAllGlobals());

  it('joins muted and with the camera off, although both were tried before', async () => {
    const { signal, meeting } = setUp();
    await meeting.sources.turnOn('camera');
    await meeting.sources.turnOn('microphone');
    meeting.join('Anna', null);
    signal.tell(joined());
    expect(tracks.map((track) => track.stopped)).toEqual([true, true]);
    expect(signal.types()).not.toContain('set_source');
  });

  it('shows a photo in place of a screen, and only one', async () => {
    const { signal, meeting } = setUp();
    const photo = (): { track: FakeTrack; tracks: ScreenTracks } => {
      const track = new FakeTrack();
      return { track, tracks: { main: track as unknown as MediaStreamTrack, sound: null } };
    };
    const [before, first, second] = [photo(), photo(), photo()];
    await meeting.showInstead(before.tracks);
    expect(before.track.stopped).toBe(true);
    meeting.join('Anna', null);
    signal.tell(joined());
    await meeting.showInstead(first.tracks);
    await meeting.showInstead(second.tracks);
    expect([first.track.stopped, second.track.stopped]).toEqual([false, true]);
    await meeting.setSource('screen', false);
    expect(first.track.stopped).toBe(true);
    expect(signal.said.filter((message) => message.type === 'set_source')).toEqual([
      { type: 'set_source', source: 'screen', on: true },
      { type: 'set_source', source: 'screen', on: false },
    ]);
  });

  it('keeps on what the room allows and the person turned on', async () => {
    const { signal, meeting } = setUp();
    await meeting.sources.turnOn('microphone');
    meeting.join('Anna', null);
    signal.tell(joined({ policy: { microphone_on_at_join: true, camera_on_at_join: true } }));
    expect(signal.said).toContainEqual({ type: 'set_source', source: 'microphone', on: true });
    expect(signal.said).not.toContainEqual({ type: 'set_source', source: 'camera', on: true });
  });

  it.each([
    ['stays off when the room does not let it stay on', false],
    ['is on and reported to the server when it may stay on', true],
  ])('a camera that is permitted only after joining %s', async (_, stays) => {
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

  it('stops capturing what a moderator turned off and what the server revoked', async () => {
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

  it('stops capturing what was never permitted', async () => {
    const { signal, meeting } = setUp();
    meeting.join('Anna', null);
    signal.tell(joined());
    await meeting.setSource('camera', true);
    signal.tell({ type: 'error', code: 'not_permitted' });
    expect(tracks[0]!.stopped).toBe(true);
  });

  it('shows a request of the moderator, and turns nothing on by it', () => {
    const { signal, meeting } = setUp();
    meeting.join('Anna', null);
    signal.tell(joined());
    signal.tell({ type: 'asked', source: 'microphone', by: 't' });
    expect(meeting.asked).toEqual({ source: 'microphone', by: 't' });
    expect(tracks).toHaveLength(0);
  });
});
