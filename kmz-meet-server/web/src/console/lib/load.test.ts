import { describe, expect, it, vi } from 'vitest';
import { allOf } from './load.svelte';

describe('all pages of a list', () => {
  it('are read until there is no next one, however many there are', async () => {
    const read = vi.fn((after: string | undefined) => {
      const page = Number(after ?? 0);
      return Promise.resolve({ rows: [page], next: page < 49 ? String(page + 1) : undefined });
    });
    expect(await allOf(read)).toEqual(Array.from({ length: 50 }, (_, page) => page));
    expect(read).toHaveBeenCalledTimes(50);
  });

  it('that lead in a circle are refused', async () => {
    await expect(allOf(() => Promise.resolve({ rows: [1], next: '7' }))).rejects.toThrow('leads to itself');
  });
});
