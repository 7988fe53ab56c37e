import { describe, expect, it } from 'vitest';
import { cardCode } from './code';

describe('the code of a card', () => {
  it.each(['BCDFG-HJKLM', 'bcdfg hjklm', ' bcdfghjklm ', 'bcdfg–hjklm'])('is read however it is typed: %s', (typed) => {
    expect(cardCode(typed)).toBe('BCDFGHJKLM');
  });

  it.each(['', 'mutiger-dachs-lomi-katu-reno', 'BCDFGHJKL', 'BCDFGHJKLMN', 'ACDFGHJKLM', 'BCDFG/HJKLM', 'BCDFGHJKL1'])(
    'is no room, link or other word: %s',
    (typed) => {
      expect(cardCode(typed)).toBeNull();
    },
  );
});
