import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LOOK_EACH, Silence } from './silence';

describe('silence', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function watched(most: number): { packets: { came: number; fails: boolean }; told: string[]; silence: Silence } {
    const packets = { came: 7, fails: false };
    const told: string[] = [];
    const received = (): Promise<number> =>
      packets.fails ? Promise.reject(new Error('closed')) : Promise.resolve(packets.came);
    const silence = new Silence(received, most, { begins: () => told.push('begins'), lasts: () => told.push('lasts') });
    return { packets, told, silence };
  }

  it('is not there while packets come, however long the browser doubts the path', async () => {
    const { packets, told } = watched(LOOK_EACH);
    for (let look = 0; look < 100; look += 1) {
      packets.came += 1;
      await vi.advanceTimersByTimeAsync(LOOK_EACH);
    }
    expect(told).toEqual([]);
  });

  it('is told when it begins and when it lasts, once', async () => {
    const { told } = watched(3 * LOOK_EACH);
    await vi.advanceTimersByTimeAsync(LOOK_EACH);
    expect(told).toEqual(['begins']);
    await vi.advanceTimersByTimeAsync(LOOK_EACH);
    expect(told).toEqual(['begins']);
    await vi.advanceTimersByTimeAsync(10 * LOOK_EACH);
    expect(told).toEqual(['begins', 'lasts']);
  });

  it('begins anew after something came', async () => {
    const { packets, told } = watched(2 * LOOK_EACH);
    await vi.advanceTimersByTimeAsync(LOOK_EACH);
    packets.came += 1;
    await vi.advanceTimersByTimeAsync(2 * LOOK_EACH);
    expect(told).toEqual(['begins', 'begins']);
    await vi.advanceTimersByTimeAsync(LOOK_EACH);
    expect(told).toEqual(['begins', 'begins', 'lasts']);
  });

  it('lasts where nothing can be counted', async () => {
    const { packets, told } = watched(LOOK_EACH);
    packets.fails = true;
    await vi.advanceTimersByTimeAsync(3 * LOOK_EACH);
    expect(told).toEqual(['begins', 'lasts']);
  });

  it('is told no more after its end', async () => {
    const { told, silence } = watched(LOOK_EACH);
    silence.end();
    await vi.advanceTimersByTimeAsync(10 * LOOK_EACH);
    expect(told).toEqual([]);
  });
});
