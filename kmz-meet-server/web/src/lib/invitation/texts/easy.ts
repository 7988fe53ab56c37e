import { comingIn } from '../../i18n/de/coming-in';
import { endOf, lastDay } from '../schedule';
import { clock, day, GERMAN } from './days';
import type { InvitationText } from './en';

/*
 * Leichte Sprache: kurze Sätze, ein Gedanke je Satz, kein Genitiv, kein Passiv. Lange Wörter haben einen Bindestrich. Sie ist
 * für Kinder gedacht, daher das Du.
 */
export const easy: InvitationText = {
  tag: 'de',
  name: 'Deutsch, Leichte Sprache',
  heading: 'Einladung zur Video-Konferenz',
  subject: (topic) => `Einladung zur Video-Konferenz: ${topic}`,
  file: 'Einladung',
  when: (schedule, zone, named) => {
    const once = schedule.until === null;
    return [
      once
        ? `Das Treffen ist am ${day(schedule.date, GERMAN, 'with weekday')}.`
        : `Das Treffen ist jeden ${day(schedule.date, GERMAN, 'weekday')}.`,
      `Es beginnt um ${clock(schedule.time, GERMAN)} Uhr.`,
      `Es endet um ${clock(endOf(zone, schedule).time, GERMAN)} Uhr.`,
      ...(named === null ? [] : [`Das ist die Zeit in ${named}.`]),
      ...(once
        ? []
        : [
            `Das erste Treffen ist am ${day(schedule.date, GERMAN)}.`,
            `Das letzte Treffen ist am ${day(lastDay(schedule), GERMAN)}.`,
          ]),
    ];
  },
  password: (password) => `Passwort: ${password}`,
  noAccount: 'Öffne den Link im Internet-Programm. Du brauchst kein Konto. Du brauchst keine App.',
  please: 'So machst du mit',
  rules: {
    muted: 'Schalte vorher das Mikrofon aus. Schalte auch die Kamera aus.',
    mutedByRoom: 'Am Anfang ist dein Mikrofon aus. Deine Kamera ist auch aus. Lass beides zuerst aus.',
    firstName: 'Schreibe deinen richtigen Vornamen.',
    knock: 'Warte dann kurz. Die Lehrkraft lässt dich herein.',
    microphone: 'Schalte das Mikrofon zum Sprechen ein. Schalte es danach wieder aus.',
    hand: 'Willst du etwas sagen? Dann hebe die Hand.',
    cameraOff: 'Die Kameras von allen Kindern bleiben aus.',
    chat: 'Hast du eine Frage? Du kannst sie auch in den Chat schreiben.',
    chatOff: 'Im Chat schreiben nur die Lehrkräfte.',
    keepLink: 'Gib den Link nicht weiter.',
  },
  test: 'Du kannst vorher üben. Hier prüfst du Kamera und Mikrofon:',
  guide: 'Hier steht mehr:',
  help: (contact) => `Hilfe: ${contact}`,
  sheet: {
    scan: 'Halte die Kamera vom Handy auf dieses Bild.',
    type: 'Oder tippe diese Adresse ein:',
    passwordLabel: 'Passwort',
    steps: 'Schritt für Schritt',
    open: 'Öffne den Link.',
    name: 'Schreibe deinen Vornamen.',
    passwordStep: 'Schreibe das Passwort.',
    join: `Drücke auf „${comingIn.preJoin.join}“.`,
  },
};
