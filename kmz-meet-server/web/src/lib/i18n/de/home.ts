import type { home as english } from '../en/home';
import { zahl } from './words';

export const home: typeof english = {
  home: {
    title: 'Dein Video-Klassenzimmer',
    lead: 'Hinein geht es mit dem Raumnamen oder dem Link der Lehrkraft. Ein Konto ist nicht nötig.',
    room: 'Raum',
    roomHint: 'Zum Beispiel: mutiger-dachs-lomi-katu-reno',
    roomMissing: 'Bitte zuerst den Namen des Raums eingeben. Er steht in der Einladung der Lehrkraft.',
    join: 'Teilnehmen',
    teacher: 'Ich bin Lehrkraft',
    teacherHint: 'Anmelden und eigene Räume öffnen',
    roomsHint: 'Angemeldet',
    check: 'Verbindung und Geräte testen',
    checkHint: 'Klappt Video in diesem Netz? Kamera, Mikrofon und Ton ausprobieren',
    privacy: 'Keine Aufnahme. Keine Verfolgung. Alles bleibt auf diesem Server.',
  },

  signIn: {
    title: 'Anmelden',
    lead: 'Für Lehrkräfte. Schülerinnen und Schüler brauchen kein Konto.',
    user: 'Benutzername',
    password: 'Passwort',
    submit: 'Anmelden',
    missing: 'Bitte Benutzername und Passwort eingeben.',
    wrong:
      'Benutzername oder Passwort stimmt nicht. Bitte beides prüfen und noch einmal versuchen. Vergessen? Dann bitte dort fragen, wo das Konto vergeben wurde.',
    tooMany: (seconds) =>
      `Es gab gerade zu viele Versuche. Bitte in ${zahl(Math.max(1, Math.ceil(seconds)), 'Sekunde', 'Sekunden')} noch einmal versuchen.`,
    trying:
      'Gerade versuchen sehr viele, sich anzumelden. Es wird von selbst immer wieder versucht, mehr ist nicht zu tun.',
    stop: 'Nicht weiter versuchen',
    noTurn:
      'Gerade versuchen sehr viele, sich anzumelden, und diese Anmeldung war noch nicht an der Reihe. Das Passwort wurde nicht geprüft. Bitte noch einmal versuchen.',
    locked: 'Dieses Konto ist gesperrt. Bitte dort nachfragen, wo das Konto vergeben wurde.',
  },

  account: {
    title: 'Mein Konto',
    open: 'Mein Konto',
    back: 'Meine Räume',
    passwordTitle: 'Passwort ändern',
    current: 'Bisheriges Passwort',
    fresh: 'Neues Passwort',
    freshHint: 'Mindestens 10 Zeichen. Gut sind mehrere Wörter, die nicht zusammengehören.',
    again: 'Neues Passwort noch einmal',
    submit: 'Passwort ändern',
    missing: 'Bitte alle drei Felder ausfüllen.',
    differs: 'Die beiden neuen Passwörter sind verschieden. Bitte beide noch einmal eingeben.',
    wrong: 'Das bisherige Passwort stimmt nicht. Bitte prüfen und noch einmal versuchen.',
    weak: 'Das neue Passwort ist zu kurz oder zu leicht zu erraten. Besser sind mindestens 10 Zeichen aus mehreren Wörtern, die nicht zusammengehören.',
    changed: 'Das Passwort ist geändert. Alle anderen Geräte sind jetzt abgemeldet.',
    sessionsTitle: 'Hier bin ich angemeldet',
    sessionsHint:
      'Ein Gerät ist nicht bekannt? Dort abmelden und dann das Passwort ändern. Wer dort gerade in einer Konferenz ist, verlässt sie. Dieses Gerät bleibt, wo es ist.',
    unknownBrowser: 'Unbekannter Browser',
    thisOne: 'dieses Gerät',
    today: (time) => `heute, ${time}`,
    times: (since, used) => `Angemeldet: ${since}. Zuletzt benutzt: ${used}.`,
    end: 'Dort abmelden',
    endOne: (browser, since) => `Dort abmelden: ${browser}, angemeldet ${since}`,
    endOthers: 'Überall sonst abmelden',
    ended: 'Dort abgemeldet.',
    othersEnded: 'Überall sonst abgemeldet.',
  },

  nothing: {
    title: 'Hier ist nichts',
    text: 'Diese Adresse führt zu keinem Raum. Bitte mit der Einladung vergleichen oder den Namen des Raums auf der Startseite eingeben.',
    home: 'Zur Startseite',
  },
};
