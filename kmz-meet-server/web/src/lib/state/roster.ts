import type { Participant } from '../../generated/Participant';

/** The list of people: moderators first, then raised hands in their order, then names. */
export function sortRoster(people: Iterable<Participant>, language: string): Participant[] {
  const names = new Intl.Collator(language, { sensitivity: 'base', numeric: true });
  const group = (person: Participant): number => {
    if (person.role === 'moderator') return 0;
    return person.hand !== null ? 1 : 2;
  };
  return [...people].sort(
    (a, b) =>
      group(a) - group(b) ||
      (group(a) === 1 ? (a.hand ?? 0) - (b.hand ?? 0) : 0) ||
      names.compare(a.name, b.name) ||
      (a.id < b.id ? -1 : 1),
  );
}

/** So long someone who came counts as a newcomer. */
const NEW_FOR = 10 * 60_000;

/** Guests who came a moment ago: those whom a moderator removes when strangers fill the conference, and the class is to stay. */
export function newcomers(people: readonly Participant[], now: number): Participant[] {
  const came = (person: Participant): number => person.came_at ?? 0;
  // A clock that is slow does not make the newest a newcomer of the future.
  const latest = people.reduce((latest, person) => Math.max(latest, came(person)), now);
  return people.filter(
    (person) => person.role !== 'moderator' && !person.verified && !person.listed && came(person) > latest - NEW_FOR,
  );
}

/** Whether a name fits what was typed into the search field; accents and case do not matter. */
export function matches(name: string, search: string): boolean {
  const plain = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().trim();
  return plain(name).includes(plain(search));
}

/** One or two letters for a tile without a picture. */
export function initials(name: string): string {
  const words = name
    .replace(/\(.*\)/u, '')
    .split(/[\s-]+/u)
    .filter((word) => /[\p{L}\p{N}]/u.test(word));
  const first = words[0] ? [...words[0]][0] : undefined;
  const last = words.length > 1 ? [...(words.at(-1) ?? '')][0] : undefined;
  return ((first ?? '?') + (last ?? '')).toLocaleUpperCase();
}

/** How many steady colours there are for tiles without a picture (`--avatar-0` and so on). */
export const AVATAR_COLOURS = 8;

/** The colour of a person: the same for everyone and after coming back, because it hangs on the name. */
export function avatarColour(name: string): number {
  let hash = 0;
  for (const letter of name) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) >>> 0;
  return hash % AVATAR_COLOURS;
}
