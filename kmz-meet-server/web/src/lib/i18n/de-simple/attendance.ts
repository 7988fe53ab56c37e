import type { attendance as english } from '../en/attendance';
import { zahl } from './words';

export const attendance: typeof english = {
  attendance: {
    title: 'Wer war da?',
    open: 'Wer war da?',
    none: 'Nach der Stunde stehen hier alle Namen.',
    kept: 'Die Listen löschen wir nach einiger Zeit. Die Schule bestimmt die Zeit.',
    moment: 'Einen Moment …',
    lesson: (day, present, absent) => `${day}: ${present} da${absent > 0 ? `. ${absent} nicht da` : ''}`,
    back: 'Zurück',
    name: 'Name',
    minutes: 'Minuten',
    minutesOf: (name) => `Minuten von ${name}`,
    measured: (n) => `gemessen: ${n}`,
    expired: 'Der Zugang aus dem Kurs ist zu alt. Öffnen Sie den Link im Kurs noch einmal.',
    keyUnchecked: (keys) =>
      `Die Lern-Plattform nimmt nichts an. Sie kann unseren Schlüssel nicht prüfen. Sagen Sie es der Technik. Die Lern-Plattform muss das erreichen: ${keys}.`,
    platform: 'Die Lern-Plattform hat die Zahlen nicht angenommen. Bitte versuchen Sie es später.',
    noGradebook: 'Im Kurs fehlt eine Spalte dafür. Erlauben Sie im Kurs Bewertungen. Oder fragen Sie die Technik.',
    wrongMinutes: 'Bitte schreiben Sie eine Zahl von 0 bis 1440. Oder lassen Sie das Feld leer.',
    download: 'Als Tabelle speichern',
    send: 'In die Bewertungen schicken',
    sendTitle: 'In die Bewertungen schicken?',
    sendText: 'Die Zahlen stehen danach in den Bewertungen vom Kurs.',
    incomplete: 'Die Liste ist noch nicht fertig. Wir fragen die Lern-Plattform noch: Wer fehlt?',
    completion: 'War da: ein Punkt',
    needed: 'ab so vielen Minuten:',
    neededWhy: (minutes) => `Wir schlagen zwei Drittel vor. Die Stunde war ${zahl(minutes, 'Minute', 'Minuten')} lang.`,
    absentGetNone: 'Wer fehlt? Der bekommt keine Bewertung. Sollen Minuten gelten? Schreiben Sie sie hier hinein.',
    countsInTotal: 'Die Spalte zählt für die ganze Note. Wollen Sie das nicht? Dann geben Sie ihr im Kurs die Zahl 0.',
    asMinutes: 'Minuten von der Stunde',
    sendYes: 'Abschicken',
    sent: (n, refused, failed) =>
      `${n} abgeschickt.${refused > 0 ? ` ${refused} nicht angenommen.` : ''}${failed > 0 ? ` ${failed} nicht angekommen. Versuchen Sie es später noch einmal.` : ''}`,
  },
};
