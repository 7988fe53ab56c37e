import { describe, expect, it, vi } from 'vitest';
import { OneAtATime } from './one-at-a-time.svelte';

describe('one at a time', () => {
  it('does nothing at a second press before the first is over', async () => {
    const one = new OneAtATime();
    let finish = (): void => {};
    const first = one.run(() => new Promise<void>((resolve) => (finish = resolve)));
    const second = vi.fn(() => Promise.resolve());
    expect(one.busy).toBe(true);
    await one.run(second);
    expect(second).not.toHaveBeenCalled();
    finish();
    await first;
    expect(one.busy).toBe(false);
    await one.run(second);
    expect(second).toHaveBeenCalledOnce();
  });

  it('goes on after what failed', async () => {
    const one = new OneAtATime();
    await expect(one.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(one.busy).toBe(false);
  });
});
