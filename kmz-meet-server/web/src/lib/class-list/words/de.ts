import type { Words } from './en';

/** Die Texte der Klassenliste und ihrer Karten. */
export const de: Words = {
  title: (room) => `Klasse und Karten in ${room}`,
  lead: 'Jedes Kind auf der Liste bekommt eine Karte mit Bild und Code. Damit kommt es sofort herein, unter dem Namen von der Liste. Wer keine Karte hat, fällt auf.',
  names: 'Namen, einer in jeder Zeile',
  namesHint: (max) =>
    `Höchstens ${max}. Vornamen genügen, solange keine zwei gleich aussehen. Auch Zellen aus einer Tabelle lassen sich einfügen.`,
  file: 'Namen aus einer Datei nehmen (CSV)',
  found: (n) =>
    n === 1
      ? 'Ein Name wurde gefunden. Bitte ansehen, dann speichern.'
      : `${n} Namen wurden gefunden. Bitte ansehen, dann speichern.`,
  leftOut: (n) => (n === 1 ? 'Eine Zeile ohne Namen wurde ausgelassen.' : `${n} Zeilen ohne Namen wurden ausgelassen.`),
  save: 'Liste speichern',
  saved: 'Die Liste ist gespeichert.',
  change: 'Liste ändern',
  cancel: 'Abbrechen',
  changeHint: 'Wer bleibt, behält die Karte. Wer von der Liste genommen wird, verliert sie und ist sofort draußen.',
  none: 'Bitte mindestens einen Namen eingeben.',
  twice: (name) => `${name} steht zweimal da. Bitte einen Buchstaben des Nachnamens dazuschreiben.`,
  unfit:
    'So passt die Liste nicht: Zwei Namen sehen gleich aus, ein Name hat keine Buchstaben oder ist zu lang, oder es sind mehr als 100. Bitte ändern.',
  tooLarge: 'Diese Datei ist zu groß für eine Klassenliste. Bitte eine Datei nur mit den Namen nehmen.',
  count: (n) => (n === 1 ? 'Ein Kind' : `${n} Kinder`),
  pupils: 'Die Klasse',
  print: 'Alle Karten drucken',
  printHint: 'Ein PDF für den Drucker, zehn Karten auf einer Seite, mit Marken zum Schneiden.',
  printed: 'Die Karten sind heruntergeladen. Bitte ausdrucken und auseinanderschneiden.',
  fileName: 'karten.pdf',
  printOne: 'Drucken',
  printOf: (name) => `Karte von ${name} drucken`,
  renew: 'Neue Karte',
  renewOf: (name) => `Neue Karte für ${name}`,
  renewSure: (name) =>
    `Neue Karte für ${name}? Die alte öffnet dann nichts mehr, und wer über sie drin ist, ist sofort draußen.`,
  renewAll: 'Neue Karten für alle',
  renewAllSure:
    'Neue Karten für alle Kinder? Die alten öffnen dann nichts mehr. Die neuen müssen gedruckt und ausgeteilt werden.',
  renewed: 'Es gibt eine neue Karte. Bitte drucken.',
  renewedAll: 'Alle haben neue Karten. Bitte drucken.',
  withdraw: 'Zurücknehmen',
  withdrawOf: (name) => `Karte von ${name} zurücknehmen`,
  withdrawSure: (name) =>
    `Die Karte von ${name} zurücknehmen? Sie öffnet dann nichts mehr, und wer über sie drin ist, ist sofort draußen.`,
  withdrawAll: 'Alle Karten zurücknehmen',
  withdrawAllSure:
    'Alle Karten zurücknehmen? Sie öffnen dann nichts mehr, und wer über eine drin ist, ist sofort draußen. Die Namen bleiben.',
  withdrawn: 'Die Karte ist zurückgenommen.',
  withdrawnAll: 'Alle Karten sind zurückgenommen.',
  isWithdrawn: 'Karte zurückgenommen',
  remove: 'Liste löschen',
  removeSure:
    'Die ganze Liste löschen? Alle Namen und Karten sind dann weg, und wer über eine Karte drin ist, ist sofort draußen.',
  removed: 'Die Liste ist gelöscht.',
  keep: 'Nein, so lassen',
};
