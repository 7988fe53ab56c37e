import type { home as english } from '../en/home';
import { zahl } from './words';

export const home: typeof english = {
  home: {
    title: 'Dein Video-Klassen-Zimmer',
    lead: 'Du hast einen Link oder einen Namen bekommen. Schreib ihn hier hinein. Du brauchst kein Konto.',
    room: 'Raum',
    roomHint: 'Zum Beispiel: mutiger-dachs-lomi-katu-reno',
    roomMissing: 'Hier fehlt noch der Raum. Der Name steht in deiner Einladung.',
    join: 'Mitmachen',
    teacher: 'Ich bin Lehrkraft',
    teacherHint: 'Hier melden Sie sich an',
    roomsHint: 'Sie sind angemeldet',
    check: 'Mein Gerät testen',
    checkHint: 'Gehen Kamera und Mikrofon? Gehen Bild und Ton?',
    privacy: 'Niemand nimmt dich auf. Niemand verfolgt dich. Alles bleibt auf diesem Server.',
  },

  signIn: {
    title: 'Anmelden',
    lead: 'Hier melden sich Lehrkräfte an. Kinder brauchen kein Konto.',
    user: 'Benutzer-Name',
    password: 'Passwort',
    submit: 'Anmelden',
    missing: 'Bitte geben Sie Namen und Passwort ein.',
    wrong:
      'Der Name oder das Passwort stimmt nicht. Bitte prüfen Sie beides. Haben Sie das Passwort vergessen? Fragen Sie dort nach: Wer hat Ihnen das Konto gegeben?',
    tooMany: (seconds) =>
      `Das waren zu viele Versuche. Bitte warten Sie ${zahl(Math.max(1, Math.ceil(seconds)), 'Sekunde', 'Sekunden')}.`,
    trying: 'Gerade melden sich sehr viele an. Wir versuchen es für Sie weiter. Sie müssen nichts tun.',
    stop: 'Nicht weiter versuchen',
    noTurn:
      'Gerade melden sich sehr viele an. Sie waren noch nicht dran. Ihr Passwort haben wir nicht geprüft. Bitte versuchen Sie es noch einmal.',
    locked: 'Dieses Konto ist gesperrt. Fragen Sie dort nach: Wer hat Ihnen das Konto gegeben?',
  },

  account: {
    title: 'Mein Konto',
    open: 'Mein Konto',
    back: 'Meine Räume',
    passwordTitle: 'Passwort ändern',
    current: 'Altes Passwort',
    fresh: 'Neues Passwort',
    freshHint: 'Nehmen Sie mindestens 10 Zeichen. Gut sind mehrere Wörter hintereinander.',
    again: 'Neues Passwort noch einmal',
    submit: 'Passwort ändern',
    missing: 'Bitte füllen Sie alle drei Felder aus.',
    differs: 'Die neuen Passwörter sind nicht gleich. Bitte geben Sie beide noch einmal ein.',
    wrong: 'Das alte Passwort stimmt nicht. Bitte prüfen Sie es.',
    weak: 'Das neue Passwort ist zu leicht. Nehmen Sie mindestens 10 Zeichen. Gut sind mehrere Wörter hintereinander.',
    changed: 'Das Passwort ist neu. Andere Geräte sind jetzt abgemeldet.',
    sessionsTitle: 'Hier bin ich angemeldet',
    sessionsHint:
      'Kennen Sie ein Gerät nicht? Melden Sie es ab. Ändern Sie danach das Passwort. Das Gerät ist dann nicht mehr im Unterricht.',
    unknownBrowser: 'Unbekanntes Programm',
    thisOne: 'dieses Gerät',
    today: (time) => `heute um ${time}`,
    times: (since, used) => `Angemeldet: ${since}. Zuletzt benutzt: ${used}.`,
    end: 'Dort abmelden',
    endOne: (browser, since) => `Dort abmelden: ${browser}. Angemeldet: ${since}`,
    endOthers: 'Alle anderen Geräte abmelden',
    ended: 'Das Gerät ist abgemeldet.',
    othersEnded: 'Die anderen Geräte sind abgemeldet.',
  },

  nothing: {
    title: 'Hier ist nichts',
    text: 'Hier gibt es keinen Raum. Vielleicht fehlt ein Buchstabe. Sieh noch einmal in deine Einladung.',
    home: 'Zur Start-Seite',
  },
};
