import { afterEach, expect, it, vi } from 'vitest';
import type { Lesson } from '../../../generated/api';
import { fileName, lessonsWith, moderatedRoom, neededMinutes } from './attendance';

const ticket = (claims: object): string =>
  `x.${btoa(JSON.stringify(claims)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')}.y`;

it('shows attendance to teachers of a course only', () => {
  expect(moderatedRoom(ticket({ role: 'moderator', room: 'r-1', sub: 'lti:p:4' }))).toBe('r-1');
  expect(moderatedRoom(ticket({ role: 'member', room: 'r-1', sub: 'lti:p:4' }))).toBeNull();
  expect(moderatedRoom(ticket({ role: 'moderator', room: 'r-1', sub: 'bbb:s:4' }))).toBeNull();
  expect(moderatedRoom('nothing')).toBeNull();
});

const lesson = (ended_at: number): Lesson => ({
  id: String(ended_at),
  room: 'r-1',
  incomplete: false,
  started_at: ended_at - 10,
  ended_at,
  people: 2,
  present: 2,
  graded_at: null,
});

afterEach(() => vi.useRealTimers());

it('asks for the list of a lesson that has just ended again, and stops', async () => {
  vi.useFakeTimers();
  const before = lesson(90);
  const answers = [[before], [before], [lesson(120), before]];
  const load = vi.fn(() => Promise.resolve(answers.shift() ?? [before]));
  const written = lessonsWith(100, load);
  await vi.advanceTimersByTimeAsync(3_000);
  expect((await written).map(({ ended_at }) => ended_at)).toEqual([120, 90]);
  expect(load).toHaveBeenCalledTimes(3);
  const never = lessonsWith(100, load);
  await vi.advanceTimersByTimeAsync(15_000);
  expect(await never).toEqual([before]);
  expect(load).toHaveBeenCalledTimes(8);
});

it('asks once when no lesson has just ended', async () => {
  const load = vi.fn(() => Promise.resolve([]));
  expect(await lessonsWith(null, load)).toEqual([]);
  expect(load).toHaveBeenCalledTimes(1);
});

it('counts two thirds of the lesson as taking part', () => {
  const of = (minutes: number): number => neededMinutes({ started_at: 1_000, ended_at: 1_000 + minutes * 60_000 });
  expect([45, 90, 20, 60].map(of)).toEqual([30, 60, 13, 40]);
  // A lesson of seconds, one of more than a day, and a clock that went back.
  expect([0.2, 3_000, -5].map(of)).toEqual([1, 1_440, 1]);
});

it('names the table as the server names it', () => {
  expect(fileName('attachment; filename="anwesenheit-2026-11-25.csv"')).toBe('anwesenheit-2026-11-25.csv');
  expect(fileName('attachment; filename="../../x"')).toBe('attendance.csv');
  expect(fileName(null)).toBe('attendance.csv');
});
