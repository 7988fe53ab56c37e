import type { over as english } from '../en/over';

export const over: typeof english = {
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
    server_full: {
      title: 'Gerade ist auf dem Server kein Platz',
      text: 'Es laufen schon so viele Konferenzen, wie der Server gut trägt. Wer schon dabei ist, merkt davon nichts. Bitte versuche es in ein paar Minuten noch einmal. Bleibt es so, sag es der Administration.',
    },
    no_contract: {
      title: 'Dieser Raum öffnet nicht',
      text: 'Deine Schule hat gerade keinen gültigen Vertrag zur Auftragsverarbeitung mit dem Betreiber dieses Dienstes, deshalb beginnt hier keine Konferenz. Sag es der Schulleitung: Ist der Vertrag unterschrieben, öffnet sich der Raum wieder.',
    },
    pass_ended: {
      title: 'Die Vertretung ist zu Ende',
      text: 'Dieser Zugang öffnet den Raum nicht mehr: Die Zeit ist um, oder der Vertretungslink wurde zurückgenommen. Brauchst du ihn noch, frag dort nach, wo er herkommt.',
    },
    card_ended: {
      title: 'Diese Karte öffnet nichts mehr',
      text: 'Deine Lehrkraft hat die Karte zurückgenommen oder eine neue gemacht. Bitte deine Lehrkraft um die neue Karte.',
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
};
