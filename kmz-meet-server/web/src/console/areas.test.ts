// @vitest-environment node
import { readdirSync, readFileSync } from 'node:fs';
import { render } from 'svelte/server';
import { describe, expect, it } from 'vitest';
import { attributes, shown } from '../testing/rendered';
import { areaOf, OF_SCHOOL, OF_SERVICE } from './areas';
import Table from './parts/Table.svelte';

const ofSchool = [...OF_SCHOOL.first, ...OF_SCHOOL.integrations, ...OF_SCHOOL.last];

describe('areas', () => {
  it('have addresses and names of their own', () => {
    for (const list of [OF_SERVICE, ofSchool]) {
      expect(new Set(list.map((one) => one.path)).size).toBe(list.length);
      for (const one of list) expect([one.name.de, one.name.en].every((name) => name !== '')).toBe(true);
    }
    expect(areaOf({ school: null, area: 'keys' })).toBeNull();
    expect(areaOf({ school: '1', area: 'keys' })?.name.en).toBe('API keys');
  });

  it('are all in the list', () => {
    const list = readFileSync(new URL('areas.ts', import.meta.url), 'utf8');
    for (const file of readdirSync(new URL('areas', import.meta.url)))
      if (file.endsWith('.svelte')) expect(list).toContain(`import('./areas/${file}')`);
  });
});

interface Row {
  name: string;
  people: number;
}

describe('a table', () => {
  const columns = [
    { head: 'Name', value: (row: unknown) => (row as Row).name },
    { head: 'People', value: (row: unknown) => (row as Row).people, right: true },
  ];
  const id = (row: unknown): string => (row as Row).name;
  const html = (rows: Row[]): string =>
    render(Table, { props: { caption: 'Schools', rows, id, columns, empty: 'None yet.' } }).body;

  it('says that it is empty', () => {
    const page = html([]);
    expect(page).not.toContain('<table');
    expect(shown(page).map((one) => one.text)).toEqual(['None yet.']);
  });

  it('stays a table for screen readers, whatever its styles make of it, and sorts by buttons', () => {
    const page = html([
      { name: '<b>A</b>', people: 1 },
      { name: 'B', people: 2 },
    ]);
    expect(attributes(page, 'role').filter((role) => role === 'row')).toHaveLength(3);
    expect(attributes(page, 'aria-sort')).toEqual(['none', 'none']);
    expect(shown(page).map((one) => one.text)).toContain('<b>A</b>');
    expect(page.match(/<button/g)).toHaveLength(2);
  });

  it('shows one page of many rows, and a search', () => {
    const page = html(Array.from({ length: 60 }, (_, index) => ({ name: `School ${index}`, people: index })));
    expect(attributes(page, 'role').filter((role) => role === 'row')).toHaveLength(26);
    expect(attributes(page, 'type')).toContain('search');
  });

  it('tells a phone’s screen reader which column a cell is of', () => {
    const page = html([{ name: 'A', people: 1 }]);
    expect(page).toContain('>People</span>');
    expect(page).not.toMatch(/class="head[^"]*" aria-hidden/);
  });

  it('reads in a cell what it searches: the text, where there is one', () => {
    const at = { head: 'Day', value: () => 1_900_000_000_000, text: () => '17 March 2030' };
    const page = render(Table, {
      props: { caption: 'Days', rows: [{ name: 'A', people: 1 }], id, columns: [at], empty: '' },
    });
    expect(page.body).toContain('17 March 2030');
    expect(page.body).not.toContain('1900000000000');
  });
});
