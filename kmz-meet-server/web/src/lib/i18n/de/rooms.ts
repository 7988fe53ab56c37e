import type { rooms as english } from '../en/rooms';
import { zahl } from './words';

export const rooms: typeof english = {
  rooms: {
    console: 'Verwaltung',
    title: 'Meine Räume',
    welcome: (name) => `Hallo, ${name}`,
    empty:
      'Hier erscheinen die eigenen Räume. Einfach den ersten anlegen: Ein Name, der schwer zu erraten ist, wird vorgeschlagen.',
    running: (n) => (n > 0 ? `Läuft, ${zahl(n, 'Person', 'Personen')}` : 'Läuft'),
    idle: 'Läuft nicht',
    open: 'Öffnen',
    openRoom: (name) => `${name} öffnen`,
    invite: 'Einladung',
    inviteRoom: (name) => `Einladung zu ${name}`,
    substitute: 'Vertretung',
    substituteRoom: (name) => `Vertretung in ${name}`,
    classList: 'Klasse und Karten',
    classListRoom: (name) => `Klasse und Karten in ${name}`,
    settings: 'Einstellungen',
    settingsRoom: (name) => `Einstellungen von ${name}`,
    create: 'Neuer Raum',
    createTitle: 'Neuer Raum',
    name: 'Name des Raums',
    nameHint: 'Der Name ist der Weg hinein. Ist er schwer zu erraten, bleiben Fremde draußen.',
    another: 'Anderen Namen vorschlagen',
    createSubmit: 'Raum anlegen',
    password: 'Passwort',
    passwordIs: (password) => `Passwort: ${password}`,
    passwordHint: 'Leer lassen, wenn der Link genügt.',
    weak: (suggestion) =>
      `Dieser Name ist zu leicht zu erraten, Fremde könnten hereinkommen. ${suggestion ? `Besser wäre zum Beispiel: ${suggestion}` : 'Bitte einen längeren Namen wählen.'}`,
    nameLength: 'Der Name braucht 3 bis 80 Zeichen. Bitte einen längeren oder kürzeren wählen.',
    nameSigns:
      'Der Name darf nur Buchstaben, Ziffern und Bindestriche haben, weil er Teil des Links wird. Bitte die anderen Zeichen weglassen.',
    taken: 'Diesen Namen gibt es schon. Bitte einen anderen wählen.',
    delete: 'Raum löschen',
    deleteConfirm:
      'Diesen Raum löschen? Der Link funktioniert dann nicht mehr. Das lässt sich nicht rückgängig machen.',
    deleteYes: 'Ja, löschen',
    saved: 'Gespeichert.',
    whoMay: 'Die Klasse darf',
    atJoin: 'Beim Hereinkommen',
    door: 'Tür zu Beginn',
    capacity: 'Höchstens so viele Personen',
    capacityHint: 'Von 2 bis 70. Lehrkräfte kommen immer hinein.',
    created: 'Der Raum ist bereit.',
  },

  policy: {
    microphone: 'das Mikrofon benutzen',
    camera: 'die Kamera benutzen',
    screen: 'den Bildschirm teilen',
    chat: 'im Chat schreiben',
    microphoneOnAtJoin: 'Ein vorher eingeschaltetes Mikrofon bleibt an',
    cameraOnAtJoin: 'Eine vorher eingeschaltete Kamera bleibt an',
  },

  door: {
    title: 'Tür',
    open: 'Offen',
    openHint: 'Mit Link und Passwort kommt man herein.',
    knock: 'Anklopfen',
    knockHint: 'Neue warten, bis sie hereingelassen werden.',
    closed: 'Zu',
    closedHint: 'Niemand Neues kommt herein. Wer herausfällt, kann zurück.',
    close: 'Tür schließen',
    reopen: 'Wieder öffnen',
    nowClosed: 'Die Tür ist zu. Niemand Neues kommt herein.',
    nowOpen: 'Die Tür ist offen.',
    nowKnock: 'Neue warten jetzt, bis sie hereingelassen werden.',
  },
};
