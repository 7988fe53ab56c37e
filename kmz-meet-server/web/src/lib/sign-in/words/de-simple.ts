import type { Words } from './en';

export const easy: Words = {
  title: 'Mit dem Konto von Ihrer Schule',
  search: 'Ihre Schule',
  searchHint: 'Ein Teil vom Namen reicht.',
  none: 'Diese Schule finden wir hier nicht.',
  found: (number) => (number === 1 ? 'Wir haben eine Schule gefunden.' : `Wir haben ${number} Schulen gefunden.`),
  more: 'Es gibt noch mehr. Schreiben Sie noch mehr vom Namen.',
};
