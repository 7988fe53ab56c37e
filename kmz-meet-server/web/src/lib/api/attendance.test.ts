import { expect, it } from 'vitest';
import { moderatedRoom } from './attendance';

const ticket = (claims: object): string => `x.${btoa(JSON.stringify(claims)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')}.y`;

it('shows attendance to teachers of a course only', () => {
  expect(moderatedRoom(ticket({ role: 'moderator', room: 'r-1', sub: 'lti:p:4' }))).toBe('r-1');
  expect(moderatedRoom(ticket({ role: 'member', room: 'r-1', sub: 'lti:p:4' }))).toBeNull();
  expect(moderatedRoom(ticket({ role: 'moderator', room: 'r-1', sub: 'bbb:s:4' }))).toBeNull();
  expect(moderatedRoom('nothing')).toBeNull();
});
