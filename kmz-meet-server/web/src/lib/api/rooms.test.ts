import { describe, expect, it } from 'vitest';
import { nameProblem } from './rooms';

describe('name of a room', () => {
  it.each([
    ['mutiger-dachs-lomi-katu-reno', null],
    ['größe-7', null],
    ['ab', 'length'],
    ['x'.repeat(81), 'length'],
    ['mit leerzeichen', 'signs'],
    ['a/b/c', 'signs'],
  ])('%s: %s', (name, expected) => expect(nameProblem(name)).toBe(expected));
});
