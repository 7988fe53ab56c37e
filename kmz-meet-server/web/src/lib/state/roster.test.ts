import { describe, expect, it } from 'vitest';
import type { Participant } from '../../generated/Participant';
import { person as someone } from '../signal/fakes';
import { AVATAR_COLOURS, avatarColour, initials, matches, newcomers, sortRoster } from './roster';

const person = (name: string, more: Partial<Participant> = {}): Participant => someone({ id: name, name, ...more });

describe('newcomers', () => {
  const minute = 60_000;
  const now = 100 * minute;
  const all = [
    person('early', { came_at: now - 11 * minute }),
    person('late', { came_at: now - 9 * minute }),
    person('known', { came_at: now - minute, verified: true }),
    person('listed', { came_at: now - minute, listed: true }),
    person('teacher', { came_at: now - minute, role: 'moderator' }),
    person('old server'),
  ];
  const of = (at: number) => newcomers(all, at).map(({ id }) => id);

  it('are guests who joined a moment ago', () => {
    expect(of(now)).toEqual(['late']);
    expect(of(now + 2 * minute)).toEqual([]);
  });

  it('are counted from the newest when the clock here is slow', () => {
    expect(of(0)).toEqual(['late']);
  });
});

describe('roster', () => {
  it('has moderators first, then hands in order, then names', () => {
    const sorted = sortRoster(
      [
        person('Özil'),
        person('Zoe', { hand: 2 }),
        person('anna'),
        person('Ben', { hand: 10 }),
        person('Frau Weiß', { role: 'moderator', hand: 1 }),
        person('Paul'),
      ],
      'de',
    );
    expect(sorted.map((p) => p.name)).toEqual(['Frau Weiß', 'Zoe', 'Ben', 'anna', 'Özil', 'Paul']);
  });

  it('finds names without regard to accents and case', () => {
    expect(matches('Zoë Müller', 'zoe mu')).toBe(true);
    expect(matches('Anna', 'x')).toBe(false);
    expect(matches('Anna', ' ')).toBe(true);
  });
});

describe('tiles without a picture', () => {
  it.each([
    ['Anna', 'A'],
    ['Anna Maria Schmidt', 'AS'],
    ['karl-heinz', 'KH'],
    ['Anna (2)', 'A'],
    ['👋 Ben', 'B'],
    ['李 小龙', '李小'],
    ['', '?'],
  ])('%s gets %s', (name, expected) => expect(initials(name)).toBe(expected));

  it('keep their colour', () => {
    expect(avatarColour('Anna')).toBe(avatarColour('Anna'));
    const used = new Set(Array.from({ length: 200 }, (_, i) => avatarColour(`Kind ${i}`)));
    expect(used.size).toBe(AVATAR_COLOURS);
  });
});
