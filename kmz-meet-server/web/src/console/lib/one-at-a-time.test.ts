import { describe, expect, it, vi } from 'vitest';
import { OneAtATime } from './one-at-a-time.svelte';

describe('one at a time', () => {
  it('does nothing at a second press before the first is over', async () => {
    const one = new OneAtATime();
    let finish = (): void => {};
    const first = one.run(() => new Promise<string>((resolve) => (finish = () => resolve('first'))));
    const second = vi.fn(() => Promise.resolve('second'));
    expect(one.busy).toBe(true);
    expect(await one.run(second)).toBeUndefined();
    expect(second).not.toHaveBeenCalled();
    finish();
    expect(await first).toBe('first');
    expect(await one.run(second)).toBe('second');
  });

  it('goes on after what failed', async () => {
    const one = new OneAtATime();
    await expect(one.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(one.busy).toBe(false);
  });
});
