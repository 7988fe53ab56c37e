import type { common as english } from '../en/common';

export const common: typeof english = {
  skip: 'Zum Inhalt springen',
  skipToControls: 'Zur Bedienung springen',
  close: 'Schließen',
  cancel: 'Abbrechen',
  back: 'Zurück',
  dismiss: 'Hinweis schließen',
  save: 'Speichern',
  loading: 'Einen Moment …',
  language: 'Sprache',
  you: (name) => `${name} (du)`,
  copied: 'Kopiert. Jetzt kann der Text eingefügt werden.',
  copyFailed: 'Bitte von Hand kopieren',
  copyFailedWhy:
    'Der Browser oder die Seite drumherum erlaubt das Kopieren auf Knopfdruck nicht. Der Text ist markiert: mit Strg+C kopieren oder lange darauf drücken.',
  copyText: 'Text zum Kopieren',

  session: {
    signOut: 'Abmelden',
    stillIn: 'Die Anmeldung besteht hier noch.',
  },

  problem: {
    offline:
      'Der Server ist nicht erreichbar. Vielleicht ist das Internet ausgefallen. Bitte die Verbindung prüfen und noch einmal versuchen.',
    trying: {
      unreachable:
        'Der Server antwortet gerade nicht. Es wird von selbst weiter versucht; was schon eingegeben ist, bleibt stehen.',
      busy: 'Der Server hat gerade sehr viel zu tun. Es wird von selbst weiter versucht; was schon eingegeben ist, bleibt stehen.',
    },
    tryNow: 'Jetzt versuchen',
    other: 'Das hat nicht geklappt, und niemand hier ist schuld. Bitte gleich noch einmal versuchen.',
    retry: 'Noch einmal versuchen',
    notFound: 'Das gibt es nicht mehr. Bitte die Seite neu laden.',
    noContract:
      'Die Schule hat den Vertrag zur Auftragsverarbeitung noch nicht unterschrieben, deshalb kann kein Raum geöffnet werden. Bitte bei der Schulleitung nachfragen.',
    roomRunning:
      'In diesem Raum läuft eine Konferenz. Bitte sie zuerst für alle beenden und es dann noch einmal versuchen.',
    signedOut: 'Die Anmeldung ist abgelaufen. Bitte neu anmelden.',
  },

  title: {
    home: 'Video-Klassenzimmer',
    signIn: 'Anmelden',
    rooms: 'Meine Räume',
    account: 'Mein Konto',
    check: 'Mein Gerät prüfen',
    preJoin: (room) => `Teilnehmen: ${room}`,
    waiting: 'Warten',
    conference: (room) => `Konferenz ${room}`,
    over: 'Konferenz',
    nothing: 'Hier ist nichts',
  },
};
