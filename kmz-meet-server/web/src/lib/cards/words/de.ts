import type { Words } from './en';

export const de: Words = {
  page: 'Deine Karte',
  opening: 'Der Raum wird geöffnet …',
  over: 'Diese Karte öffnet nichts mehr. Bitte deine Lehrkraft um eine neue.',
  openAgain: 'Halte die Kamera noch einmal auf deine Karte, oder tippe den Code auf der Startseite ein.',
  home: 'Zur Startseite',
};
