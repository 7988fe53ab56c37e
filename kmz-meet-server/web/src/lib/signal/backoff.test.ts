import { describe, expect, it } from 'vitest';
import { MAX_PAUSE, pause } from './backoff';

describe('pause before reconnecting', () => {
  it('spreads the first attempt over half a second', () => {
    expect(pause(0, () => 0)).toBe(0);
    expect(pause(0, () => 1)).toBe(500);
  });

  it('grows up to the longest pause', () => {
    expect(pause(1, () => 1)).toBe(1000);
    expect(pause(2, () => 1)).toBe(2000);
    for (let attempt = 0; attempt < 1000; attempt += 7) {
      expect(pause(attempt, () => 1)).toBeLessThanOrEqual(MAX_PAUSE);
      expect(pause(attempt, () => 0)).toBeGreaterThanOrEqual(0);
    }
  });

  it('keeps a random part, so that clients do not stay in step', () => {
    expect(pause(9, () => 0)).toBe(2500);
    expect(pause(9, () => 1)).toBe(5000);
  });
});
