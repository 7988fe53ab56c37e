import { comingIn } from '../../i18n/de/coming-in';
import { endOf, lastDay } from '../schedule';
import { clock, day, GERMAN } from './days';
import type { InvitationText } from './en';

/** Die Einladung auf Deutsch, ohne Anrede: Sie geht an Eltern und Kinder. */
export const de: InvitationText = {
  tag: 'de',
  name: 'Deutsch',
  heading: 'Einladung zur Videokonferenz',
  subject: (topic) => `Einladung zur Videokonferenz: ${topic}`,
  file: 'Einladung',
  when: (schedule, zone, named) => {
    const from = clock(schedule.time, GERMAN);
    const to = clock(endOf(zone, schedule).time, GERMAN);
    const times = `${from} bis ${to} Uhr${named === null ? '' : ` (Zeit in ${named})`}`;
    return schedule.until === null
      ? [`${day(schedule.date, GERMAN, 'with weekday')}, ${times}`]
      : [
          `Jeden ${day(schedule.date, GERMAN, 'weekday')}, ${times}`,
          `Vom ${day(schedule.date, GERMAN)} bis ${day(lastDay(schedule), GERMAN)}`,
        ];
  },
  password: (password) => `Passwort: ${password}`,
  noAccount: 'Den Link in einem aktuellen Browser öffnen. Ein Konto oder eine App ist nicht nötig.',
  please: 'So geht das Hereinkommen',
  rules: {
    muted: 'Bitte mit stummgeschaltetem Mikrofon und abgeschalteter Kamera beitreten.',
    mutedByRoom:
      'Bitte mit stummgeschaltetem Mikrofon und abgeschalteter Kamera beitreten. Der Raum beginnt so, dass beides aus ist.',
    firstName: 'Bitte den richtigen Vornamen eingeben.',
    knock: 'Danach bitte warten, bis jemand hereinlässt.',
    microphone: 'Das Mikrofon nur zum Sprechen einschalten und danach wieder ausschalten.',
    hand: 'Wer etwas sagen möchte, hebt die Hand.',
    cameraOff: 'Die Kameras der Klasse bleiben aus.',
    chat: 'Fragen können auch in den Chat geschrieben werden.',
    chatOff: 'Im Chat schreiben nur Lehrkräfte.',
    keepLink: 'Bitte den Link nicht weitergeben.',
  },
  test: 'Kamera, Mikrofon und Netz lassen sich vor dem ersten Mal ausprobieren:',
  guide: 'Weitere Informationen:',
  help: (contact) => `Hilfe: ${contact}`,
  sheet: {
    scan: 'Die Kamera eines Handys oder Tablets auf dieses Bild halten.',
    type: 'Oder diese Adresse in einen Browser eintippen:',
    passwordLabel: 'Passwort',
    steps: 'Schritt für Schritt',
    open: 'Den Link in einem Browser öffnen.',
    name: 'Den Vornamen eintippen.',
    passwordStep: 'Das Passwort eintippen.',
    join: `Auf „${comingIn.preJoin.join}“ drücken.`,
  },
};
