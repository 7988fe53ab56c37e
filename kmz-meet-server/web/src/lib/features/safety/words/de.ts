import type { Words } from './en';

export const de: Words = {
  calm: {
    title: 'Einen Moment, bitte',
    text: 'Deine Lehrkraft hat den Unterricht kurz angehalten. Du musst nichts tun. Gleich geht es weiter.',
    hear: 'Du hörst deine Lehrkraft. Dich hört und sieht gerade niemand.',
  },
  stop: {
    name: 'Alles ist angehalten',
    text: 'Zu hören und zu sehen ist nur die Moderation. Die Klasse sieht ein ruhiges Bild, der Chat ist gesperrt und die Tür ist zu.',
    held: (n) => (n === 1 ? '1 Person ist angehalten' : `${n} Personen sind angehalten`),
    list: 'Einzeln freigeben',
    seat: (n) => `Platz ${n}`,
    release: 'Freigeben',
    releaseName: (name) => `${name} freigeben`,
    released: (name) => `${name} ist wieder dabei.`,
    all: 'Alle freigeben',
    over: 'Es geht weiter.',
    overDoor: 'Alle sind wieder dabei. Die Tür bleibt zu, bis sie geöffnet wird.',
    record: 'Protokoll für die Schulleitung',
    recordOffer: 'Zu diesem Vorfall gibt es ein Protokoll ohne Inhalte und Namen. Es wird 30 Tage aufbewahrt.',
    recordFailed:
      'Das Protokoll lässt sich von hier nicht abrufen. Die Verwaltung der Schule findet es in der Konsole.',
    shortcut: 'Tastenkürzel: Alt + Umschalt + S',
  },
  lesson: {
    name: 'Der Unterricht ist geschlossen',
    close: 'Unterricht schließen',
    closeHint: 'Niemand Neues kommt herein, wer drin ist, kann zurückkommen. Die Kameras der Klasse sind gesperrt.',
    banner: 'Der Unterricht hat begonnen. Die Tür ist zu. Wenn deine Verbindung abbricht, kannst du zurückkommen.',
    bannerCameras:
      'Der Unterricht hat begonnen. Die Tür ist zu, und die Kameras sind erst einmal aus. Wenn deine Verbindung abbricht, kannst du zurückkommen.',
    moderator: 'Der Unterricht ist geschlossen: Niemand Neues kommt herein, wer drin war, kann zurückkommen.',
    moderatorCameras:
      'Der Unterricht ist geschlossen: Niemand Neues kommt herein, wer drin war, kann zurückkommen. Die Kameras der Klasse sind gesperrt.',
    cameras: 'Kameras freigeben',
    open: 'Unterricht wieder öffnen',
    opened: 'Der Unterricht ist wieder offen. Tür und Kameras sind wie vorher.',
    camerasReleased: 'Kameras dürfen wieder eingeschaltet werden.',
  },
  report: {
    button: 'Hier stimmt etwas nicht',
    hint: 'Deine Lehrkraft erfährt es sofort.',
    thanks: 'Danke, dass du Bescheid sagst. Deine Lehrkraft weiß es jetzt.',
    told: (name) => `${name} meldet: Hier stimmt etwas nicht.`,
    act: 'Alles anhalten',
  },
};
