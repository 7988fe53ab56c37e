import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Sending } from './sending';

const video = { kind: 'video' } as MediaStreamTrack;
const audio = { kind: 'audio' } as MediaStreamTrack;

/** A sender that notes what is done with it: tracks, and the encodings that are sent. */
function sender(track: MediaStreamTrack | null, refuses = false) {
  const done: unknown[] = [];
  let refusals = refuses ? Number.POSITIVE_INFINITY : 0;
  let encodings: RTCRtpEncodingParameters[] = [{ rid: 'q' }, { rid: 'f' }];
  const fake = {
    track,
    getParameters: () => ({ encodings: encodings.map((one) => ({ ...one })) }),
    setParameters: (parameters: { encodings: RTCRtpEncodingParameters[] }) => {
      if (refusals > 0) {
        refusals -= 1;
        return Promise.reject(new Error('not now'));
      }
      encodings = parameters.encodings;
      done.push(encodings.filter(({ active }) => active !== false).map(({ rid }) => rid));
      return Promise.resolve();
    },
    replaceTrack: (next: MediaStreamTrack | null) => {
      fake.track = next;
      done.push(next);
      return Promise.resolve();
    },
  };
  const refuse = (times: number): void => void (refusals = times);
  return { sending: new Sending(fake as unknown as RTCRtpSender), done, refuse, left: () => refusals };
}

describe('a track that is taken away', () => {
  it('stops its picture, and begins again with the next one', async () => {
    const { sending, done } = sender(video);
    await sending.attach(null);
    expect(done).toEqual([[], null]);
    await sending.attach(video);
    expect(done).toEqual([[], null, video, ['q', 'f']]);
  });

  it('is all that is touched where nothing was sent, or where it is a voice', async () => {
    const picture = sender(null);
    await picture.sending.attach(null);
    await picture.sending.attach(video);
    expect(picture.done).toEqual([null, video]);
    const voice = sender(audio);
    await voice.sending.attach(null);
    await voice.sending.attach(audio);
    expect(voice.done).toEqual([null, audio]);
  });

  it('goes also in a browser that cannot stop an encoding', async () => {
    const { sending, done } = sender(video, true);
    await sending.attach(null);
    expect(done).toEqual([null]);
  });
});

describe('the encodings that are sent', () => {
  it('are those that are watched', async () => {
    const { sending, done } = sender(video);
    await sending.watch(['q']);
    await sending.watch(['q']);
    await sending.watch(['q', 'f']);
    expect(done).toEqual([['q'], ['q', 'f']]);
  });

  it('are all while nobody says what is watched', async () => {
    const { sending, done } = sender(video);
    await sending.watch(['f']);
    await sending.watch(null);
    expect(done).toEqual([['f'], ['q', 'f']]);
  });

  it('are never none', async () => {
    const { sending, done } = sender(video);
    await sending.watch(['x']);
    expect(done).toEqual([]);
  });

  it('stay off without a track, and are those that were watched meanwhile when there is one', async () => {
    const { sending, done } = sender(video);
    await sending.attach(null);
    await sending.watch(['q']);
    await sending.attach(video);
    expect(done).toEqual([[], null, video, ['q']]);
  });

  it('change one after the other', async () => {
    const { sending, done } = sender(video);
    await Promise.all([sending.watch(['q']), sending.attach(null), sending.attach(video)]);
    expect(done).toEqual([['q'], [], null, video, ['q']]);
  });

  it('are left alone once the session is closed', async () => {
    const { sending, done } = sender(video);
    sending.close();
    await Promise.all([sending.watch(['q']), sending.attach(null)]);
    expect(done).toEqual([]);
  });
});

describe('encodings that the browser did not set', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('are tried again until they are', async () => {
    const { sending, done, refuse } = sender(video);
    await sending.watch(['q']);
    refuse(2);
    await sending.watch(['q', 'f']);
    await vi.advanceTimersByTimeAsync(300);
    expect(done).toEqual([['q']]);
    await vi.advanceTimersByTimeAsync(500);
    expect(done).toEqual([['q'], ['q', 'f']]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(done).toHaveLength(2);
  });

  it('are those that are watched by then', async () => {
    const { sending, done, refuse } = sender(video);
    await sending.watch(['q']);
    refuse(1);
    await sending.watch(['q', 'f']);
    await sending.watch(['q']);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(done).toEqual([['q']]);
  });

  it('are tried again where a picture has to stop, also after its track is gone', async () => {
    const { sending, done, refuse } = sender(video);
    refuse(1);
    await sending.attach(null);
    expect(done).toEqual([null]);
    await vi.advanceTimersByTimeAsync(300);
    expect(done).toEqual([null, []]);
  });

  it('are not tried for ever, and not at all once the session is closed', async () => {
    const hopeless = sender(video);
    hopeless.refuse(100);
    await hopeless.sending.watch(['q']);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(hopeless.left()).toBe(93);
    const closed = sender(video);
    closed.refuse(1);
    await closed.sending.watch(['q']);
    closed.sending.close();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(closed.done).toEqual([]);
  });
});
