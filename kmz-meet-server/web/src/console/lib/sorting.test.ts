import { describe, expect, it } from 'vitest';
import { found, pageOf, sorted, type Value } from './sorting';

const rows = [
  { name: 'Öhringen 10', people: 3 },
  { name: 'Aalen', people: 20 },
  { name: 'Öhringen 9', people: 100 },
  { name: 'Zell', people: 0 },
];
const values = (row: (typeof rows)[number]): Value[] => [row.name, row.people];
const names = (some: readonly { name: string }[]): string[] => some.map((row) => row.name);

describe('rows of a table', () => {
  it('are found by all words of the search, in any cell and case', () => {
    expect(names(found(rows, values, 'ÖHRINGEN 9'))).toEqual(['Öhringen 9']);
    expect(names(found(rows, values, '  100 '))).toEqual(['Öhringen 9']);
    expect(names(found(rows, values, 'aalen zell'))).toEqual([]);
    expect(found(rows, values, ' ')).toHaveLength(4);
  });

  it('are sorted as people count and spell, and numbers as numbers', () => {
    const byName = (row: (typeof rows)[number]): Value => row.name;
    expect(names(sorted(rows, byName, false, 'de'))).toEqual(['Aalen', 'Öhringen 9', 'Öhringen 10', 'Zell']);
    expect(sorted(rows, (row) => row.people, true, 'de').map((row) => row.people)).toEqual([100, 20, 3, 0]);
  });

  it('stay on a page that there is', () => {
    expect(pageOf([1, 2, 3], 7, 2)).toEqual({ shown: [3], page: 1, pages: 2 });
    expect(pageOf([1, 2, 3], -1, 2)).toEqual({ shown: [1, 2], page: 0, pages: 2 });
    expect(pageOf([], 0, 2)).toEqual({ shown: [], page: 0, pages: 1 });
  });
});
