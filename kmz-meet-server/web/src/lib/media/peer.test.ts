import { describe, expect, it } from 'vitest';
import { choose, fits, videoSlots } from './peer';

describe('the sizes that are sent', () => {
  const encodings = (): RTCRtpEncodingParameters[] => [
    { rid: 'q', active: true },
    { rid: 'h' },
    { rid: 'f', active: false },
  ];
  const chosen = (rids: readonly string[] | null): { changed: boolean; active: (string | undefined)[] } => {
    const all = encodings();
    const changed = choose(all, rids);
    return { changed, active: all.filter(({ active }) => active !== false).map(({ rid }) => rid) };
  };

  it('are those that are watched', () => {
    expect(chosen(['q'])).toEqual({ changed: true, active: ['q'] });
    expect(chosen(['q', 'h', 'f'])).toEqual({ changed: true, active: ['q', 'h', 'f'] });
    expect(chosen(['q', 'h'])).toEqual({ changed: false, active: ['q', 'h'] });
    expect(chosen(null).active).toEqual(['q', 'h', 'f']);
  });

  it('are never none', () => {
    expect(chosen(['x'])).toEqual({ changed: false, active: ['q', 'h'] });
  });
});

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
