import { list, type Messages } from './en';

/*
 * Deutsche Texte. Kurz und freundlich; Kinder werden geduzt, wo sie gemeint sind, sonst ohne Anrede formuliert.
 */
const und = (names: string[]): string => list(names, 'und', (rest) => `${rest} weitere`);
const zahl = (n: number, eins: string, viele: string): string => `${n} ${n === 1 ? eins : viele}`;

export const de: Messages = {
  languageName: 'Deutsch',
  skip: 'Zum Inhalt springen',
  skipToControls: 'Zur Bedienung springen',
  close: 'Schließen',
  cancel: 'Abbrechen',
  back: 'Zurück',
  save: 'Speichern',
  loading: 'Einen Moment …',
  you: (name) => `${name} (du)`,
  copied: 'Kopiert. Jetzt kann der Text eingefügt werden.',
  copyFailed: 'Bitte von Hand kopieren',
  copyFailedWhy:
    'Der Browser oder die Seite drumherum erlaubt das Kopieren auf Knopfdruck nicht. Der Text ist markiert: mit Strg+C kopieren oder lange darauf drücken.',
  copyText: 'Text zum Kopieren',

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
    check: 'Mein Gerät prüfen',
    checkHint: 'Kamera, Mikrofon und Ton ausprobieren',
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
    signOut: 'Abmelden',
    stillIn: 'Die Anmeldung besteht hier noch.',
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

  problem: {
    offline:
      'Der Server ist nicht erreichbar. Vielleicht ist das Internet ausgefallen. Bitte die Verbindung prüfen und noch einmal versuchen.',
    trying: {
      unreachable:
        'Der Server antwortet gerade nicht. Es wird von selbst weiter versucht; was schon eingegeben ist, bleibt stehen.',
      busy: 'Der Server hat gerade sehr viel zu tun. Es wird von selbst weiter versucht; was schon eingegeben ist, bleibt stehen.',
    },
    tryNow: 'Jetzt versuchen',
    other: 'Das hat nicht geklappt, und niemand hier ist schuld. Bitte gleich noch einmal versuchen.',
    retry: 'Noch einmal versuchen',
    notFound: 'Das gibt es nicht mehr. Bitte die Seite neu laden.',
    noContract:
      'Die Schule hat den Vertrag zur Auftragsverarbeitung noch nicht unterschrieben, deshalb kann kein Raum geöffnet werden. Bitte bei der Schulleitung nachfragen.',
    roomRunning:
      'In diesem Raum läuft eine Konferenz. Bitte sie zuerst für alle beenden und es dann noch einmal versuchen.',
    signedOut: 'Die Anmeldung ist abgelaufen. Bitte neu anmelden.',
  },

  rooms: {
    title: 'Meine Räume',
    welcome: (name) => `Hallo, ${name}`,
    empty:
      'Hier erscheinen die eigenen Räume. Einfach den ersten anlegen: Ein Name, der schwer zu erraten ist, wird vorgeschlagen.',
    running: (n) => (n > 0 ? `Läuft, ${zahl(n, 'Person', 'Personen')}` : 'Läuft'),
    idle: 'Läuft nicht',
    open: 'Öffnen',
    openRoom: (name) => `${name} öffnen`,
    copy: 'Einladung kopieren',
    copyRoom: (name) => `Einladung kopieren: ${name}`,
    settings: 'Einstellungen',
    settingsRoom: (name) => `Einstellungen von ${name}`,
    create: 'Neuer Raum',
    createTitle: 'Neuer Raum',
    name: 'Name des Raums',
    nameHint: 'Der Name ist der Weg hinein. Ist er schwer zu erraten, bleiben Fremde draußen.',
    another: 'Anderen Namen vorschlagen',
    createSubmit: 'Raum anlegen',
    password: 'Passwort',
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

  check: {
    title: 'Mein Gerät prüfen',
    lead: 'Es wird nichts übertragen. Du siehst und hörst nur dich selbst.',
    camera: 'Kamera',
    cameraHint: 'Schalte die Kamera ein. Siehst du dich?',
    microphone: 'Mikrofon',
    microphoneHint: 'Schalte das Mikrofon ein und sprich. Bewegt sich der Balken?',
    sound: 'Ton',
    soundHint: 'Spiele den Ton ab. Hörst du drei Töne?',
    play: 'Ton abspielen',
    server: 'Verbindung zum Server',
    serverOk: 'Der Server antwortet.',
    serverBad:
      'Der Server antwortet nicht. Bitte die Internetverbindung prüfen. In der Schule bitte nach den Netzwerkeinstellungen fragen.',
    browser: 'Browser',
    browserOk: 'Mit diesem Browser klappt es.',
    browserBad:
      'Dieser Browser kann keine Videokonferenzen. Bitte einen aktuellen Firefox, Chrome, Edge oder Safari nehmen.',
    works: 'Klappt',
    open: 'Noch nicht probiert',
    bad: 'Klappt nicht',
    hear: 'Ja, ich höre ihn',
    notHear: 'Nein, ich höre nichts',
    notHearTip: 'Lautstärke erhöhen, Kopfhörer prüfen oder einen anderen Lautsprecher wählen.',
  },

  devices: {
    title: 'Kamera, Mikrofon und Ton',
    camera: 'Kamera',
    microphone: 'Mikrofon',
    speaker: 'Lautsprecher',
    standard: 'Standardgerät',
    level: 'Pegel deines Mikrofons',
    levelHint: 'Sprich: Der Balken soll sich bewegen.',
    namesLater: 'Die Namen erscheinen, sobald Kamera oder Mikrofon einmal an war.',
  },

  media: {
    microphoneOn: 'Mikrofon einschalten',
    microphoneOff: 'Mikrofon ausschalten',
    cameraOn: 'Kamera einschalten',
    cameraOff: 'Kamera ausschalten',
    microphone: 'Mikrofon',
    camera: 'Kamera',
    denied: (what) =>
      `${what}: Der Browser erlaubt es nicht. Bitte auf das Zeichen neben der Adresse der Seite klicken, es erlauben und noch einmal versuchen.`,
    framed: (what) =>
      `${what}: hier nicht erlaubt, vom Browser oder von der Seite drumherum. Bitte über das Zeichen neben der Adresse erlauben und noch einmal versuchen, oder den Raum in einem eigenen Fenster öffnen.`,
    missing: (what) =>
      `${what}: nichts gefunden. Bitte ein Gerät anschließen oder ohne teilnehmen. Zuhören und Schreiben im Chat gehen trotzdem.`,
    busy: (what) =>
      `${what}: Ein anderes Programm benutzt sie oder es gerade. Bitte dieses Programm schließen und noch einmal versuchen.`,
    insecure: (what) => `${what}: Das geht nur auf einer sicheren Seite. Die Adresse muss mit https beginnen.`,
    failed: (what) =>
      `${what}: Das Einschalten hat nicht geklappt. Bitte das Gerät neu anstecken oder ein anderes wählen.`,
    system: (what) =>
      `${what}: Das System dieses Geräts erlaubt es nicht. Auf dem Mac: Systemeinstellungen → Datenschutz & Sicherheit → ${what}, dort den Browser einschalten und neu starten. Unter Windows: Einstellungen → Datenschutz und Sicherheit → ${what}. Auf dem Handy: in den App-Einstellungen des Browsers.`,
    screenSystem:
      'Das System dieses Geräts lässt den Browser den Bildschirm nicht sehen. Auf dem Mac: Systemeinstellungen → Datenschutz & Sicherheit → Bildschirm- & Systemaudioaufnahme, dort den Browser einschalten und neu starten. Auf anderen Geräten: bitte diejenigen fragen, die sie betreuen.',
    stopped: (what) =>
      `${what}: Der Browser oder das Gerät hat es beendet. Bitte wieder einschalten, wenn du es brauchst.`,
    silenced: {
      microphone:
        'Etwas anderes hat gerade dein Mikrofon, zum Beispiel ein Anruf: Niemand hört dich. Danach geht es von selbst weiter.',
      camera: 'Etwas anderes hat gerade deine Kamera: Niemand sieht dich. Danach geht es von selbst weiter.',
    },
    heardAgain: 'Dein Mikrofon ist wieder da: Die anderen können dich hören.',
    takenOver: (what, label) => `${what}: Das Gerät wurde abgezogen. Benutzt wird jetzt: ${label}.`,
    standard: 'das Standardgerät',
    speakerGone: 'Der gewählte Lautsprecher ist nicht mehr da. Der Ton kommt jetzt aus dem Standardgerät.',
    again: 'Wieder einschalten',
    held: 'anderswo in Gebrauch',
    screenFailed: 'Der Bildschirm konnte nicht geteilt werden. Bitte noch einmal versuchen und ein Fenster auswählen.',
  },

  preJoin: {
    title: 'Bereit?',
    room: (name) => `Raum ${name}`,
    name: 'Dein Name',
    nameGiven: 'Dein Name kam mit dem Link.',
    nameHint: 'Alle in der Konferenz sehen ihn.',
    nameMissing: 'Bitte zuerst den Namen eingeben, damit die Lehrkraft dich erkennt.',
    nameBad: 'Dieser Name geht nicht. Er braucht mindestens einen Buchstaben und höchstens 60 Zeichen.',
    signedInAs: (name) => `Angemeldet. Die anderen sehen hier: ${name}.`,
    password: 'Passwort',
    passwordHint: 'Nur wenn du eines bekommen hast.',
    join: 'Teilnehmen',
    off: 'Du kommst stumm und ohne Kamerabild herein.',
    kept: 'Was hier eingeschaltet ist, bleibt nur an, wenn die Lehrkraft es von Anfang an erlaubt.',
    cameraIsOff: 'Deine Kamera ist aus',
    preview: 'Dein eigenes Bild',
    noDevices: 'Es geht auch ohne Kamera und Mikrofon.',
    teacher: 'Ich bin Lehrkraft',
  },

  waiting: {
    title: 'Noch nicht',
    text: 'Hier gibt es gerade keine Konferenz, in die du hineinkannst.',
    reasons:
      'Vielleicht hat die Lehrkraft noch nicht angefangen. Vielleicht stimmt der Name des Raums oder das Passwort nicht.',
    notStarted: 'Vielleicht hat die Lehrkraft noch nicht angefangen.',
    next: 'Du kannst einfach warten: Diese Seite geht von selbst weiter.',
    change: 'Mit einem anderen Passwort versuchen',
    leave: 'Nicht mehr warten',
    signIn: 'Das ist mein Raum: anmelden',
  },

  lobby: {
    title: 'Deine Lehrkraft weiß, dass du da bist',
    text: 'Bitte warte einen Moment. Sobald du hereingelassen wirst, geht diese Seite von selbst weiter.',
    leave: 'Nicht mehr warten',
  },

  connecting: {
    title: 'Einen Moment …',
    text: 'Der Weg in die Konferenz wird geöffnet.',
    back: 'Du kommst auf deinen Platz zurück.',
    slow: 'Das dauert länger als sonst. Vielleicht ist das Internet langsam. Es wird immer wieder versucht.',
  },

  over: {
    left: { title: 'Du bist draußen', text: 'Die Konferenz geht ohne dich weiter. Du kannst zurückkommen.' },
    ended: { title: 'Die Konferenz ist zu Ende', text: 'Sie wurde für alle beendet. Der Chat ist gelöscht.' },
    removed: {
      title: 'Du wurdest entfernt',
      text: 'Eine Lehrkraft hat dich aus dieser Konferenz genommen, deshalb kannst du nicht zurück. War das ein Versehen? Dann sprich mit deiner Lehrkraft.',
    },
    closed: {
      title: 'Die Tür ist zu',
      text: 'Gerade kommt niemand Neues herein. Bitte die Lehrkraft, die Tür zu öffnen, und versuche es dann noch einmal.',
    },
    full: {
      title: 'Der Raum ist voll',
      text: 'Es sind schon so viele Personen da, wie hineinpassen. Sag es der Lehrkraft oder versuche es später noch einmal.',
    },
    refused: {
      title: 'Du wurdest nicht hereingelassen',
      text: 'Die Lehrkraft hat dich diesmal nicht hereingelassen. War das ein Versehen? Dann sprich mit deiner Lehrkraft.',
    },
    too_many_attempts: {
      title: 'Zu viele Versuche',
      text: 'Es gab zu viele Versuche, deshalb ist jetzt Pause. Bitte Link und Passwort prüfen und es in ein paar Minuten noch einmal versuchen.',
    },
    replaced: {
      title: 'Du bist in einem anderen Fenster dabei',
      text: 'Du nimmst jetzt in einem anderen Fenster teil. Dieses hier kannst du schließen.',
    },
    too_many_places: {
      title: 'Du bist in zu vielen Fenstern dabei',
      text: 'Eine Person kann dreimal zugleich dabei sein, zum Beispiel am Handy und am Laptop. Du bist noch einmal dazugekommen, oder jemand anderes benutzt dein Konto. Deshalb wurde dieses Fenster verlassen. Warst du das nicht, sag es der Lehrkraft: Alle brauchen ein eigenes Konto.',
    },
    disputed: {
      title: 'Dieser Zugang ist umstritten',
      text: 'Mehr als eine Schule hat auf diesem Server den Schlüssel dieses Zugangs eingetragen, deshalb kommt damit niemand hinein. Sag es der Administration: Wer den Server betreibt, muss es klären.',
    },
    signed_out: {
      title: 'Du wurdest abgemeldet',
      text: 'Du wurdest hier von einem anderen Browser aus abgemeldet, oder das Passwort wurde geändert. Niemand hat dich entfernt: Melde dich neu an, dann kannst du zurückkommen.',
    },
    bad_seat: {
      title: 'Bitte neu teilnehmen',
      text: 'Dein Platz gilt nicht mehr, zum Beispiel weil die Konferenz beendet wurde. Bitte mit dem Namen neu teilnehmen.',
    },
    bad_ticket: {
      title: 'Bitte noch einmal aus dem Kurs öffnen',
      text: 'Der Zugang gilt nur eine Weile und ist jetzt abgelaufen. Geh zurück in den Kurs und öffne den Raum dort noch einmal.',
    },
    not_yet: {
      title: 'Noch nicht',
      text: 'Dein Zugang gilt erst ab einem späteren Zeitpunkt. Versuche es gleich noch einmal. Bleibt es so, gehen die Uhren der Server auseinander: Sag es der Administration.',
    },
    backToCourse: 'Zurück zum Kurs',
    again: 'Noch einmal versuchen',
    signIn: 'Neu anmelden',
    comeBack: 'Zurückkommen',
    comeBackHere: 'Hierher zurückkommen',
    closeWindow: 'Dieses Fenster schließen',
    closeHint: 'Du kannst dieses Fenster jetzt schließen. Der Kurs ist im anderen.',
    home: 'Zur Startseite',
  },

  nothing: {
    title: 'Hier ist nichts',
    text: 'Diese Adresse führt zu keinem Raum. Bitte mit der Einladung vergleichen oder den Namen des Raums auf der Startseite eingeben.',
    home: 'Zur Startseite',
  },

  bar: {
    label: 'Bedienung',
    microphone: 'Mikrofon',
    camera: 'Kamera',
    share: 'Bildschirm teilen',
    shareStop: 'Teilen beenden',
    shareShort: 'Teilen',
    shareStopShort: 'Beenden',
    handUp: 'Hand heben',
    handDown: 'Hand senken',
    hand: 'Hand',
    chat: 'Chat',
    chatUnread: (n) => `Chat, ${zahl(n, 'neue Nachricht', 'neue Nachrichten')}`,
    people: 'Teilnehmende',
    safety: 'Sicherheit',
    more: 'Mehr',
    leave: 'Verlassen',
    locked: (what) => `${what}: im Moment nicht erlaubt. Die Lehrkraft kann es erlauben.`,
    noShareHere: 'Dieses Gerät kann den Bildschirm nicht teilen',
    noShareWhy:
      'Handys und die meisten Tablets erlauben Browsern das Teilen des Bildschirms nicht. Halte ein Blatt Papier vor die Kamera oder nimm zusätzlich mit einem Computer teil.',
  },

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

  frame: {
    title: 'Zum Teilen in ein eigenes Fenster',
    why: 'Die Seite drumherum lässt das Teilen des Bildschirms nicht zu. In einem eigenen Fenster geht es; hier verlässt du die Konferenz dabei.',
    before:
      'Den Bildschirm kannst du innerhalb dieser Seite nicht teilen. Wenn du das vorhast, öffne den Raum jetzt in einem eigenen Fenster.',
    perhaps:
      'Innerhalb einer anderen Seite klappt das Teilen des Bildschirms vielleicht nicht. Wenn du das vorhast, öffne den Raum jetzt in einem eigenen Fenster.',
    deviceTitle: 'Besser in einem eigenen Fenster',
    devicesBefore:
      'Die Seite drumherum lässt Kamera oder Mikrofon hier nicht zu. Öffne den Raum in einem eigenen Fenster, damit dich die anderen sehen und hören. Zuhören und schreiben geht auch hier.',
    signedIn: (name) =>
      `Du bist als ${name} angemeldet. Das gilt hier nur, wenn diese Seite zu der Schule des Raums gehört; sonst kommst du als Gast herein. In einem eigenen Fenster gilt es immer.`,
    open: 'In eigenem Fenster öffnen',
  },

  stage: {
    label: 'Bilder',
    alone: 'Noch ist niemand sonst da',
    aloneHint: 'Die anderen erscheinen hier, sobald sie hereinkommen.',
    screenOf: (name) => `Bildschirm von ${name}`,
    screenLarge: (name) => `Bildschirm von ${name} groß zeigen`,
    sharing: 'Dein Bildschirm wird geteilt.',
    sharingEnd: 'Nicht mehr teilen',
    page: (page, pages) => `Seite ${page} von ${pages}`,
    next: 'Nächste Seite',
    previous: 'Vorige Seite',
    speaking: (name) => `${name} spricht`,
    moderator: 'Lehrkraft',
    handPlace: (n) => `Hand gehoben, Nummer ${n}`,
    microphoneOff: 'Mikrofon aus',
    microphoneOn: 'Mikrofon an',
    isSpeaking: 'Spricht',
    lost: 'Verbindung verloren, kommt zurück',
    pinned: 'Groß gezeigt',
    floor: 'Hat das Wort',
    fair: 'Verbindung ist mäßig',
    poor: 'Verbindung ist schlecht',
    options: (name) => `Möglichkeiten für ${name}`,
    sound: 'Ton einschalten',
    soundBlocked: 'Der Browser hält den Ton zurück.',
  },

  quality: {
    title: 'Deine Verbindung',
    good: 'Deine Verbindung ist gut.',
    fair: 'Deine Verbindung ist mäßig.',
    poor: 'Deine Verbindung ist schlecht.',
    fairTip: 'Bilder können unscharf sein. Näher ans WLAN gehen oder andere Programme schließen hilft.',
    poorTip: 'Schalte deine Kamera aus. Dann kommt der Ton durch. Näher am WLAN zu sein hilft auch.',
    goodTip: 'Ton und Bild kommen durch.',
    noMedia:
      'Ton und Bild kommen nicht durch. Der Chat geht. In der Schule ist vielleicht der UDP-Port 10000 gesperrt: Sag es der Lehrkraft.',
    save: 'Daten sparen: kleinere Bilder',
  },

  chat: {
    title: 'Chat',
    label: 'Was geschrieben wurde',
    empty: 'Hier erscheinen Nachrichten an alle. Sie werden gelöscht, wenn die Konferenz endet.',
    message: 'Nachricht',
    send: 'Senden',
    locked: 'Im Moment können nur Lehrkräfte schreiben.',
    offline: 'Nicht gesendet: Die Verbindung wird gerade wiederhergestellt. Bitte gleich noch einmal versuchen.',
    tooLong: (max) => `Die Nachricht ist zu lang. Höchstens ${max} Zeichen.`,
    tooFast: 'Das war zu schnell. Bitte kurz warten und dann noch einmal senden.',
    newBelow: 'Neue Nachrichten',
  },

  marks: {
    moderator: 'Lehrkraft',
    guest: 'Gast',
    typed: 'Name selbst eingetippt',
    spoken: { moderator: (name) => `Lehrkraft ${name}`, guest: (name) => `Gast ${name}` },
  },

  people: {
    title: 'Teilnehmende',
    count: (n) => `${n} hier`,
    search: 'Nach einem Namen suchen',
    nobody: 'Niemand heißt so.',
    waiting: 'Warten vor der Tür',
    waitingCount: (n) => `${n} ${n === 1 ? 'wartet' : 'warten'}`,
    oneWaiting: (name) => `${name} wartet`,
    look: 'Zeigen',
    admit: 'Hereinlassen',
    admitName: (name) => `${name} hereinlassen`,
    refuse: 'Abweisen',
    refuseName: (name) => `${name} abweisen`,
    suspicious:
      'Wartet hier, weil falsche Passwörter versucht wurden, vielleicht von jemand anderem im selben Netz. Bitte nur hereinlassen, wen man kennt.',
    admitAll: 'Alle hereinlassen',
    refuseAll: 'Alle abweisen',
    hands: 'Gehobene Hände',
    lowerAll: 'Alle Hände senken',
    everyone: 'Alle',
    select: 'Mehrere auswählen',
    selectDone: 'Auswahl beenden',
    selectName: (name) => `${name} auswählen`,
    selected: (n) => `${n} ausgewählt`,
    verified: 'Angemeldet',
    unlisted: 'Nicht auf der Liste',
    removeUnlisted: 'Alle entfernen, die nicht auf der Liste stehen',
    removeNewcomers: 'Gäste der letzten zehn Minuten entfernen',
    invite: 'Einladung kopieren',
  },

  person: {
    pin: 'Groß zeigen',
    unpin: 'Nicht mehr groß zeigen',
    mute: (name) => `${name} stummschalten`,
    cameraOff: (name) => `Kamera von ${name} anhalten`,
    stopShare: 'Teilen des Bildschirms beenden',
    askMicrophone: 'Um Einschalten des Mikrofons bitten',
    askCamera: 'Um Einschalten der Kamera bitten',
    giveFloor: 'Das Wort geben',
    takeFloor: 'Das Wort zurücknehmen',
    allowScreen: 'Teilen des Bildschirms erlauben',
    denyScreen: 'Teilen des Bildschirms nicht mehr erlauben',
    allowMicrophone: 'Mikrofon erlauben',
    denyMicrophone: 'Mikrofon nicht mehr erlauben',
    allowCamera: 'Kamera erlauben',
    denyCamera: 'Kamera nicht mehr erlauben',
    allowChat: 'Schreiben erlauben',
    denyChat: 'Schreiben nicht mehr erlauben',
    lowerHand: (name) => `Hand von ${name} herunternehmen`,
    makeModerator: 'Zur Mit-Leitung machen',
    unmakeModerator: 'Nicht mehr Mit-Leitung',
    remove: 'Entfernen',
    removeTitle: (names) => `${und(names)} entfernen?`,
    removeText: 'Wer entfernt wird, kann in diese Konferenz nicht zurück. Neue müssen danach anklopfen.',
    removeYes: 'Entfernen',
    removeMany: (n) => `${n} Ausgewählte entfernen`,
    muteMany: (n) => `${n} Ausgewählte stumm schalten`,
  },

  safety: {
    title: 'Sicherheit',
    pupilsMay: 'Die Klasse darf',
    muteAll: 'Alle stumm schalten',
    camerasOff: 'Alle Kameras aus',
    mutedAll: 'Alle sind stumm. Sie können das Mikrofon wieder einschalten, solange es erlaubt ist.',
    camerasOffDone: 'Die Kameras der Klasse sind aus.',
    quick: 'Sofort Ruhe',
    stop: 'Alles anhalten',
    stopHint: 'Mikrofone, Kameras und Bildschirme der Klasse aus und gesperrt, Chat nur für Lehrkräfte, Tür zu.',
    stopped: 'Alles ist angehalten. Aus der Klasse ist niemand zu hören oder zu sehen, die Tür ist zu.',
    release: 'Wieder freigeben',
    released: 'Freigegeben. Die Klasse kann wieder einschalten, was erlaubt ist.',
    password: 'Passwort',
    passwordNow: (password) => `Das Passwort ist: ${password}`,
    passwordNone: 'Es ist kein Passwort gesetzt.',
    passwordNew: 'Neues Passwort',
    passwordSet: 'Passwort setzen',
    passwordClear: 'Passwort entfernen',
    passwordChanged: 'Das neue Passwort gilt für alle, die neu hereinkommen. Wer drin ist, bleibt.',
    passwordCleared: 'Das Passwort ist weg. Jetzt genügt der Link.',
    end: 'Für alle beenden',
    atJoin: 'Beim Hereinkommen',
    floor: (name) => `${name} hat das Wort. Die anderen Mikrofone sind gesperrt.`,
  },

  more: {
    title: 'Mehr',
    view: 'Ansicht',
    tiles: 'Kacheln',
    speaker: 'Groß zeigen, wer spricht',
    devices: 'Kamera, Mikrofon und Ton',
    language: 'Sprache',
    fullScreen: 'Ganzer Bildschirm',
    fullScreenLeave: 'Ganzen Bildschirm beenden',
  },

  leave: {
    title: 'Verlassen?',
    text: 'Die Konferenz kann ohne dich weitergehen oder für alle beendet werden.',
    justLeave: 'Nur ich gehe',
    justLeaveHint: 'Die Konferenz geht weiter. Zurückkommen geht immer.',
    end: 'Für alle beenden',
    endHint: 'Alle müssen hinaus. Chat und gehobene Hände werden gelöscht.',
    endConfirm: 'Jetzt für alle beenden?',
    endYes: 'Ja, für alle beenden',
    stay: 'Hierbleiben',
  },

  asked: {
    microphone: (name) => `${name} bittet dich, dein Mikrofon einzuschalten`,
    camera: (name) => `${name} bittet dich, deine Kamera einzuschalten`,
    screen: (name) => `${name} bittet dich, deinen Bildschirm zu teilen`,
    text: 'Du entscheidest. Von selbst wird nichts eingeschaltet.',
    yes: 'Einschalten',
    no: 'Jetzt nicht',
    teacher: 'Deine Lehrkraft',
  },

  notice: {
    reconnecting: 'Verbindung verloren. Sie wird gerade wiederhergestellt.',
    reconnectingHint: 'Du musst nichts tun. Dein Platz bleibt frei.',
    back: 'Du bist wieder da.',
    noMedia: 'Ton und Bild kommen noch nicht durch. Es wird weiter versucht.',
    turnedOff: {
      microphone: 'Die Lehrkraft hat dein Mikrofon ausgeschaltet.',
      camera: 'Die Lehrkraft hat deine Kamera ausgeschaltet.',
      screen: 'Die Lehrkraft hat das Teilen deines Bildschirms beendet.',
    },
    granted: {
      microphone: 'Du darfst jetzt dein Mikrofon einschalten.',
      camera: 'Du darfst jetzt deine Kamera einschalten.',
      screen: 'Du darfst jetzt deinen Bildschirm teilen.',
      chat: 'Du darfst jetzt im Chat schreiben.',
    },
    floorYours: 'Du hast das Wort. Du darfst dein Mikrofon einschalten.',
    floorOver: 'Du hast das Wort nicht mehr.',
    role: 'Du bist jetzt Mit-Leitung in dieser Konferenz.',
    notPermitted: 'Das ist im Moment nicht erlaubt.',
    unknownPerson: 'Diese Person ist nicht mehr hier.',
    full: 'Die Konferenz ist voll, mehr Personen passen nicht hinein. Die Grenze in den Einstellungen des Raums erhöhen oder warten, bis jemand geht.',
    busy: 'Der Server hat gerade sehr viel zu tun. Bitte gleich noch einmal versuchen.',
    alert: {
      wrong_passwords:
        'Jemand probiert Passwörter dieses Raums aus. Unbekannte warten deshalb jetzt vor der Tür, auch mit dem richtigen Passwort. Bitte nur hereinlassen, wen man kennt, oder das Passwort ändern.',
      presentation_not_shown:
        'Aus dem Kurs kam eine Präsentation mit, die hier nicht gezeigt wird. Bitte die Datei auf dem Computer öffnen und den Bildschirm teilen.',
      shared_account: (name) =>
        `Mehrere Geräte benutzen zugleich das Konto „${name}“, einige mussten deshalb hinaus: Ein Konto hat drei Plätze. Jedes Kind braucht ein eigenes Konto oder kommt als Gast über den Link.`,
      act: 'Passwort ändern',
    },
    dismiss: 'Hinweis schließen',
    unplugged: (what) => `${what}: Das Gerät wurde abgezogen. Bitte wieder anstecken oder ein anderes wählen.`,
  },

  live: {
    joined: (names) => `${und(names)} ${names.length === 1 ? 'ist' : 'sind'} hereingekommen.`,
    left: (names) => `${und(names)} ${names.length === 1 ? 'ist' : 'sind'} gegangen.`,
    hand: (names) => `${und(names)} ${names.length === 1 ? 'hebt' : 'heben'} die Hand.`,
    message: (names) => `Neue Nachricht von ${und(names)}.`,
    knock: (names) => `${und(names)} ${names.length === 1 ? 'wartet' : 'warten'} vor der Tür.`,
    door: () => 'Die Tür wurde geändert.',
    screen: (names) => `${und(names)} ${names.length === 1 ? 'teilt' : 'teilen'} den Bildschirm.`,
  },

  invitation: {
    heading: 'Einladung zur Videokonferenz',
    password: (password) => `Passwort: ${password}`,
    noPassword: 'Passwort: keines nötig',
    rule: 'Bitte mit stummgeschaltetem Mikrofon und abgeschalteter Kamera beitreten.',
  },

  title: {
    home: 'Video-Klassenzimmer',
    signIn: 'Anmelden',
    rooms: 'Meine Räume',
    account: 'Mein Konto',
    check: 'Mein Gerät prüfen',
    preJoin: (room) => `Teilnehmen: ${room}`,
    waiting: 'Warten',
    conference: (room) => `Konferenz ${room}`,
    over: 'Konferenz',
    nothing: 'Hier ist nichts',
  },
};
