import { expect, it } from 'vitest';
import { isFromCourse } from './user-id';

it.each([
  ['lti:p:4', true],
  ['bbb:s:4', false],
  ['api:s:4', false],
  ['jitsi:a:4', false],
  // An account, and an unknown person.
  ['9b1c6d0e-3c52-4d9e-9d43-6f5f4b6f2a11', false],
  ['ltip:4', false],
  ['', false],
])('the person %j comes from a course: %s', (user, expected) => {
  expect(isFromCourse(user)).toBe(expected);
});
