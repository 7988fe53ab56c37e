import { describe, expect, it } from 'vitest';
import { holds, readDomains, STANDINGS } from './schools';

describe('domains of a school', () => {
  it.each([
    ['schule.example', ['schule.example']],
    ['@Schule.Example\nsek.schule.example', ['schule.example', 'sek.schule.example']],
    [' a.example, b.example; c.example ', ['a.example', 'b.example', 'c.example']],
    ['', []],
  ])('%j', (text, domains) => expect(readDomains(text)).toEqual(domains));
});

it('a contract holds when it is signed, until its last day', () => {
  expect(STANDINGS.filter(holds)).toEqual(['signed', 'expiring']);
});
