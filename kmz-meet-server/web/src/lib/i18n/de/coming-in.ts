import type { comingIn as english } from '../en/coming-in';

export const comingIn: typeof english = {
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
    privacy: 'Datenschutz: Was mit deinen Daten passiert (neuer Tab)',
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
    sentTitle: 'Du wartest kurz vor der Tür',
    sentText:
      'Eine Lehrkraft hat dich gebeten, hier zu warten. Du musst nichts tun: Sobald du wieder hereingelassen wirst, geht diese Seite von selbst weiter.',
    leave: 'Nicht mehr warten',
  },

  connecting: {
    title: 'Einen Moment …',
    text: 'Der Weg in die Konferenz wird geöffnet.',
    back: 'Du kommst auf deinen Platz zurück.',
    slow: 'Das dauert länger als sonst. Vielleicht ist das Internet langsam. Es wird immer wieder versucht.',
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
};
