import { describe, expect, it } from 'vitest';
import { TEXTS as console } from '../../console/drops/words';
import { TEXTS as drop } from '../../drop/words';

/** Every text with its path; functions are called with sample arguments. */
function texts(value: unknown, path = ''): [string, string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value === 'function') return [[path, (value as (a: unknown, b: unknown) => string)(3, 4)]];
  return Object.entries(value as Record<string, unknown>).flatMap(([key, inner]) => texts(inner, `${path}.${key}`));
}

describe('texts of sealed lists', () => {
  it.each([
    ['console', console],
    ['page of a link', drop],
  ] as const)('of the %s are there in both languages, and none is broken', (_, languages) => {
    expect(texts(languages.de).map(([path]) => path)).toEqual(texts(languages.en).map(([path]) => path));
    for (const [path, text] of [...texts(languages.de), ...texts(languages.en)]) {
      expect(text.trim(), path).not.toBe('');
      expect(text, path).not.toMatch(/undefined|NaN|\[object/);
    }
  });
});
