import { describe, expect, it } from 'vitest';
import { loudness } from './level';

describe('loudness', () => {
  const tone = (amplitude: number) => Float32Array.from({ length: 1024 }, (_, i) => amplitude * Math.sin(i / 5));

  it('is 0 in silence and 1 when very loud', () => {
    expect(loudness(new Float32Array(1024))).toBe(0);
    expect(loudness(tone(1))).toBe(1);
    expect(loudness(new Float32Array(0))).toBe(0);
  });

  it('grows with the voice', () => {
    expect(loudness(tone(0.1))).toBeGreaterThan(loudness(tone(0.01)));
    expect(loudness(tone(0.1))).toBeGreaterThan(0.4);
  });
});
