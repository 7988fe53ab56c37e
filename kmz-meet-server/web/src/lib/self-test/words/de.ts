import type { Words } from './en';
import { note } from './note-de';

export const de: Words = {
  title: 'Verbindung und Geräte testen',
  lead: 'Klappt Video hier? Der Test findet es in etwa 20 Sekunden heraus. Er braucht keinen Raum und kein Konto.',
  privacy:
    'Niemand sieht oder hört dich: Dein Bild und deine Stimme bleiben in diesem Browser. An den Server gehen ein Testbild und ein Testton. Er hebt die Messwerte 30 Tage lang auf, ohne Namen.',
  permission: 'Der Browser fragt nach Kamera und Mikrofon. Du darfst ablehnen: Die Verbindung wird trotzdem getestet.',
  start: 'Test starten',
  again: 'Noch einmal testen',
  stillRunning: 'Der Test läuft …',
  steps: {
    queued: 'Gerade testen andere. Dein Test beginnt von selbst.',
    connecting: 'Alle Wege zum Server werden probiert …',
    measuring: 'Wie gut kommen Bild und Ton durch? Es wird gemessen …',
    reporting: 'Gleich fertig …',
  },
  failed: {
    title: 'Der Test ist abgebrochen',
    offline: 'Der Server war nicht zu erreichen. Bitte prüfen, ob das Internet überhaupt geht, und noch einmal testen.',
    gaveWay:
      'Gerade testen sehr viele, und dieser Test musste anderen zweimal Platz machen. Bitte in ein paar Minuten noch einmal testen.',
    other: 'Etwas ist schiefgegangen. Bitte noch einmal testen.',
  },

  network: 'Verbindung',
  devices: 'Kamera, Mikrofon und Ton',
  choose: 'Welche Geräte?',
  path: {
    udp: (port) => `Direkter Weg (UDP-Port ${port})`,
    relay: (port) => `Weg der Webseite (TCP-Port ${port})`,
  },
  pathHint: { udp: 'der beste Weg für Bild und Ton', relay: 'der Umweg, wo der direkte Weg gesperrt ist' },
  state: {
    waiting: 'Offen',
    connecting: 'Wird probiert …',
    measuring: 'Wird gemessen …',
    reached: 'Offen',
    blocked: 'Gesperrt',
  },
  numbers: 'Messwerte',
  number: {
    connect: 'Verbunden nach',
    roundTrip: 'Hin und zurück',
    jitter: 'Schwankung (Jitter)',
    lost: 'Verlust, hin / her',
    rate: 'Datenrate, hin / her',
  },
  notMeasured: 'nicht gemessen',
  rateHint: 'Der Test sendet höchstens etwa 2 Mbit/s: ungefähr so viel wie eine Kamera in einer Konferenz.',

  verdict: {
    good: {
      title: 'Alles klappt',
      text: 'Bild und Ton kommen auf dem direkten Weg durch. Von hier aus kannst du teilnehmen.',
    },
    weak: {
      title: 'Video klappt, aber die Leitung ist schwach',
      text: 'Manchmal können Wörter fehlen oder Bilder stehen bleiben.',
    },
    relay: {
      title: 'Video klappt, aber auf dem Umweg über die Webseite',
      text: 'Dieses Netz sperrt den direkten Weg. Bild und Ton nehmen einen Umweg; bei vielen Bildern stocken sie früher.',
    },
    blocked: {
      title: 'Dein Netz sperrt Bild und Ton',
      text: 'Die Webseite geht hier, aber kein Weg für Bild und Ton ist offen.',
    },
    unfit: {
      title: 'Dieser Browser kann keine Videokonferenzen',
      text: 'Der Browser ist zu alt, oder etwas, das Video braucht, ist in ihm ausgeschaltet.',
    },
  },
  advice: {
    good: ['Es ist nichts zu tun. Mit Kopfhörern klingt es noch besser.'],
    weak: [
      'Näher ans WLAN gehen oder ein Kabel benutzen.',
      'Andere Programme und Seiten schließen, die das Internet benutzen.',
      'In der Konferenz: die Kamera ausschalten, wenn Wörter fehlen.',
    ],
    relay: [
      'Du kannst teilnehmen. Mehr ist heute nicht zu tun.',
      'Gib den Zettel weiter an die Stelle, die das Netz betreut: Eine Regel in der Firewall öffnet den direkten Weg.',
    ],
    blocked: [
      'Gib den Zettel weiter an die Stelle, die das Netz betreut. Darauf steht, was zu öffnen ist.',
      'Bis dahin: ein anderes Netz nehmen, zum Beispiel den Hotspot eines Handys oder das Netz zu Hause.',
    ],
    unfit: ['Bitte einen aktuellen Firefox, Chrome, Edge oder Safari nehmen.'],
  },
  weakToo: 'Auch ist die Leitung schwach: Wörter können fehlen. Nah am WLAN oder mit Kabel wird es besser.',
  partly: (ports) => `Nicht jeder Port ist offen (${ports}). Einer genügt.`,
  noDetour: 'Der Umweg über die Webseite ist hier nicht offen. Er wird nur gebraucht, wo der direkte Weg nicht klappt.',
  devicesBad: (what) => `Bitte unten nach den Geräten sehen: ${what}.`,

  code: {
    title: 'Der Code dieses Ergebnisses',
    text: 'Mit diesem Code sehen andere dieses Ergebnis, zum Beispiel die Stelle, die das Netz betreut. Er gilt 30 Tage.',
    link: 'Link zu diesem Ergebnis',
    copy: 'Link kopieren',
    copied: 'Der Link ist kopiert.',
    spoken: (code) => `Code ${code}`,
  },
  note,
  result: {
    title: (code) => `Ergebnis ${code}`,
    earlier: (time) => `Test vom ${time}`,
    now: 'Jetzt, an diesem Gerät',
    repeat: 'Test hier wiederholen',
    hint: 'Der Test dauert etwa 20 Sekunden. An den Server gehen ein Testbild und ein Ton, sonst nichts.',
    loading: 'Das Ergebnis wird gesucht …',
    missing: 'Zu diesem Code gibt es kein Ergebnis',
    missingText: 'Bitte den Code vergleichen: acht Buchstaben, keine Ziffern. Ergebnisse werden 30 Tage aufgehoben.',
    offline: 'Das Ergebnis lässt sich gerade nicht lesen. Bitte noch einmal versuchen.',
  },
  enter: {
    title: 'Du hast einen Code bekommen?',
    label: 'Code',
    submit: 'Ergebnis zeigen',
  },
  device: {
    camera: 'Kamera',
    microphone: 'Mikrofon',
    speaker: 'Ton',
  },
  tested: {
    title: 'Geräte damals',
    works: 'klappt',
    refused: 'nicht erlaubt',
    missing: 'nicht gefunden',
    failed: 'klappt nicht',
    untried: 'nicht probiert',
  },
};
