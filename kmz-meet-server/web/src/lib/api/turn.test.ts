import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from './http';
import { MAX_TRIES, pauseBefore, untilTurn } from './turn';

const noTurn = (): ApiError => new ApiError(429, 'no_turn', {}, 1);

describe('a turn while very many sign in', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is waited for, and announced once', async () => {
    const attempt = vi.fn<() => Promise<string>>();
    attempt.mockRejectedValueOnce(noTurn()).mockRejectedValueOnce(noTurn()).mockResolvedValue('in');
    const waiting = vi.fn();
    const signedIn = untilTurn(attempt, waiting, new AbortController().signal);
    await vi.advanceTimersByTimeAsync(10_000);
    await expect(signedIn).resolves.toBe('in');
    expect(attempt).toHaveBeenCalledTimes(3);
    expect(waiting).toHaveBeenCalledTimes(1);
  });

  it('is not waited for endlessly', async () => {
    const attempt = vi.fn(() => Promise.reject(noTurn()));
    const signedIn = untilTurn(attempt, () => undefined, new AbortController().signal);
    const told = expect(signedIn).rejects.toMatchObject({ code: 'no_turn' });
    await vi.advanceTimersByTimeAsync(MAX_TRIES * 10_000);
    await told;
    expect(attempt).toHaveBeenCalledTimes(MAX_TRIES);
  });

  it('is waited for until the cookie is old enough', () => {
    let milliseconds = 0;
    for (let tries = 1; tries < MAX_TRIES; tries += 1) milliseconds += pauseBefore(tries, 1, () => 0);
    expect(milliseconds).toBeGreaterThan(3 * 60_000);
    expect(pauseBefore(1, 5, () => 0)).toBe(5_000);
  });

  it.each([
    [401, 'wrong_credentials'],
    [429, 'too_many_attempts'],
    [403, 'account_locked'],
    [0, 'offline'],
  ])('%i %s is told at once', async (status, code) => {
    const attempt = vi.fn(() => Promise.reject(new ApiError(status, code, {}, 1)));
    const waiting = vi.fn();
    await expect(untilTurn(attempt, waiting, new AbortController().signal)).rejects.toMatchObject({ code });
    expect(attempt).toHaveBeenCalledTimes(1);
    expect(waiting).not.toHaveBeenCalled();
  });

  it('is not waited for after a stop', async () => {
    const attempt = vi.fn(() => Promise.reject(noTurn()));
    const stop = new AbortController();
    const signedIn = untilTurn(attempt, () => stop.abort(), stop.signal);
    await expect(signedIn).resolves.toBeNull();
    expect(attempt).toHaveBeenCalledTimes(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});
