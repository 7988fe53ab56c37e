import { i18n } from '../../lib/i18n/index.svelte';
import { type Both, words } from '../lib/words';

/** The texts of mails. */
export const w = words({
  de: {
    lead: 'Was an Mails hinausgeht, ohne ihren Inhalt: an wen, worum es ging, und ob es ankam.',
    caption: 'Mails',
    when: 'Wann',
    to: 'An',
    kind: 'Thema',
    state: 'Zustand',
    states: { waiting: 'wartet', sent: 'verschickt', failed: 'nicht zustellbar', shown: 'nur angezeigt (Demo)' },
    answer: 'Antwort des Mailservers',
    next: (when: string) => `nächster Versuch ${when}`,
    none: '–',
    only: 'Zeigen',
    all: 'alle',
    empty: 'Es ging noch keine Mail hinaus.',
    noSuch: 'So eine Mail gibt es gerade nicht.',
    again: 'Neu laden',
    more: 'Ältere laden',
    failed: (count: number) =>
      count === 1
        ? 'Eine Mail kam nicht an. Oft ist die Adresse falsch geschrieben.'
        : `${count} Mails kamen nicht an. Oft ist die Adresse falsch geschrieben.`,
    templates: 'Vorlagen',
    templatesLead:
      'Die Texte der Mails. Eine eigene Fassung ist eine Datei im Ordner „mail“ des Datenverzeichnisses; die Dateinamen stehen in der Tabelle.',
    template: 'Mail',
    language: 'Sprache',
    languages: { de: 'deutsch', en: 'englisch' },
    source: 'Fassung',
    own: 'eigene',
    builtIn: 'mitgeliefert',
    broken: 'nicht brauchbar',
    file: 'Datei',
    look: 'Ansehen',
    lookOf: (name: string) => `Vorlage „${name}“ ansehen`,
    previewTitle: (name: string) => `Vorlage: ${name}`,
    previewLead: 'Mit Beispielen in den Feldern.',
    text: 'Text der Vorlage',
    textHint: (fields: string) => `Die erste Zeile beginnt mit Betreff: oder Subject:. Felder: ${fields}`,
    textRule: 'Diesen Text kann der Server so nicht verschicken.',
    try: 'Vorschau neu berechnen',
    tryHint: 'Hier wird nur ausprobiert. Gespeichert wird der Text als Datei auf dem Server.',
    subject: 'Betreff',
    preview: 'Vorschau',
  },
  en: {
    lead: 'What mails are sent, without what they say: to whom, about what, and whether they arrived.',
    caption: 'Mails',
    when: 'When',
    to: 'To',
    kind: 'About',
    state: 'State',
    states: { waiting: 'waits', sent: 'sent', failed: 'not delivered', shown: 'shown only (demo)' },
    answer: 'Answer of the mail server',
    next: (when: string) => `next try ${when}`,
    none: '–',
    only: 'Show',
    all: 'all',
    empty: 'No mail was sent yet.',
    noSuch: 'There is no such mail right now.',
    again: 'Load again',
    more: 'Load older ones',
    failed: (count: number) =>
      count === 1
        ? 'One mail did not arrive. Often the address is misspelt.'
        : `${count} mails did not arrive. Often the address is misspelt.`,
    templates: 'Templates',
    templatesLead:
      'The texts of the mails. A version of your own is a file in the folder “mail” of the data directory; the names of the files are in the table.',
    template: 'Mail',
    language: 'Language',
    languages: { de: 'German', en: 'English' },
    source: 'Version',
    own: 'your own',
    builtIn: 'built in',
    broken: 'cannot be used',
    file: 'File',
    look: 'Look',
    lookOf: (name: string) => `Look at the template “${name}”`,
    previewTitle: (name: string) => `Template: ${name}`,
    previewLead: 'With examples in its fields.',
    text: 'Text of the template',
    textHint: (fields: string) => `The first line begins with Betreff: or Subject:. Fields: ${fields}`,
    textRule: 'The server cannot send this text.',
    try: 'Make the preview anew',
    tryHint: 'This only tries it. The text is kept as a file at the server.',
    subject: 'Subject',
    preview: 'Preview',
  },
});

/** By the names of the templates. */
const GERMAN_KINDS = {
  first_password: 'Erstes Passwort',
  password_reset: 'Passwort vergessen',
  password_changed: 'Passwort geändert',
  confirm_address: 'Adresse bestätigen',
  address_changed: 'Adresse geändert',
  second_factor_off: 'Zweiter Faktor entfernt',
  app_added: 'Authenticator-App eingerichtet',
  passkey_added: 'Passkey eingerichtet',
  passkey_removed: 'Passkey entfernt',
  passkey_doubtful: 'Passkey abgewiesen',
  teacher_confirm: 'Anfrage: Adresse bestätigen',
  teacher_known: 'Anfrage: Konto gibt es schon',
  teacher_asked: 'Anfrage: Rückfrage',
  teacher_refused: 'Anfrage abgelehnt',
  contract_runs_out: 'Vertrag läuft ab',
};

const ENGLISH_KINDS: Record<keyof typeof GERMAN_KINDS, string> = {
  first_password: 'first password',
  password_reset: 'forgotten password',
  password_changed: 'password changed',
  confirm_address: 'confirm an address',
  address_changed: 'address changed',
  second_factor_off: 'second factor removed',
  app_added: 'authenticator app set up',
  passkey_added: 'passkey added',
  passkey_removed: 'passkey removed',
  passkey_doubtful: 'passkey refused',
  teacher_confirm: 'request: confirm the address',
  teacher_known: 'request: there is an account',
  teacher_asked: 'request: a question',
  teacher_refused: 'request refused',
  contract_runs_out: 'contract runs out',
};

const KINDS: Both<Partial<Record<string, string>>> = { de: GERMAN_KINDS, en: ENGLISH_KINDS };

/** What a mail is about; one that this page does not know yet by its name. */
export const kindText = (kind: string): string => KINDS[i18n.official][kind] ?? kind;
