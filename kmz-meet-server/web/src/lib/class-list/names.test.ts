import { describe, expect, it } from 'vitest';
import { isTable, namesOf, twice } from './names';

describe('names of a class list', () => {
  it('are one a line, without the spaces around them', () => {
    expect(namesOf(' Anna \r\n\n Ben M.\n')).toEqual(['Anna', 'Ben M.']);
  });

  it('are looked for by the server where cells of a table were pasted', () => {
    expect(isTable('Müller\tLena\nÖz\tAli')).toBe(true);
    expect(isTable('Müller;Lena')).toBe(true);
    expect(isTable('Lena Müller\nAli Öz')).toBe(false);
  });

  it('that stand there twice are named', () => {
    expect(twice(['Anna', 'Ben', 'anna'])).toBe('anna');
    expect(twice(['Anna', 'Anna M.'])).toBeNull();
  });
});
