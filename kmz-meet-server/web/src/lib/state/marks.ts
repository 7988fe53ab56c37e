import type { Participant } from '../../generated/Participant';
import { t } from '../i18n/index.svelte';

/** What the server says of a person beside the name: in the roster, in the lobby, and with each message. */
export type Standing = Pick<Participant, 'verified' | 'listed' | 'typed_name'> & { role?: Participant['role'] };

export type Mark = 'moderator' | 'guest' | 'typed';

/**
 * How a person is marked: by what the server knows, never by the name, which says what its person wants.
 *
 * @param guestsStandOut others here are known, so whoever is not is a guest
 * @param toModerator whether a moderator sees it
 */
export function marks(who: Standing, guestsStandOut: boolean, toModerator: boolean): Mark[] {
  const typed: Mark[] = toModerator && who.verified && who.typed_name ? ['typed'] : [];
  if (who.role === 'moderator') return ['moderator', ...typed];
  if (!who.verified && guestsStandOut) return ['guest'];
  return typed;
}

/** As it is read aloud: the mark stands first, where no name can reach. */
export function spokenName(name: string, marks: readonly Mark[]): string {
  const { spoken } = t().marks;
  if (marks.includes('moderator')) return spoken.moderator(name);
  return marks.includes('guest') ? spoken.guest(name) : name;
}

/** Whether it says something that someone is a guest: the room has a list, or others than its teachers are known. */
export function guestsStandOut(hasList: boolean, people: Iterable<Participant>): boolean {
  if (hasList) return true;
  for (const person of people) if (person.verified && person.role !== 'moderator') return true;
  return false;
}

/**
 * In the chat the words are all that one sees of a person, so a guest is marked there as soon as anyone is known, if only
 * the teacher.
 */
export function guestsStandOutInChat(hasList: boolean, people: Iterable<Participant>): boolean {
  if (hasList) return true;
  for (const person of people) if (person.verified) return true;
  return false;
}
