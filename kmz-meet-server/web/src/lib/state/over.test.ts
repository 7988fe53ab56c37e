import { describe, expect, it } from 'vitest';
import { mayRetry, needsSignIn, overOf, wasTaken } from './over';

describe('the end of a visit', () => {
  it('by an ended session is no removal: the way back leads through the sign-in', () => {
    const over = overOf('signed_out', false);
    expect([over, needsSignIn(over), mayRetry(over), wasTaken(over)]).toEqual(['signed_out', true, false, false]);
    expect(overOf('signed_out', true)).toBe('signed_out');
    expect(needsSignIn('removed')).toBe(false);
  });

  it('by a pass that is over is not tried again', () => {
    const over = overOf('pass_ended', false);
    expect([over, mayRetry(over), needsSignIn(over)]).toEqual(['pass_ended', false, false]);
    expect([mayRetry('card_ended'), needsSignIn('card_ended'), mayRetry('closed')]).toEqual([false, false, true]);
  });
});
