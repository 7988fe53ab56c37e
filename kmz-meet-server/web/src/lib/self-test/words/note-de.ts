import type { note as english } from './note-en';

export const note: typeof english = {
  button: 'Zettel für die Netzwerkbetreuung',
  print: 'Drucken',
  back: 'Zurück zum Test',
  title: 'Zettel für die Netzwerkbetreuung',
  heading: (host) => `Videokonferenzen mit ${host}`,
  intro: (host) =>
    `Unsere Schule nutzt die Videokonferenzen unter ${host}. Damit Bild und Ton durchkommen, bitte die folgenden Verbindungen aus allen Netzen erlauben, in denen Schülerinnen, Schüler und Lehrkräfte arbeiten. Alle beginnen innen; von außen nach innen ist nichts zu öffnen.`,
  columns: {
    purpose: 'Wofür',
    to: 'Ziel',
    port: 'Port',
    protocol: 'Protokoll',
    direction: 'Richtung',
  },
  direction: 'ausgehend, mit Antworten',
  media: 'Bild und Ton, direkter Weg',
  mediaProtocol: 'UDP: STUN/ICE, DTLS, SRTP (WebRTC)',
  page: 'Webseite und Signalisierung; Umweg für Bild und Ton',
  pageProtocol: (secure) =>
    secure ? 'TCP mit TLS: HTTPS, WebSocket, TURN (RFC 8656)' : 'TCP: HTTP, WebSocket, TURN (RFC 8656)',
  names: 'Adresse des Hostnamens: laut DNS.',
  listTitle: 'Bitte beachten',
  list: [
    'UDP: eine Regel je Port. Antworten kommen im selben Datenstrom zurück; seinen Zustand bitte mindestens 30 Sekunden halten.',
    'TLS-Prüfung (SSL-Inspection): Bitte diesen Host ausnehmen. Der Umweg überträgt TURN in TLS und nicht HTTP; ein Proxy, der hineinsieht, unterbricht ihn.',
    'Lässt sich UDP nicht öffnen, genügt der Port der Webseite allein. Bild und Ton stocken dann auf einer schlechten Leitung früher.',
    'Es ist kein Programm zu installieren, und es wird kein anderer Host angesprochen.',
  ],
  resultTitle: 'Was der Test ergab',
  result: (day) => `Test vom ${day}:`,
  repeat: 'Dieses Ergebnis sehen und den Test wiederholen:',
  repeatWithout: 'Test von jedem Rechner des Netzes aus:',
  command: 'Auf der Kommandozeile:',
  code: 'Code',
  languageHint: 'Die Sprache dieser Seite ist die Sprache des Zettels.',
};
