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

/** What browsers report when Enter takes the sign that an input method proposes, and then sends the message. */
describe('an input method', () => {
  const down = (more: Partial<typeof enter>) => ({ ...enter, ...more });
  it.each<[string, ReturnType<typeof down>[]]>([
    [
      'Chromium and Firefox: the key comes before the end of the composing',
      [down({ isComposing: true, keyCode: 229 }), down({})],
    ],
    ['Safari: the key comes after it, and only its number tells', [down({ keyCode: 229 }), down({})]],
    ['an older Firefox: all keys of it come without a number', [down({ isComposing: true, keyCode: 0 }), down({})]],
    ['two words in a row', [down({ keyCode: 229 }), down({ isComposing: true, keyCode: 229 }), down({})]],
  ])('%s', (_, keys) => expect(keys.map((key) => sends(key))).toEqual([...keys.slice(1).map(() => false), true]));
});
