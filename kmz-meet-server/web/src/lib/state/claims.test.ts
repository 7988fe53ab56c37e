import { describe, expect, it } from 'vitest';
import { claimsOf, jitsiName, samePerson } from './claims';

const token = (claims: unknown): string => {
  const bytes = new TextEncoder().encode(JSON.stringify(claims));
  return `x.${btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+$/, '')}.y`;
};
const ticket = (sub: unknown, room = 'r'): string => token({ iss: 'kmz-meet', room, sub });
const jitsi = (id: unknown, name: unknown = 'Jörg Müller'): string =>
  token({ iss: 'school', sub: 'meet.example', room: '*', context: { user: { id, name } } });

describe('the claims of a token', () => {
  it('have the name of the person, with every letter', () => {
    expect(jitsiName(jitsi('4'))).toBe('Jörg Müller');
    for (const name of [undefined, '', ' ', 7, {}])
      expect(jitsiName(token({ context: { user: { name } } }))).toBeNull();
    for (const broken of ['', 'abc', 'a.b.c', token(null), token('x'), token({ context: null })]) {
      expect(jitsiName(broken)).toBeNull();
      expect(claimsOf(broken)).toBeTypeOf('object');
    }
  });

  it('tell whether two tokens are for the same person', () => {
    expect(samePerson(ticket('lti:a:4'), ticket('lti:a:4'))).toBe(true);
    expect(samePerson(ticket('lti:a:4'), ticket('lti:a:5'))).toBe(false);
    expect(samePerson(ticket('lti:a:4'), ticket('lti:a:4', 'other'))).toBe(false);
    expect(samePerson(jitsi('4'), jitsi('4'))).toBe(true);
    expect(samePerson(jitsi('4'), jitsi('5'))).toBe(false);
    // Without an id two people are never the same.
    expect(samePerson(jitsi(''), jitsi(''))).toBe(false);
    expect(samePerson('x', 'x')).toBe(false);
  });
});
