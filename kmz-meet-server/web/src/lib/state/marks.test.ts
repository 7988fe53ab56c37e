import { describe, expect, it } from 'vitest';
import type { Participant } from '../../generated/Participant';
import { guestsStandOut, guestsStandOutInChat, type Mark, marks, spokenName, type Standing } from './marks';

const guest = { verified: false, listed: false, typed_name: true, role: 'participant' } as const;
const pupil = { verified: true, listed: true, typed_name: false, role: 'participant' } as const;
const teacher = { verified: true, listed: true, typed_name: false, role: 'moderator' } as const;
const person = (of: Standing): Participant => ({
  id: 'x',
  name: 'Frau Beispiel',
  role: 'participant',
  sources: [],
  grants: [],
  hand: null,
  connected: true,
  number: 1,
  ...of,
});

describe('a person is marked', () => {
  it.each<[string, Standing, boolean, boolean, Mark[]]>([
    ['a teacher', teacher, true, false, ['moderator']],
    ['a teacher without an account who was made one', { ...guest, role: 'moderator' }, true, true, ['moderator']],
    ['a teacher whose platform sent no name', { ...teacher, typed_name: true }, false, true, ['moderator', 'typed']],
    ['a guest among people who are known', guest, true, false, ['guest']],
    ['a guest among guests', guest, false, false, []],
    ['a guest, to a moderator: that guests typed their names goes without saying', guest, true, true, ['guest']],
    ['a pupil of the course', pupil, true, true, []],
    ['a pupil whose platform sent no name, to a moderator', { ...pupil, typed_name: true }, true, true, ['typed']],
    ['a pupil whose platform sent no name, to the others', { ...pupil, typed_name: true }, true, false, []],
    [
      'someone in the lobby, who has no role yet',
      { verified: false, listed: false, typed_name: true },
      true,
      true,
      ['guest'],
    ],
    ['someone known in the lobby', { verified: true, listed: false, typed_name: true }, true, true, ['typed']],
  ])('%s', (_, who, standOut, toModerator, expected) => expect(marks(who, standOut, toModerator)).toEqual(expected));
});

describe('guests stand out', () => {
  it.each<[string, boolean, Standing[], boolean, boolean]>([
    ['in a room with a list', true, [guest], true, true],
    ['where a pupil is known', false, [teacher, guest, pupil], true, true],
    ['where only the teacher is known: in the chat', false, [teacher, guest], false, true],
    ['nowhere where nobody is known', false, [{ ...guest, role: 'moderator' }, guest], false, false],
  ])('%s', (_, hasList, people, everywhere, inChat) => {
    expect(guestsStandOut(hasList, people.map(person))).toBe(everywhere);
    expect(guestsStandOutInChat(hasList, people.map(person))).toBe(inChat);
  });
});

describe('aloud', () => {
  it.each<[string, Mark[], string]>([
    ['Frau Beispiel', ['moderator'], 'Teacher Frau Beispiel'],
    ['Teacher Frau Beispiel', ['guest'], 'Guest Teacher Frau Beispiel'],
    ['Frau Beispiel (Teacher)', ['guest'], 'Guest Frau Beispiel (Teacher)'],
    ['Anna', ['typed'], 'Anna'],
    ['Anna', [], 'Anna'],
  ])('%s %j: the mark stands before the name', (name, shown, expected) =>
    expect(spokenName(name, shown)).toBe(expected),
  );
});
