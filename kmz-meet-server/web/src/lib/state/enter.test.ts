import { describe, expect, it } from 'vitest';
import { sends } from './enter';

const enter = { key: 'Enter', shiftKey: false, isComposing: false, keyCode: 13 };

describe('Enter in the chat', () => {
  it.each([
    ['sends', {}, true],
    ['with Shift begins a new line', { shiftKey: true }, false],
    ['that chooses among signs, in Chromium and Firefox', { isComposing: true, keyCode: 229 }, false],
    ['that ends the composing, in Safari', { keyCode: 229 }, false],
    ['of a keyboard of Android that composes all words', { isComposing: true, keyCode: 0 }, false],
    ['is not the only key', { key: 'a', keyCode: 65 }, false],
  ])('%s', (_, more, expected) => expect(sends({ ...enter, ...more })).toBe(expected));
});
