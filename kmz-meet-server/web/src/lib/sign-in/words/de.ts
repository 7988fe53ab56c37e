import type { Words } from './en';

export const de: Words = {
  title: 'Mit dem Konto der Schule',
  search: 'Die eigene Schule',
  searchHint: 'Ein Teil ihres Namens genügt.',
  none: 'Keine Schule dieses Namens meldet sich hier mit ihrem eigenen Konto an.',
  found: (number) => (number === 1 ? 'Eine Schule gefunden.' : `${number} Schulen gefunden.`),
  more: 'Es gibt noch mehr. Bitte einen längeren Teil des Namens eingeben.',
};
