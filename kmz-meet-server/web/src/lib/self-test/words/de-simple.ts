import type { Words } from './en';
// Wer ein Netz betreut, liest den Zettel: Er bleibt in gewohntem Deutsch.
import { note } from './note-de';

export const easy: Words = {
  title: 'Mein Gerät testen',
  lead: 'Klappt Video hier? Der Test dauert 20 Sekunden. Du brauchst keinen Raum und kein Konto.',
  privacy:
    'Niemand sieht oder hört dich. Der Server bekommt nur ein Test-Bild und einen Test-Ton. Er merkt sich das Ergebnis 30 Tage. Deinen Namen kennt er nicht.',
  permission: 'Der Browser fragt nach Kamera und Mikrofon. Du darfst Nein sagen. Der Test geht auch dann.',
  start: 'Test starten',
  again: 'Noch einmal testen',
  stillRunning: 'Der Test läuft …',
  steps: {
    queued: 'Gerade testen andere. Dein Test fängt von selbst an.',
    connecting: 'Wir probieren alle Wege …',
    measuring: 'Wir messen Bild und Ton …',
    reporting: 'Gleich fertig …',
  },
  failed: {
    title: 'Der Test hat nicht geklappt',
    offline: 'Wir erreichen den Server nicht. Geht das Internet? Versuche es noch einmal.',
    gaveWay: 'Gerade testen sehr viele. Versuche es in ein paar Minuten noch einmal.',
    other: 'Das hat nicht geklappt. Versuche es noch einmal.',
  },

  network: 'Verbindung',
  devices: 'Kamera und Mikrofon und Ton',
  choose: 'Welche Geräte?',
  path: {
    udp: (port) => `Bester Weg: UDP-Port ${port}`,
    relay: (port) => `Umweg: TCP-Port ${port}`,
  },
  pathHint: { udp: 'So kommen Bild und Ton am besten an', relay: 'Den Umweg brauchst du nur manchmal' },
  state: {
    waiting: 'Kommt noch',
    connecting: 'Läuft …',
    measuring: 'Wir messen …',
    reached: 'Offen',
    blocked: 'Gesperrt',
  },
  numbers: 'Zahlen für die Technik',
  number: {
    connect: 'Verbunden nach',
    roundTrip: 'Hin und zurück',
    jitter: 'Schwankung',
    lost: 'Verloren: hin und zurück',
    rate: 'Menge: hin und zurück',
  },
  notMeasured: 'nicht gemessen',
  rateHint: 'Der Test sendet höchstens 2 Mbit/s. So viel braucht eine Kamera.',

  verdict: {
    good: { title: 'Alles klappt', text: 'Bild und Ton kommen gut an. Du kannst mitmachen.' },
    weak: {
      title: 'Video klappt: Aber dein Internet ist schwach',
      text: 'Manchmal fehlen Wörter. Manchmal bleibt das Bild stehen.',
    },
    relay: {
      title: 'Video klappt auf einem Umweg',
      text: 'Der beste Weg ist hier gesperrt. Bei vielen Bildern stockt es früher.',
    },
    blocked: {
      title: 'Dein Netz sperrt Bild und Ton',
      text: 'Diese Seite geht. Bild und Ton kommen aber nicht an.',
    },
    unfit: { title: 'Dieser Browser kann kein Video', text: 'Der Browser ist zu alt. Nimm einen neuen Browser.' },
  },
  advice: {
    good: ['Du musst nichts tun. Mit Kopf-Hörern klingt es noch besser.'],
    weak: [
      'Geh näher an das WLAN. Oder nimm ein Kabel.',
      'Schließe andere Programme.',
      'Es fehlen Wörter? Schalte im Unterricht die Kamera aus.',
    ],
    relay: ['Du kannst mitmachen.', 'Gib der Technik den Zettel: Sie kann den besten Weg öffnen.'],
    blocked: [
      'Gib der Technik den Zettel: Sie kann das Netz öffnen.',
      'Bis dahin: Nimm ein anderes Netz. Vielleicht hat ein Handy Internet.',
    ],
    unfit: ['Nimm einen neuen Browser: Firefox oder Chrome oder Edge oder Safari.'],
  },
  weakToo: 'Auch ist dein Internet schwach. Geh näher an das WLAN. Oder nimm ein Kabel.',
  partly: (ports) => `Nicht alle Wege sind offen: ${ports}. Einer reicht.`,
  noDetour: 'Der Umweg ist hier nicht offen. Du brauchst ihn vielleicht gar nicht.',
  devicesBad: (what) => `Sieh unten nach den Geräten: ${what}.`,

  code: {
    title: 'Der Code von deinem Test',
    text: 'Mit dem Code sehen andere dein Ergebnis. Gib ihn der Technik. Er gilt 30 Tage.',
    link: 'Link zum Ergebnis',
    copy: 'Link kopieren',
    copied: 'Der Link ist kopiert.',
    spoken: (code) => `Code ${code}`,
  },
  note: {
    ...note,
    button: 'Zettel für die Technik',
    print: 'Drucken',
    back: 'Zurück zum Test',
    title: 'Zettel für die Technik',
    languageHint: 'Die Technik liest ihn: Er ist in normalem Deutsch.',
  },
  result: {
    title: (code) => `Ergebnis ${code}`,
    earlier: (time) => `Test vom ${time}`,
    now: 'Jetzt an diesem Gerät',
    repeat: 'Hier noch einmal testen',
    hint: 'Der Test dauert 20 Sekunden. Der Server bekommt nur ein Test-Bild und einen Test-Ton.',
    loading: 'Wir suchen das Ergebnis …',
    missing: 'Zu diesem Code gibt es nichts',
    missingText: 'Prüfe den Code. Er hat acht Buchstaben. Nach 30 Tagen ist er gelöscht.',
    offline: 'Das Ergebnis kommt gerade nicht an. Versuche es noch einmal.',
  },
  enter: { title: 'Hast du einen Code?', label: 'Code', submit: 'Ergebnis zeigen' },
  device: { camera: 'Kamera', microphone: 'Mikrofon', speaker: 'Ton' },
  tested: {
    title: 'Diese Geräte waren es',
    works: 'klappt',
    refused: 'nicht erlaubt',
    missing: 'nicht da',
    failed: 'klappt nicht',
    untried: 'nicht probiert',
  },
};
