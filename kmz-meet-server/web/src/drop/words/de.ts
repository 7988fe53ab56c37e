import type { Words } from './en';

export const de: Words = {
  title: 'Eine Liste sicher übergeben',
  lead: (school) => `Liste der Lehrkräfte: ${school}`,
  loading: 'Einen Moment …',
  how: 'Die Liste wird hier im Browser verschlüsselt, bevor sie diesen Rechner verlässt. Lesen können sie nur die unten Genannten; der Server kann es nicht.',
  keysTitle: 'Wer die Liste lesen kann',
  keysHint:
    'Wer sichergehen will: unter einer bekannten Nummer anrufen und sich diese Ziffern vorlesen lassen. Ist eine anders, bitte nichts senden.',
  fingerprint: 'Ziffern zum Vergleichen',
  file: 'Die Liste (CSV oder Excel, bis 10 MB)',
  chosen: (name, size) => `${name}, ${size}`,
  passphraseWanted: 'Zusätzlich mit einer Passphrase schützen',
  passphraseHint:
    'Die Passphrase dem Betreiber am Telefon sagen, nie per Mail. Ohne sie öffnet niemand die Liste, auch die Schule nicht.',
  passphrase: 'Passphrase',
  passphrasePropose: 'Eine vorschlagen',
  submit: 'Verschlüsseln und senden',
  sealing: 'Wird verschlüsselt …',
  sending: 'Wird gesendet …',
  validUntil: (day) => `Dieser Link gilt einmal, bis zum ${day}.`,
  done: {
    title: 'Die Liste ist übergeben',
    text: 'Sie ist verschlüsselt angekommen. Der Link ist damit verbraucht, und diese Seite hat auf diesem Rechner nichts von der Liste behalten. Die Seite kann geschlossen werden.',
    passphrase: 'Jetzt bitte dem Betreiber am Telefon die Passphrase sagen:',
  },
  over: {
    sealed: 'Mit diesem Link wurde schon eine Liste übergeben. Er gilt nur einmal.',
    withdrawn: 'Dieser Link wurde zurückgenommen.',
    deleted: 'Die Liste zu diesem Link wurde schon übernommen und hier gelöscht.',
    unknown: 'Dieser Link führt nirgendwohin: Er ist unvollständig oder älter als zwei Wochen.',
    ask: 'Soll noch eine Liste übergeben werden, bitte bei der Stelle, von der der Link kam, einen neuen anfordern.',
    title: 'Mit diesem Link kann nichts gesendet werden',
  },
  problem: {
    noFile: 'Bitte zuerst die Datei mit der Liste auswählen.',
    empty: 'Diese Datei ist leer.',
    tooLarge: 'Diese Datei ist größer als 10 MB. Ist es die richtige?',
    kind: 'Das ist weder eine CSV- noch eine Excel-Datei (.csv, .txt, .xlsx).',
    unreadable:
      'Der Browser kann diese Datei nicht lesen. Ist sie in einem anderen Programm offen oder verschoben worden?',
    shortPassphrase: 'Die Passphrase braucht mindestens 12 Zeichen.',
    noKeys: 'Gerade könnte niemand eine Liste öffnen. Bitte der Stelle Bescheid geben, von der der Link kam.',
    full: 'Auf dem Server warten so viele Listen, dass diese nicht angenommen wurde. Bitte morgen noch einmal versuchen oder den Betreiber anrufen. Nichts wurde behalten.',
    tooManyTries: 'Mit diesem Link wurde es zu oft versucht. Bitte einen neuen anfordern.',
    busy: 'Gerade übergeben andere ihre Listen. Bitte gleich noch einmal versuchen.',
    noContract:
      'Für die Schule gibt es keinen gültigen Vertrag, deshalb darf keine Liste angenommen werden. Bitte beim Betreiber nachfragen.',
    offline:
      'Der Server ist nicht erreichbar. Bitte die Verbindung prüfen und noch einmal versuchen. Hier geht nichts verloren.',
    other: 'Das hat nicht geklappt. Bitte noch einmal versuchen; wenn es so bleibt, den Betreiber anrufen.',
  },
  retry: 'Noch einmal versuchen',
};
