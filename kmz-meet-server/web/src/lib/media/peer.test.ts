import { describe, expect, it } from 'vitest';
import { fits, send, videoSlots } from './peer';

describe('slots', () => {
  it('follow the device', () => {
    expect(videoSlots({ shortSide: 390, longSidePhysical: 2532, touch: true, cores: 6 })).toBe(9);
    expect(videoSlots({ shortSide: 768, longSidePhysical: 1366, touch: false, cores: 4 })).toBe(25);
    expect(videoSlots({ shortSide: 820, longSidePhysical: 2360, touch: true, cores: 8 })).toBe(25);
    expect(videoSlots({ shortSide: 2160, longSidePhysical: 3840, touch: false, cores: 16 })).toBe(49);
    expect(videoSlots({ shortSide: 2160, longSidePhysical: 3840, touch: false, cores: 2 })).toBe(25);
  });

  it('know what the server accepts', () => {
    expect(fits('x'.repeat(50_000))).toBe(true);
    expect(fits('x'.repeat(64 * 1024))).toBe(false);
  });
});

describe('what is sent', () => {
  const video = { kind: 'video' } as MediaStreamTrack;
  const audio = { kind: 'audio' } as MediaStreamTrack;

  /** A sender that notes what is done with it. */
  function sender(track: MediaStreamTrack | null, refuses = false) {
    const done: unknown[] = [];
    let encodings: RTCRtpEncodingParameters[] = [{ rid: 'q' }, { rid: 'f' }];
    const fake = {
      track,
      getParameters: () => ({ encodings: encodings.map((one) => ({ ...one })) }),
      setParameters: (parameters: { encodings: RTCRtpEncodingParameters[] }) => {
        if (refuses) return Promise.reject(new Error('not now'));
        encodings = parameters.encodings;
        done.push(encodings.map(({ active }) => active));
        return Promise.resolve();
      },
      replaceTrack: (next: MediaStreamTrack | null) => {
        fake.track = next;
        done.push(next);
        return Promise.resolve();
      },
    };
    return { fake: fake as unknown as RTCRtpSender, done };
  }

  it('stops with the track, and begins again with it', async () => {
    const { fake, done } = sender(video);
    await send(fake, null);
    expect(done).toEqual([[false, false], null]);
    await send(fake, video);
    expect(done).toEqual([[false, false], null, video, [true, true]]);
  });

  it('is not touched where nothing was sent, or where it is a voice', async () => {
    const { fake, done } = sender(null);
    await send(fake, null);
    await send(fake, video);
    expect(done).toEqual([null, video]);
    const voice = sender(audio);
    await send(voice.fake, null);
    await send(voice.fake, audio);
    expect(voice.done).toEqual([null, audio]);
  });

  it('loses its track also in a browser that cannot stop an encoding', async () => {
    const { fake, done } = sender(video, true);
    await send(fake, null);
    expect(done).toEqual([null]);
  });
});
