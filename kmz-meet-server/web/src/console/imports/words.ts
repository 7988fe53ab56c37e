import { words } from '../lib/words';

/** The texts of lists of teachers that become accounts. */
export const w = words({
  de: {
    fresh: 'Eine Liste einlesen',
    lead: 'Eine Tabelle mit Vorname, Nachname und dienstlicher Mailadresse, als CSV oder Excel (XLSX). Zuerst wird sie nur geprüft: Angelegt wird erst, was danach bestätigt wird.',
    file: 'Datei',
    fileHint: 'CSV oder XLSX, höchstens 10 MB.',
    fileRule: 'Bitte zuerst eine Datei auswählen.',
    password: 'Passwort der Datei',
    passwordHint: 'Diese Arbeitsmappe ist mit einem Passwort geschützt. Es wird nicht gespeichert.',
    passwordRule: 'Das ist nicht das Passwort der Datei.',
    passwordMissing: 'Bitte das Passwort der Datei eingeben.',
    check: 'Liste prüfen',
    tooMany: 'Es gibt so viele eingelesene Listen, wie es geben darf. Bitte zuerst eine löschen.',
    past: 'Eingelesene Listen',
    caption: 'Listen',
    when: 'Geprüft am',
    state: 'Zustand',
    states: {
      checked: 'geprüft, nichts angelegt',
      running: 'Konten werden angelegt',
      stopped: 'angehalten',
      done: 'fertig',
      undone: 'zurückgenommen',
    },
    accounts: 'Neue Konten',
    rowsOf: 'Zeilen',
    none: 'Es wurde noch keine Liste eingelesen.',
    open: 'Öffnen',
    openOf: (when: string) => `Liste vom ${when} öffnen`,
    titleOf: (when: string) => `Liste vom ${when}`,
    back: 'Zu allen Listen',
    verdict: {
      new: 'neu',
      known: 'schon mit Konto',
      duplicate: 'doppelt in der Liste',
      wrong_domain: 'mit fremder Mailadresse',
      unreadable: 'nicht lesbar',
    },
    verdictOf: 'Ergebnis',
    only: 'Zeigen',
    all: (count: string) => `alle (${count})`,
    row: 'Zeile',
    rowOf: (number: number) => `Zeile ${number}`,
    name: 'Name',
    email: 'Mailadresse',
    username: 'Benutzername',
    became: 'Was daraus wurde',
    rowState: {
      skipped: 'nichts',
      waiting: 'wartet',
      made: 'Konto angelegt',
      overtaken: 'hatte inzwischen ein Konto',
      removed: 'Konto wieder entfernt',
      kept: 'Konto behalten: schon benutzt',
    },
    rows: 'Zeilen der Liste',
    noRows: 'So eine Zeile gibt es in der Liste nicht.',
    confirm: (count: number) => (count === 1 ? 'Ein Konto anlegen' : `${count} Konten anlegen`),
    nothingNew: 'In der Liste ist niemand, der ein Konto bekommt.',
    discard: 'Verwerfen',
    discarded: 'Die Liste ist gelöscht.',
    running: (done: string, total: string) => `${done} von ${total} Konten sind angelegt.`,
    progress: 'Fortschritt',
    stopped: 'Das Anlegen wurde unterbrochen. Mit dem Knopf geht es weiter.',
    goOn: 'Weiter anlegen',
    made: (count: number) => (count === 1 ? 'Ein Konto ist angelegt.' : `${count} Konten sind angelegt.`),
    links: 'Jetzt fehlen noch die Links für die Passwörter',
    linksLead:
      'Alle, die noch kein Passwort haben, bekommen einen neuen Link, als Mail oder als Brief. Frühere Links gelten dann nicht mehr: Bitte nur eins von beiden.',
    mails: 'Links als Mails schicken',
    mailing: (count: string) => `Mails gehen hinaus: ${count} …`,
    mailed: (count: number, leftOut: number) =>
      [
        count > 1
          ? `${count} Mails sind unterwegs.`
          : count === 1
            ? 'Eine Mail ist unterwegs.'
            : leftOut > 0
              ? 'Es ging keine neue Mail hinaus.'
              : 'Niemand brauchte eine Mail: Alle haben schon ein Passwort.',
        leftOut > 1
          ? `${leftOut} Lehrkräfte bekamen heute schon so viele Mails, dass keine dazukam: Ihr Link steht in der neuesten davon.`
          : leftOut === 1
            ? 'Eine Lehrkraft bekam heute schon so viele Mails, dass keine dazukam: Ihr Link steht in der neuesten davon.'
            : '',
      ]
        .filter(Boolean)
        .join(' '),
    halfway: (button: string) => `Das wurde unterbrochen. „${button}“ noch einmal drücken: Dann geht es dort weiter.`,
    letters: 'Links als Briefe (PDF)',
    lettering: (count: string) => `Briefe werden gedruckt: Datei ${count} …`,
    lettered: (files: number) =>
      files === 1
        ? 'Eine Datei mit Briefen ist heruntergeladen.'
        : `${files} Dateien mit Briefen sind heruntergeladen.`,
    noLetters: 'Niemand braucht einen Brief: Alle haben schon ein Passwort.',
    undo: 'Zurücknehmen',
    undoUntil: (when: string) => `Bis ${when} lässt sich alles zurücknehmen.`,
    undoTitle: 'Diese Liste zurücknehmen?',
    undoLoses:
      'Konten, die noch niemand benutzt hat, werden wieder entfernt, und ihre Links gelten nicht mehr. Wer schon ein Passwort hat, behält das Konto.',
    undone: 'Zurückgenommen.',
    delete: 'Liste löschen',
    deleteTitle: 'Was von dieser Liste bekannt ist, löschen?',
    deleteLoses: 'Die Konten bleiben. Zurücknehmen und Briefe drucken geht danach nicht mehr.',
    gone: (when: string) => `Wird am ${when} von selbst gelöscht.`,
  },
  en: {
    fresh: 'Import a list',
    lead: 'A table with first name, surname and official mail address, as CSV or Excel (XLSX). First it is only checked: nothing is made before it is confirmed.',
    file: 'File',
    fileHint: 'CSV or XLSX, 10 MB at most.',
    fileRule: 'Please choose a file first.',
    password: 'Password of the file',
    passwordHint: 'This workbook is protected by a password. It is not kept.',
    passwordRule: 'This is not the password of the file.',
    passwordMissing: 'Please enter the password of the file.',
    check: 'Check the list',
    tooMany: 'There are as many imported lists as there may be. Please delete one first.',
    past: 'Imported lists',
    caption: 'Lists',
    when: 'Checked on',
    state: 'State',
    states: {
      checked: 'checked, nothing made',
      running: 'accounts are being made',
      stopped: 'stopped',
      done: 'done',
      undone: 'taken back',
    },
    accounts: 'New accounts',
    rowsOf: 'Rows',
    none: 'No list was imported yet.',
    open: 'Open',
    openOf: (when: string) => `Open the list of ${when}`,
    titleOf: (when: string) => `List of ${when}`,
    back: 'To all lists',
    verdict: {
      new: 'new',
      known: 'with an account already',
      duplicate: 'twice in the list',
      wrong_domain: 'with a foreign mail address',
      unreadable: 'not readable',
    },
    verdictOf: 'Verdict',
    only: 'Show',
    all: (count: string) => `all (${count})`,
    row: 'Row',
    rowOf: (number: number) => `Row ${number}`,
    name: 'Name',
    email: 'Mail address',
    username: 'User name',
    became: 'What became of it',
    rowState: {
      skipped: 'nothing',
      waiting: 'waits',
      made: 'account made',
      overtaken: 'had an account meanwhile',
      removed: 'account removed again',
      kept: 'account kept: in use',
    },
    rows: 'Rows of the list',
    noRows: 'There is no such row in the list.',
    confirm: (count: number) => (count === 1 ? 'Make one account' : `Make ${count} accounts`),
    nothingNew: 'There is nobody in the list who gets an account.',
    discard: 'Discard',
    discarded: 'The list is deleted.',
    running: (done: string, total: string) => `${done} of ${total} accounts are made.`,
    progress: 'Progress',
    stopped: 'It was interrupted. The button goes on.',
    goOn: 'Go on',
    made: (count: number) => (count === 1 ? 'One account is made.' : `${count} accounts are made.`),
    links: 'Now the links for the passwords are missing',
    linksLead:
      'All who have no password yet get a new link, by mail or by letter. Former links are over then: please only one of both.',
    mails: 'Send the links by mail',
    mailing: (count: string) => `Mails are sent: ${count} …`,
    mailed: (count: number, leftOut: number) =>
      [
        count > 1
          ? `${count} mails are on their way.`
          : count === 1
            ? 'One mail is on its way.'
            : leftOut > 0
              ? 'No new mail was sent.'
              : 'Nobody needed a mail: all have a password already.',
        leftOut > 1
          ? `${leftOut} teachers got so many mails today that none was added: their link is in the newest of those.`
          : leftOut === 1
            ? 'One teacher got so many mails today that none was added: the link is in the newest of those.'
            : '',
      ]
        .filter(Boolean)
        .join(' '),
    halfway: (button: string) => `That was interrupted. Press “${button}” once more: it goes on from there.`,
    letters: 'The links as letters (PDF)',
    lettering: (count: string) => `Letters are printed: file ${count} …`,
    lettered: (files: number) =>
      files === 1 ? 'One file of letters is downloaded.' : `${files} files of letters are downloaded.`,
    noLetters: 'Nobody needs a letter: all have a password already.',
    undo: 'Take back',
    undoUntil: (when: string) => `Until ${when} all of it can be taken back.`,
    undoTitle: 'Take this list back?',
    undoLoses:
      'Accounts that nobody has used yet are removed again, and their links are over. Who has a password already keeps the account.',
    undone: 'Taken back.',
    delete: 'Delete the list',
    deleteTitle: 'Delete what is known of this list?',
    deleteLoses: 'The accounts stay. It cannot be taken back after that, and no letters are printed.',
    gone: (when: string) => `It is deleted by itself on ${when}.`,
  },
});
