import { describe, expect, it } from 'vitest';
import { pathOf, whereOf } from './place.svelte';

describe('places of the console', () => {
  it.each([
    ['/console', { school: null, area: '' }],
    ['/console/', { school: null, area: '' }],
    ['/console/schools', { school: null, area: 'schools' }],
    ['/console/schools/55d5', { school: '55d5', area: '' }],
    ['/console/schools/55d5/keys', { school: '55d5', area: 'keys' }],
    ['/console/schools/a%2Fb/keys', { school: 'a/b', area: 'keys' }],
    ['/console/schools/%/keys', { school: '%', area: 'keys' }],
    ['/console/no/such/area', { school: null, area: 'no/such/area' }],
  ])('%s', (path, where) => expect(whereOf(path)).toEqual(where));

  it('have an address that leads back to them', () => {
    for (const where of [
      { school: null, area: '' },
      { school: null, area: 'audit' },
      { school: 'a/b', area: '' },
      { school: '55d5', area: 'webhooks' },
    ])
      expect(whereOf(pathOf(where))).toEqual(where);
  });
});
