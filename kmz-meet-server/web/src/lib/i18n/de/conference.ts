import type { conference as english } from '../en/conference';
import { und, zahl } from './words';

export const conference: typeof english = {
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
    direct: 'Ton und Bild nehmen den direkten Weg (UDP). Das ist der beste.',
    relay:
      'Dein Netz sperrt den direkten Weg (UDP). Ton und Bild nehmen den Weg der Webseite (TCP). Das geht, aber bei einer schlechten Leitung stockt es früher. Wer das Netz betreut, kann ihn öffnen.',
    good: 'Deine Verbindung ist gut.',
    fair: 'Deine Verbindung ist mäßig.',
    poor: 'Deine Verbindung ist schlecht.',
    fairTip: 'Bilder können unscharf sein. Näher ans WLAN gehen oder andere Programme schließen hilft.',
    poorTip: 'Schalte deine Kamera aus. Dann kommt der Ton durch. Näher am WLAN zu sein hilft auch.',
    poorTipWithoutCamera: 'Näher ans WLAN gehen oder andere Programme schließen hilft. Deine Kamera ist schon aus.',
    cameraOff: 'Meine Kamera ausschalten',
    goodTip: 'Ton und Bild kommen durch.',
    noMedia:
      'Ton und Bild kommen nicht durch. Der Chat geht. In der Schule ist vielleicht der UDP-Port 10000 gesperrt: Sag es der Lehrkraft.',
    save: 'Daten sparen: kleinere Bilder',
    test: 'Verbindung testen (neues Fenster)',
  },

  speakersOnly: {
    name: 'Nur wer spricht',
    hint: 'Für schlechte Leitungen: Zu sehen ist nur, wer spricht',
    banner: 'Um die Leitung zu schonen, ist nur zu sehen, wer spricht.',
    back: 'Wieder alle zeigen',
    over: 'Alle sind wieder zu sehen.',
    waits: 'Deine Kamera wartet, bis du sprichst',
    waitsShort: 'Kamera wartet',
    seen: 'Die anderen sehen dich jetzt.',
    proposalName: 'Schlechte Leitungen',
    proposal: (poor, of, together) =>
      `Bei ${poor} von ${of} ist die Verbindung schlecht.${together ? ` ${together === poor ? 'Alle' : together} davon sind im selben Netz: Vielleicht ist dessen Leitung überlastet.` : ''} Nur noch zeigen, wer spricht?`,
    yes: 'Ja, nur wer spricht',
    no: 'Jetzt nicht',
  },

  more: {
    title: 'Mehr',
    view: 'Ansicht',
    tiles: 'Kacheln',
    speaker: 'Groß zeigen, wer spricht',
    devices: 'Kamera, Mikrofon und Ton',
    fullScreen: 'Ganzer Bildschirm',
    fullScreenLeave: 'Ganzen Bildschirm beenden',
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
      contract_ended:
        'Der Vertrag der Schule mit dem Betreiber dieses Dienstes gilt nicht mehr. Diese Konferenz darf noch zu Ende gehen, spätestens in sechs Stunden ist Schluss. Danach öffnet sich kein Raum mehr. Bitte der Schulleitung Bescheid sagen.',
      contract_holds:
        'Der Vertrag der Schule mit dem Betreiber dieses Dienstes gilt wieder. Diese Konferenz geht weiter wie jede andere.',
      shared_account: (name) =>
        `Mehrere Geräte benutzen zugleich das Konto „${name}“, einige mussten deshalb hinaus: Ein Konto hat drei Plätze. Jedes Kind braucht ein eigenes Konto oder kommt als Gast über den Link.`,
      act: 'Passwort ändern',
    },
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
};
