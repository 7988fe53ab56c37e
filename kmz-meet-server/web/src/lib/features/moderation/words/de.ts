import { isolate } from '../../../i18n/isolate';
import type { Words } from './en';

/** Die Texte zu dem, was Lehrkräfte mit Personen und Nachrichten tun. */
export const de: Words = {
  renameTitle: (name) => `Anderer Name für ${isolate(name)}`,
  renameLabel: 'Neuer Name',
  renameHint: 'Alle sehen ihn, auch an früheren Nachrichten. Die Person erfährt es in freundlichen Worten.',
  renameYes: 'Ändern',
  renameMissing: 'Bitte einen Namen mit mindestens einem Buchstaben eingeben.',
  renameLong: (max) => `Der Name ist zu lang. Höchstens ${max} Zeichen.`,
  deleteTitle: 'Diese Nachricht löschen?',
  deleteText: 'Sie ist dann für alle weg. An ihrer Stelle steht, dass eine Lehrkraft eine Nachricht gelöscht hat.',
  deleteYes: 'Löschen',
  deleteAll: (n, name) => `Alle ${n} Nachrichten von ${isolate(name)} löschen`,
  alike: ({ name, here }) =>
    here
      ? `Sieht aus wie der Name von ${isolate(name)}`
      : `Sieht aus wie der Name von ${isolate(name)}, schon vorher hier`,
  alikeInside: (who, { name, here }) =>
    here
      ? `Der Name ${isolate(who)} sieht aus wie der Name von ${isolate(name)}. Sind beide, wer sie zu sein scheinen?`
      : `Der Name ${isolate(who)} sieht aus wie ein Name, der vorher schon hier war: ${isolate(name)}. Ist es dieselbe Person?`,
  alikeMany: (n) => `${n} Personen haben Namen, die aussehen wie die von anderen.`,
  look: 'Zeigen',
  sent: 'Von einer Lehrkraft nach draußen gebeten',
  admitListed: 'Alle hereinlassen, die auf der Liste stehen',
  refuseUnlisted: 'Alle abweisen, die nicht auf der Liste stehen',
  refuseTitle: (n) => (n === 1 ? 'Eine Person abweisen?' : `${n} Personen abweisen?`),
  refuseText: 'Wer abgewiesen wird, kann in dieser Konferenz nicht noch einmal anklopfen.',
  refuseYes: 'Abweisen',
};
