import type { common as english } from '../en/common';

export const common: typeof english = {
  skip: 'Weiter zum Inhalt',
  skipToControls: 'Weiter zu den Tasten',
  close: 'Schließen',
  cancel: 'Abbrechen',
  back: 'Zurück',
  dismiss: 'Hinweis schließen',
  save: 'Speichern',
  loading: 'Einen Moment …',
  language: 'Sprache',
  you: (name) => `${name} (du)`,
  copied: 'Der Text ist kopiert. Du kannst ihn jetzt einfügen.',
  copyFailed: 'Bitte selbst kopieren',
  copyFailedWhy:
    'Das Kopieren mit der Taste geht hier nicht. Der Text ist schon markiert. Am Computer: Drücke Strg und C. Am Handy: Drücke lange auf den Text.',
  copyText: 'Text zum Kopieren',

  session: {
    signOut: 'Abmelden',
    stillIn: 'Sie sind hier noch angemeldet.',
  },

  problem: {
    offline: 'Wir erreichen den Server nicht. Vielleicht geht das Internet nicht. Bitte versuche es noch einmal.',
    trying: {
      unreachable: 'Der Server antwortet nicht. Wir versuchen es weiter. Dein Text bleibt stehen.',
      busy: 'Der Server hat sehr viel zu tun. Wir versuchen es weiter. Dein Text bleibt stehen.',
    },
    tryNow: 'Jetzt versuchen',
    other: 'Das hat nicht geklappt. Du bist nicht schuld. Bitte versuche es gleich noch einmal.',
    retry: 'Noch einmal versuchen',
    notFound: 'Das gibt es nicht mehr. Bitte laden Sie die Seite neu.',
    noContract: 'Der Raum öffnet sich nicht. Ihrer Schule fehlt ein Vertrag. Bitte fragen Sie die Schul-Leitung.',
    roomRunning: 'In diesem Raum läuft gerade Unterricht. Bitte beenden Sie ihn zuerst für alle.',
    signedOut: 'Sie sind nicht mehr angemeldet. Bitte melden Sie sich neu an.',
  },

  title: {
    home: 'Video-Klassen-Zimmer',
    signIn: 'Anmelden',
    rooms: 'Meine Räume',
    account: 'Mein Konto',
    check: 'Mein Gerät prüfen',
    preJoin: (room) => `Mitmachen: ${room}`,
    waiting: 'Warten',
    conference: (room) => `Unterricht ${room}`,
    over: 'Unterricht',
    nothing: 'Hier ist nichts',
  },
};
