import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fittingSize, openDocumentCamera, openPhoto } from './tracks';

describe('size of a photo', () => {
  it.each([
    [4032, 3024, 1920, 1440],
    [3024, 4032, 1440, 1920],
    [801, 601, 802, 602],
    [1, 9000, 2, 1920],
    [0, 0, 2, 2],
  ])('%i × %i is sent as %i × %i', (width, height, toWidth, toHeight) => {
    const size = fittingSize(width, height);
    expect(Math.abs(size.width - toWidth)).toBeLessThanOrEqual(2);
    expect(Math.abs(size.height - toHeight)).toBeLessThanOrEqual(2);
    expect([size.width % 2, size.height % 2]).toEqual([0, 0]);
  });
});

describe('photo', () => {
  const track = { readyState: 'live', contentHint: '' };
  const photo = { width: 400, height: 300, close: vi.fn() };
  const drawImage = vi.fn();

  beforeEach(() => {
    vi.useFakeTimers();
    track.readyState = 'live';
    vi.stubGlobal('createImageBitmap', (file: Blob) =>
      file.size > 0 ? Promise.resolve(photo) : Promise.reject(new DOMException('', 'InvalidStateError')),
    );
    vi.stubGlobal('document', {
      createElement: () => ({
        getContext: () => ({ fillRect: vi.fn(), drawImage }),
        captureStream: () => ({ getVideoTracks: () => [track] }),
      }),
    });
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
    vi.clearAllMocks();
  });

  it('is drawn again for those who come in later, until it is shown no more', async () => {
    const { main, sound } = await openPhoto(new Blob(['x']));
    expect([main.contentHint, sound]).toEqual(['detail', null]);
    vi.advanceTimersByTime(1_000);
    expect(drawImage).toHaveBeenCalledTimes(3);
    track.readyState = 'ended';
    vi.advanceTimersByTime(5_000);
    expect(drawImage).toHaveBeenCalledTimes(3);
    expect(photo.close).toHaveBeenCalledOnce();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('that is no picture is refused', async () => {
    await expect(openPhoto(new Blob([]))).rejects.toThrow();
  });
});

it('document camera is the one on the back, if there is one', async () => {
  const asked: MediaStreamConstraints[] = [];
  vi.stubGlobal('navigator', {
    mediaDevices: {
      getUserMedia: (constraints: MediaStreamConstraints) => {
        asked.push(constraints);
        return Promise.resolve({ getVideoTracks: () => [{ contentHint: '' }] });
      },
    },
  });
  expect((await openDocumentCamera()).main.contentHint).toBe('detail');
  expect(asked).toMatchObject([{ video: { facingMode: { ideal: 'environment' } } }]);
  expect(asked[0]).not.toHaveProperty('audio');
  vi.unstubAllGlobals();
});
