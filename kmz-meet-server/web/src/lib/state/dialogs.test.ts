import { describe, expect, it } from 'vitest';
import { dialogs } from './dialogs.svelte';

describe('the topmost dialog', () => {
  it('is the one that opened last, and then the one below it', () => {
    expect(dialogs.top).toBeNull();
    const closeFirst = dialogs.open('first');
    const closeSecond = dialogs.open('second');
    expect(dialogs.top).toBe('second');
    closeSecond();
    expect(dialogs.top).toBe('first');
    closeFirst();
    expect(dialogs.top).toBeNull();
  });

  it('stays when one below it closes', () => {
    const closeFirst = dialogs.open('first');
    const closeSecond = dialogs.open('second');
    closeFirst();
    expect(dialogs.top).toBe('second');
    closeSecond();
  });
});
