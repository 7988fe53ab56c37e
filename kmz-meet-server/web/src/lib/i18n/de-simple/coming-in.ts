import type { comingIn as english } from '../en/coming-in';

export const comingIn: typeof english = {
  check: {
    title: 'Mein Gerät prüfen',
    lead: 'Du siehst und hörst nur dich selbst. Andere sehen und hören nichts.',
    camera: 'Kamera',
    cameraHint: 'Schalte die Kamera ein. Siehst du dich?',
    microphone: 'Mikrofon',
    microphoneHint: 'Schalte das Mikrofon ein und sprich. Bewegt sich der Balken?',
    sound: 'Ton',
    soundHint: 'Spiele den Ton ab. Hörst du drei Töne?',
    play: 'Ton abspielen',
    server: 'Verbindung zum Server',
    serverOk: 'Der Server antwortet.',
    serverBad: 'Der Server antwortet nicht. Geht das Internet? Frag in der Schule nach.',
    browser: 'Browser',
    browserOk: 'Mit diesem Browser klappt es.',
    browserBad: 'Dieser Browser kann das nicht. Nimm Firefox oder Chrome oder Edge oder Safari.',
    works: 'Klappt',
    open: 'Noch nicht probiert',
    bad: 'Klappt nicht',
    hear: 'Ja, ich höre ihn',
    notHear: 'Nein, ich höre nichts',
    notHearTip: 'Mach den Ton lauter. Stecken die Kopf-Hörer richtig? Oder nimm einen anderen Laut-Sprecher.',
  },

  devices: {
    title: 'Kamera und Mikrofon und Ton',
    camera: 'Kamera',
    microphone: 'Mikrofon',
    speaker: 'Laut-Sprecher',
    standard: 'Normales Gerät',
    level: 'So laut bist du',
    levelHint: 'Sprich: Der Balken soll sich bewegen.',
    namesLater: 'Schalte Kamera oder Mikrofon einmal ein. Dann siehst du hier die Namen.',
  },

  media: {
    microphoneOn: 'Mikrofon einschalten',
    microphoneOff: 'Mikrofon ausschalten',
    cameraOn: 'Kamera einschalten',
    cameraOff: 'Kamera ausschalten',
    microphone: 'Mikrofon',
    camera: 'Kamera',
    denied: (what) =>
      `${what}: Der Browser erlaubt es nicht. Drücke auf das Zeichen neben der Adresse. Erlaube es dort. Versuche es dann noch einmal.`,
    framed: (what) =>
      `${what}: Hier ist es nicht erlaubt. Drücke auf das Zeichen neben der Adresse. Oder öffne den Raum in einem eigenen Fenster.`,
    missing: (what) =>
      `${what}: Wir finden kein Gerät. Stecke eins an. Du kannst auch ohne mitmachen. Zuhören und Schreiben gehen trotzdem.`,
    busy: (what) => `${what}: Ein anderes Programm benutzt es. Schließe das Programm. Versuche es dann noch einmal.`,
    insecure: (what) => `${what}: Das geht nur auf einer sicheren Seite. Die Adresse muss mit https beginnen.`,
    failed: (what) => `${what}: Das hat nicht geklappt. Stecke das Gerät neu an. Oder nimm ein anderes Gerät.`,
    system: (what) =>
      `${what}: Dein Gerät erlaubt es nicht. Hol dir Hilfe. Auf dem Mac: Systemeinstellungen → Datenschutz & Sicherheit → ${what}. Bei Windows: Einstellungen → Datenschutz und Sicherheit → ${what}. Auf dem Handy: Einstellungen vom Browser.`,
    screenSystem:
      'Dein Gerät lässt das Zeigen nicht zu. Hol dir Hilfe. Auf dem Mac: Systemeinstellungen → Datenschutz & Sicherheit → Bildschirm- & Systemaudioaufnahme.',
    stopped: (what) => `${what}: Das Gerät hat es beendet. Brauchst du es noch? Schalte es wieder ein.`,
    silenced: {
      microphone: 'Dein Mikrofon hört gerade woanders zu. Vielleicht ruft jemand an. Danach geht es von selbst weiter.',
      camera: 'Etwas anderes benutzt deine Kamera. Niemand sieht dich. Danach geht es von selbst weiter.',
    },
    heardAgain: 'Dein Mikrofon geht wieder. Die anderen hören dich.',
    takenOver: (what, label) => `${what}: Das Gerät ist weg. Jetzt benutzt du: ${label}.`,
    standard: 'das normale Gerät',
    speakerGone: 'Der Laut-Sprecher ist weg. Der Ton kommt jetzt woanders heraus.',
    again: 'Wieder einschalten',
    held: 'Gerade woanders benutzt',
    screenFailed: 'Das Zeigen hat nicht geklappt. Versuche es noch einmal. Wähle dann ein Fenster.',
  },

  preJoin: {
    title: 'Bist du bereit?',
    room: (name) => `Raum ${name}`,
    name: 'Dein Name',
    nameGiven: 'Wir kennen deinen Namen schon.',
    nameHint: 'Alle im Raum sehen ihn.',
    nameMissing: 'Schreib zuerst deinen Namen. Deine Lehrkraft erkennt dich daran.',
    nameBad: 'Dieser Name geht nicht. Er braucht einen Buchstaben. Er darf nicht zu lang sein.',
    signedInAs: (name) => `Sie sind angemeldet. Die anderen sehen: ${name}.`,
    password: 'Passwort',
    passwordHint: 'Hast du kein Passwort bekommen? Dann lass das Feld leer.',
    join: 'Mitmachen',
    off: 'Am Anfang hört und sieht dich niemand.',
    kept: 'Deine Lehrkraft bestimmt: Bleibt es an?',
    cameraIsOff: 'Deine Kamera ist aus',
    preview: 'Dein Bild',
    noDevices: 'Es geht auch ohne Kamera und ohne Mikrofon.',
    teacher: 'Ich bin Lehrkraft',
  },

  waiting: {
    title: 'Noch nicht',
    text: 'Du kannst gerade nicht hinein.',
    reasons:
      'Vielleicht fängt die Stunde später an. Vielleicht stimmt der Name nicht. Vielleicht stimmt das Passwort nicht.',
    notStarted: 'Vielleicht fängt die Stunde später an.',
    next: 'Du kannst warten. Es geht von selbst weiter.',
    change: 'Anderes Passwort versuchen',
    leave: 'Nicht mehr warten',
    signIn: 'Das ist mein Raum: anmelden',
  },

  lobby: {
    title: 'Deine Lehrkraft weiß: Du bist da',
    text: 'Bitte warte einen Moment. Deine Lehrkraft lässt dich herein. Es geht von selbst weiter.',
    leave: 'Nicht mehr warten',
  },

  connecting: {
    title: 'Einen Moment …',
    text: 'Gleich bist du drin.',
    back: 'Du kommst auf deinen Platz zurück.',
    slow: 'Das dauert lange. Vielleicht ist das Internet langsam. Wir versuchen es weiter.',
  },

  frame: {
    title: 'Zeigen geht in einem eigenen Fenster',
    why: 'Hier kannst du den Bildschirm nicht zeigen. In einem eigenen Fenster geht es. Hier gehst du dann hinaus.',
    before: 'Hier kannst du den Bildschirm nicht zeigen. Willst du das? Öffne den Raum in einem eigenen Fenster.',
    perhaps:
      'Vielleicht kannst du hier den Bildschirm nicht zeigen. Willst du das? Öffne den Raum in einem eigenen Fenster.',
    deviceTitle: 'Besser in einem eigenen Fenster',
    devicesBefore:
      'Hier gehen Kamera oder Mikrofon nicht. Öffne den Raum in einem eigenen Fenster. Zuhören und Schreiben gehen auch hier.',
    signedIn: (name) =>
      `Sie sind angemeldet: ${name}. Vielleicht gilt das auf dieser Seite nicht. In einem eigenen Fenster gilt es immer.`,
    open: 'In eigenem Fenster öffnen',
  },
};
