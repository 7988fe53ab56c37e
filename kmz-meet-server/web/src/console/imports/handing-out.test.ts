import { flushSync } from 'svelte';
import { toStore } from 'svelte/store';
import { describe, expect, it, vi } from 'vitest';
import { HandingOut, type Step } from './handing-out.svelte';

const step = (count: number, next?: number, leftOut = 0): Step<number> => ({ count, leftOut, next });

describe('handing out', () => {
  it('goes on until all were looked at, and says what all steps did', async () => {
    const steps = vi.fn<() => Promise<Step<number>>>();
    steps.mockResolvedValueOnce(step(500, 500, 1)).mockResolvedValueOnce(step(20, undefined, 2));
    expect(await new HandingOut<number>().goOn(steps)).toEqual({ count: 520, leftOut: 3 });
    expect(steps.mock.calls).toEqual([
      [undefined, 0],
      [500, 500],
    ]);
  });

  it('after a failed step goes on where that began, and counts what was before', async () => {
    const out = new HandingOut<number>();
    const steps = vi.fn<() => Promise<Step<number>>>();
    steps.mockResolvedValueOnce(step(500, 500)).mockRejectedValueOnce(new Error('offline'));
    await expect(out.goOn(steps)).rejects.toThrow('offline');
    expect(out.isHalfway).toBe(true);
    steps.mockResolvedValueOnce(step(20));
    expect(await out.goOn(steps)).toEqual({ count: 520, leftOut: 0 });
    expect(steps).toHaveBeenLastCalledWith(500, 500);
  });

  it('tells the page that it is halfway, until it went on to the end', async () => {
    const out = new HandingOut<number>();
    const shown: boolean[] = [];
    const stop = toStore(() => out.isHalfway).subscribe((isHalfway) => shown.push(isHalfway));
    const steps = vi.fn<() => Promise<Step<number>>>();
    steps.mockResolvedValueOnce(step(500, 500)).mockRejectedValueOnce(new Error('offline'));
    await expect(out.goOn(steps)).rejects.toThrow('offline');
    flushSync();
    await out.goOn(() => Promise.resolve(step(20)));
    flushSync();
    stop();
    expect(shown).toEqual([false, true, false]);
  });

  it('begins anew when it is done', async () => {
    const out = new HandingOut<number>();
    await out.goOn(() => Promise.resolve(step(3)));
    expect(out.isHalfway).toBe(false);
    expect(await out.goOn(() => Promise.resolve(step(2)))).toEqual({ count: 2, leftOut: 0 });
  });
});
