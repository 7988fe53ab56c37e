import { describe, expect, it } from 'vitest';
import { roomNameFrom, routeOf, safeNext } from './router.svelte';

describe('routes', () => {
  it('know the screens and take everything else for a room', () => {
    expect(routeOf('/', '')).toEqual({ screen: 'home' });
    expect(routeOf('/sign-in/', '?next=%2Fmutiger-dachs')).toEqual({ screen: 'sign-in', next: '/mutiger-dachs' });
    expect(routeOf('/check', '')).toEqual({ screen: 'check' });
    expect(routeOf('/mutiger-dachs', '')).toEqual({ screen: 'room', name: 'mutiger-dachs' });
    expect(routeOf('/%E0%A4%A', '')).toEqual({ screen: 'room', name: '%E0%A4%A' });
  });

  it.each(['https://evil.example', '//evil.example', '/\\evil.example', 'javascript:x', '', null])(
    'never lead away after signing in: %s',
    (next) => expect(safeNext(next)).toBe('/rooms'),
  );
});

describe('the room field', () => {
  it.each([
    ['mutiger-dachs', 'mutiger-dachs'],
    ['  mutiger dachs ', 'mutiger-dachs'],
    ['https://meet.example/mutiger-dachs?lang=de', 'mutiger-dachs'],
    ['/mutiger-dachs', 'mutiger-dachs'],
    ['', ''],
  ])('%s', (input, expected) => expect(roomNameFrom(input)).toBe(expected));
});
