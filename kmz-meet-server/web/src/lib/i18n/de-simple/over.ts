import type { over as english } from '../en/over';

export const over: typeof english = {
  leave: {
    title: 'Weggehen?',
    text: 'Sie können allein gehen. Oder Sie beenden den Unterricht für alle.',
    justLeave: 'Nur ich gehe',
    justLeaveHint: 'Der Unterricht geht weiter. Sie können zurückkommen.',
    end: 'Für alle beenden',
    endHint: 'Dann müssen alle gehen. Der Chat ist dann gelöscht.',
    endConfirm: 'Wirklich für alle beenden?',
    endYes: 'Ja, für alle beenden',
    stay: 'Hierbleiben',
  },

  over: {
    left: { title: 'Du bist draußen', text: 'Die anderen machen weiter. Du kannst zurückkommen.' },
    ended: { title: 'Der Unterricht ist zu Ende', text: 'Alle sind gegangen. Der Chat ist gelöscht.' },
    removed: {
      title: 'Du musstest gehen',
      text: 'Eine Lehrkraft hat dich herausgenommen. Du kannst heute nicht zurück. War das ein Fehler? Dann sprich mit deiner Lehrkraft.',
    },
    closed: {
      title: 'Die Tür ist zu',
      text: 'Gerade kann niemand hinein. Bitte deine Lehrkraft: Sie kann die Tür öffnen. Versuche es dann noch einmal.',
    },
    full: {
      title: 'Der Raum ist voll',
      text: 'Es sind schon zu viele da. Sag es deiner Lehrkraft. Oder versuche es später noch einmal.',
    },
    server_full: {
      title: 'Gerade ist kein Platz',
      text: 'Es laufen schon sehr viele Stunden. Bitte versuche es in ein paar Minuten noch einmal.',
    },
    no_contract: {
      title: 'Dieser Raum öffnet sich nicht',
      text: 'Deiner Schule fehlt ein Vertrag. Sag es der Schul-Leitung. Mit dem Vertrag geht der Raum wieder auf.',
    },
    pass_ended: {
      title: 'Die Vertretung ist zu Ende',
      text: 'Dieser Link öffnet den Raum nicht mehr. Die Zeit ist um. Brauchen Sie ihn noch? Fragen Sie nach: Wer hat Ihnen den Link gegeben?',
    },
    refused: {
      title: 'Du darfst gerade nicht hinein',
      text: 'Deine Lehrkraft hat Nein gesagt. War das ein Fehler? Dann sprich mit deiner Lehrkraft.',
    },
    too_many_attempts: {
      title: 'Zu viele Versuche',
      text: 'Jetzt ist eine kleine Pause. Prüfe den Link und das Passwort. Versuche es in ein paar Minuten noch einmal.',
    },
    replaced: {
      title: 'Du bist in einem anderen Fenster',
      text: 'Du machst jetzt dort mit. Dieses Fenster kannst du schließen.',
    },
    too_many_places: {
      title: 'Du bist zu oft da',
      text: 'Du kannst an drei Geräten mitmachen. Das hier war eins zu viel. Warst du das nicht? Dann sag es deiner Lehrkraft. Alle brauchen ein eigenes Konto.',
    },
    disputed: {
      title: 'Dieser Zugang geht nicht',
      text: 'Zwei Schulen benutzen denselben Zugang. Das darf nicht sein. Sag es der Schule: Sie muss Hilfe holen.',
    },
    signed_out: {
      title: 'Sie sind abgemeldet',
      text: 'Das kam von einem anderen Gerät. Oder das Passwort ist neu. Melden Sie sich neu an. Dann können Sie zurück.',
    },
    bad_seat: {
      title: 'Bitte noch einmal mitmachen',
      text: 'Dein Platz ist nicht mehr da. Gib deinen Namen noch einmal ein.',
    },
    bad_ticket: {
      title: 'Bitte noch einmal im Kurs öffnen',
      text: 'Der Zugang ist zu alt. Geh zurück in den Kurs. Öffne den Raum dort noch einmal.',
    },
    not_yet: {
      title: 'Noch nicht',
      text: 'Es ist noch zu früh. Versuche es gleich noch einmal. Geht es dann auch nicht? Sag es der Schule.',
    },
    backToCourse: 'Zurück zum Kurs',
    again: 'Noch einmal versuchen',
    signIn: 'Neu anmelden',
    comeBack: 'Zurückkommen',
    comeBackHere: 'Hierher zurückkommen',
    closeWindow: 'Dieses Fenster schließen',
    closeHint: 'Du kannst dieses Fenster schließen. Der Kurs ist im anderen Fenster.',
    home: 'Zur Start-Seite',
  },
};
