import { describe, expect, it } from 'vitest';
import { fits, videoSlots } from './peer';

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
