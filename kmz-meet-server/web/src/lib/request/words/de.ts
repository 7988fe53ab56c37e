import type { Words } from './en';

/** Die Texte der Seite, auf der Lehrkräfte einen Zugang beantragen. */
export const de: Words = {
  title: 'Zugang beantragen',
  lead: 'Für Lehrkräfte. Schülerinnen und Schüler brauchen kein Konto: Sie öffnen den Link ihres Raums.',
  steps:
    'An die Adresse kommt eine E-Mail. Ist ihr Link geöffnet, entscheidet die Schule oder wer diesen Dienst betreibt.',
  name: 'Vor- und Nachname',
  school: 'Schule',
  choose: 'Bitte auswählen',
  schools: 'Die Schulen werden geladen …',
  noSchools: 'Hier nimmt noch keine Schule teil.',
  missingSchool:
    'Die Schule steht nicht in der Liste? Dann hat sie noch keinen Vertrag mit diesem Dienst. Bitte bei der Schulleitung nachfragen.',
  email: 'Dienstliche E-Mail-Adresse',
  emailHint: 'Die Adresse, die Schule oder Schulträger vergeben haben.',
  language: 'Sprache der E-Mails',
  german: 'Deutsch',
  english: 'English',
  submit: 'Zugang beantragen',
  missing: 'Bitte Name, Schule und Adresse ausfüllen.',
  sentTitle: 'Bitte in die E-Mails schauen',
  sent: (address) =>
    `Kann ${address} einer Lehrkraft dieser Schule gehören, ist eine E-Mail unterwegs. Bitte ihren Link innerhalb eines Tages öffnen. Vorher sieht niemand den Antrag.`,
  none: 'Es kommt nichts? Bitte im Spam-Ordner nachsehen und prüfen, ob es die dienstliche Adresse dieser Schule ist. Wer schon ein Konto hat, erfährt das per E-Mail. An eine Adresse gehen am Tag nur wenige E-Mails.',
  again: 'Ändern und noch einmal beantragen',
  signIn: 'Zur Anmeldung',
  reading: 'Der Antrag wird geholt …',
  over: 'Dieser Link führt zu keinem Antrag mehr.',
  overWhy:
    'Er ist älter als ein Tag und wurde nicht geöffnet, oder er ist nicht vollständig kopiert, oder eine neuere E-Mail brachte einen anderen Link, oder es ist schon entschieden: Dann steht es in einer E-Mail.',
  afresh: 'Noch einmal beantragen',
  ownTitle: 'Mein Antrag',
  of: 'Antrag von',
  confirmed: 'Die Adresse ist bestätigt.',
  state: {
    unconfirmed: 'Die Adresse ist noch nicht bestätigt. Bitte die Seite neu laden.',
    waiting: 'Der Antrag wartet auf eine Entscheidung. Sie kommt per E-Mail.',
    asked_back: 'Vor der Entscheidung gibt es eine Frage.',
    accepted: 'Der Antrag ist angenommen. Eine E-Mail bringt den Link zum ersten Passwort.',
    refused: 'Der Antrag ist abgelehnt. Den Grund nennt eine E-Mail.',
  },
  keep: 'Der Link der E-Mail führt immer wieder auf diese Seite.',
  question: 'Frage',
  answer: 'Antwort',
  answerHint: 'Höchstens 1.000 Zeichen.',
  sendAnswer: 'Antwort senden',
  missingAnswer: 'Bitte eine Antwort schreiben.',
  answered: 'Die Antwort ist angekommen.',
  proofTitle: 'Nachweis der Beschäftigung',
  proofLead:
    'Die Adresse steht nicht im Verzeichnis. Eine Bescheinigung der Schule, die Ernennung oder ein Foto des Dienstausweises beschleunigt die Entscheidung. Was niemanden angeht, bitte schwärzen. Die Datei wird verschlüsselt aufbewahrt und mit der Entscheidung gelöscht, spätestens nach 30 Tagen.',
  proofMore: 'Antwortet eine Datei besser auf die Frage, kann sie hier dazu.',
  file: 'Datei (PDF, JPEG oder PNG, höchstens 5 MB)',
  sendFile: 'Datei senden',
  sending: 'Wird gesendet …',
  fileThere: 'Die Datei ist angekommen. Eine weitere ersetzt sie.',
  problem: {
    email: 'Das ist keine E-Mail-Adresse. Bitte prüfen.',
    name: 'Dieser Name geht nicht. Bitte Vor- und Nachnamen schreiben, ohne Zeichen wie < und ohne Zeilenumbrüche.',
    noSchool: 'Diese Schule nimmt nicht mehr teil. Bitte die Seite neu laden.',
    noMail:
      'Dieser Server verschickt keine E-Mails, darum lässt sich hier kein Zugang beantragen. Bitte bei der Schule nachfragen.',
    noFile: 'Bitte eine Datei auswählen.',
    empty: 'Die Datei ist leer.',
    kind: 'Die Datei ist weder ein PDF noch ein Bild (JPEG oder PNG).',
    tooLarge: 'Die Datei ist größer als 5 MB. Ein kleineres Foto genügt.',
    unreadable: 'Die Datei lässt sich nicht lesen. Bitte noch einmal auswählen.',
    decided: 'Inzwischen ist entschieden. Eine E-Mail sagt, wie.',
    tooMany: (minutes) =>
      `Aus diesem Netz kamen viele Anträge. Bitte in ${minutes === 1 ? 'einer Minute' : `${minutes} Minuten`} noch einmal versuchen.`,
  },
};
