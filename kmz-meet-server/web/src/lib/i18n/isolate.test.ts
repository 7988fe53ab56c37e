import { describe, expect, it } from 'vitest';
import { en } from './en';
import { isolate, parts, plain } from './isolate';

describe('names in sentences', () => {
  it.each(['Anna', 'أحمد!', 'דנה (2)', 'Anna\u2069 joined. \u2068Ben'])('%j is one isolated part', (name) => {
    const text = en.people.oneWaiting(isolate(name));
    expect(parts(text)).toEqual([
      { text: plain(name), name: true },
      { text: ' is waiting', name: false },
    ]);
    expect(plain(text)).toBe(`${plain(name)} is waiting`);
  });

  it('may be several, or none', () => {
    expect(
      parts(en.person.removeTitle([isolate('Anna'), isolate('Ben')]))
        .filter(({ name }) => name)
        .map(({ text }) => text),
    ).toEqual(['Anna', 'Ben']);
    expect(parts('Nobody here')).toEqual([{ text: 'Nobody here', name: false }]);
  });
});
