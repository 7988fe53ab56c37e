import type { attendance as english } from '../en/attendance';
import { zahl } from './words';

export const attendance: typeof english = {
  attendance: {
    title: 'Anwesenheit',
    open: 'Anwesenheit ansehen',
    none: 'Hier stehen nach dem Unterricht alle, die dabei waren.',
    kept: 'Die Listen werden nach einiger Zeit von selbst gelöscht; wie lange, bestimmt die Schule.',
    moment: 'Einen Moment …',
    lesson: (day, present, absent) => `${day}: ${present} anwesend${absent > 0 ? `, ${absent} abwesend` : ''}`,
    back: 'Zurück zur Übersicht',
    name: 'Name',
    minutes: 'Minuten',
    minutesOf: (name) => `Minuten von ${name}`,
    measured: (n) => `gemessen: ${n}`,
    expired:
      'Der Zugang aus dem Kurs ist abgelaufen. Öffne den Link im Kurs noch einmal; wenn du den Raum wieder verlässt, steht hier die Anwesenheit.',
    keyUnchecked: (keys) =>
      `Die Lernplattform konnte wohl den Schlüssel dieses Dienstes nicht prüfen und nimmt deshalb nichts an. Bitte gib ihrer Administration weiter: Ihr Server muss ${keys} erreichen (in Moodle: Sicherheit → HTTP-Sicherheit, geblockte Hosts und erlaubte Ports).`,
    platform:
      'Die Lernplattform hat die Werte nicht angenommen. Bitte später noch einmal übertragen; bleibt es so, hilft ihre Administration weiter.',
    noGradebook:
      'Im Kurs gibt es keine Spalte dafür. Bitte in den Einstellungen der Aktivität Bewertungen annehmen lassen, oder die Administration der Lernplattform fragen.',
    wrongMinutes: 'Bitte eine ganze Zahl von 0 bis 1440 eintragen, oder nichts für das Gemessene.',
    download: 'Als Tabelle herunterladen',
    send: 'In die Bewertungen übertragen',
    sendTitle: 'In die Bewertungen übertragen?',
    sendText: 'Die Werte gehen an die Lernplattform und stehen danach in den Bewertungen des Kurses.',
    incomplete:
      'Noch unvollständig: Die Lernplattform hat noch nicht gesagt, wer fehlt. Wir fragen sie wieder, bis sie antwortet.',
    completion: 'Teilgenommen: ein Punkt',
    needed: 'ab so vielen Minuten:',
    neededWhy: (minutes) =>
      `Vorgeschlagen sind zwei Drittel; der Unterricht dauerte ${zahl(minutes, 'Minute', 'Minuten')}.`,
    absentGetNone:
      'Wer fehlte, bekommt keine Bewertung, auch keine Null: Der Platz bleibt leer. Sollen Minuten gelten, trage sie hier ein.',
    countsInTotal:
      'Die Spalte zählt in der Gesamtbewertung des Kurses mit. Soll sie das nicht, gib ihr in der Lernplattform die Gewichtung 0 (in Moodle: Bewertungen → Setup für Bewertungen).',
    asMinutes: 'Minuten, von denen des Unterrichts',
    sendYes: 'Übertragen',
    sent: (n, refused, failed) =>
      `${n} übertragen${refused > 0 ? `, ${refused} hat die Lernplattform nicht angenommen` : ''}${failed > 0 ? `, ${failed} nicht angekommen: bitte später noch einmal übertragen` : ''}.`,
  },
};
