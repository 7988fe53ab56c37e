/** What an embedding page is told, by Jitsi's names. */
import { untrack } from 'svelte';
import type { Participant } from '../generated/Participant';
import type { Source } from '../generated/Source';
import type { Problem } from '../lib/media/sources.svelte';
import type { Meeting } from '../lib/state/meeting.svelte';
import { availableDevices, sharing } from './answers';

export type Tell = (name: string, data?: Record<string, unknown>) => void;

const MEDIA: Record<Source, string> = { microphone: 'audio', camera: 'video', screen: 'desktop' };
const GUM: Partial<Record<Problem['problem'], string>> = {
  denied: 'gum.permission_denied',
  framed: 'gum.permission_denied',
  missing: 'gum.not_found',
  busy: 'gum.device_in_use',
};

/** Has to be called in an effect root. */
export function watch(meeting: Meeting, tell: Tell): void {
  watchVisit(meeting, tell);
  watchPeople(meeting, tell);
  watchChat(meeting, tell);
  watchOwn(meeting, tell);
  watchScreen(meeting, tell);
}

function watchVisit(meeting: Meeting, tell: Tell): void {
  let inside = false;
  let you = '';
  const closable = (over: Meeting['over']): boolean => over === 'left' || over === 'ended';

  $effect(() => {
    const { phase, conference, over } = meeting;
    untrack(() => {
      if (phase === 'inside' && conference && !inside) {
        inside = true;
        you = conference.you;
        const { me } = conference;
        tell('videoConferenceJoined', {
          roomName: meeting.room,
          id: you,
          displayName: me?.name ?? '',
          avatarURL: '',
          breakoutRoom: false,
        });
        tell('participantRoleChanged', { id: you, role: conference.isModerator ? 'moderator' : 'participant' });
        if (meeting.title !== conference.room.name) tell('subjectChange', { subject: meeting.title });
      } else if (phase === 'waiting') {
        // Whatever it is that one waits for looks like this: it says nothing about the room.
        tell('passwordRequired');
      } else if (phase === 'over') {
        if (inside && over === 'removed')
          tell('participantKickedOut', { kicked: { id: you, local: true }, kicker: { id: '' } });
        if (inside) tell('videoConferenceLeft', { roomName: meeting.room });
        else if (!closable(over)) tell('errorOccurred', { type: 'CONFERENCE', name: over ?? 'unknown', isFatal: true });
        inside = false;
        // Pages take the frame away at this; what happened has to be read first.
        if (closable(over)) tell('readyToClose');
      }
    });
  });
  onChange(
    () => (meeting.phase === 'inside' ? meeting.title : null),
    (subject) => subject !== null && inside && tell('subjectChange', { subject }),
    true,
  );
  meeting.embedding.onClose = () => tell('readyToClose');
}

function watchPeople(meeting: Meeting, tell: Tell): void {
  let known = new Map<string, Participant>();
  $effect(() => {
    const { conference } = meeting;
    const people = [...(conference?.people.values() ?? [])];
    untrack(() => {
      const now = new Map(people.map((person) => [person.id, person]));
      for (const person of people) {
        const before = known.get(person.id);
        if (before) personChanged(before, person, tell);
        else if (person.id !== conference?.you)
          tell('participantJoined', { id: person.id, displayName: person.name, formattedDisplayName: person.name });
        if (!before && person.hand !== null) tell('raiseHandUpdated', { id: person.id, handRaised: Date.now() });
      }
      for (const id of known.keys()) {
        if (now.has(id) || !conference) continue;
        if (conference.removed.delete(id))
          tell('participantKickedOut', { kicked: { id, local: false }, kicker: { id: '' } });
        tell('participantLeft', { id });
      }
      known = now;
    });
  });

  const knocked = new Set<string>();
  $effect(() => {
    const knockers = meeting.conference?.features.lobby.knockers ?? [];
    untrack(() => {
      for (const { id, name } of knockers)
        if (!knocked.has(id)) tell('knockingParticipant', { participant: { id, name } });
      knocked.clear();
      for (const { id } of knockers) knocked.add(id);
    });
  });
  onChange(
    () => sharing(meeting).join(),
    () => meeting.conference && tell('contentSharingParticipantsChanged', { data: sharing(meeting) }),
  );
  onChange(
    () => meeting.conference?.features.speaking.speaker ?? null,
    (id) => id !== null && tell('dominantSpeakerChanged', { id }),
  );
}

function personChanged(before: Participant, person: Participant, tell: Tell): void {
  const { id, name } = person;
  if (before.name !== name) tell('displayNameChange', { id, displayname: name, formattedDisplayName: name });
  if (before.role !== person.role) tell('participantRoleChanged', { id, role: person.role });
  // Places in the queue change without anyone lifting a hand.
  if ((before.hand === null) !== (person.hand === null))
    tell('raiseHandUpdated', { id, handRaised: person.hand === null ? 0 : Date.now() });
  for (const source of Object.keys(MEDIA) as Source[]) {
    const on = person.sources.includes(source);
    if (on !== before.sources.includes(source))
      tell('participantMuted', { participantId: id, isMuted: !on, mediaType: MEDIA[source] });
  }
}

function watchChat(meeting: Meeting, tell: Tell): void {
  let heard: number | null = null;
  $effect(() => {
    const { conference } = meeting;
    const chat = conference?.features.chat.messages ?? [];
    untrack(() => {
      // What was written before one came in is no news.
      heard = conference ? (heard ?? chat.at(-1)?.id ?? 0) : null;
      for (const message of chat.filter((one) => one.id > (heard ?? 0))) {
        heard = message.id;
        if (message.from === conference?.you) tell('outgoingMessage', { message: message.text, privateMessage: false });
        else
          tell('incomingMessage', {
            from: message.from,
            nick: message.name,
            message: message.text,
            privateMessage: false,
            stamp: new Date(message.at).toISOString(),
          });
      }
    });
  });
  const isOpen = (): boolean => meeting.ui?.panel === 'chat';
  const unread = (): number => meeting.conference?.features.chat.unread ?? 0;
  onChange(
    () => `${isOpen()} ${unread()}`,
    () => meeting.conference && tell('chatUpdated', { isOpen: isOpen(), unreadCount: unread() }),
  );
}

function watchOwn(meeting: Meeting, tell: Tell): void {
  const { sources } = meeting;
  onChange(
    () => sources.isOn('microphone'),
    (on) => tell('audioMuteStatusChanged', { muted: !on }),
  );
  onChange(
    () => sources.isOn('camera'),
    (on) => tell('videoMuteStatusChanged', { muted: !on }),
  );
  onChange(
    () => sources.isOn('screen'),
    (on) => tell('screenSharingStatusChanged', { on, details: on ? { sourceType: 'screen' } : {} }),
  );
  onChange(
    () => sources.problem,
    (problem) => {
      if (problem === null || problem.source === 'screen') return;
      tell(problem.source === 'camera' ? 'cameraError' : 'micError', {
        type: GUM[problem.problem] ?? 'gum.general',
        message: problem.problem,
      });
    },
  );
  navigator.mediaDevices?.addEventListener?.('devicechange', () => {
    void availableDevices().then((devices) => tell('deviceListChanged', { devices }));
  });
}

function watchScreen(meeting: Meeting, tell: Tell): void {
  onChange(
    () => meeting.ui?.mode === 'tiles',
    (enabled) => meeting.ui && tell('tileViewChanged', { enabled }),
  );
  onChange(
    () => meeting.ui?.panel === 'people',
    (open) => tell('participantsPaneToggled', { open }),
  );
  for (const source of ['microphone', 'camera'] as const) {
    onChange(
      () => meeting.conference?.room.policy[source] === 'moderators',
      (enabled) => meeting.conference && tell('moderationStatusChanged', { mediaType: MEDIA[source], enabled }),
    );
  }
}

/** Only changes are told, not how it is at first. */
function onChange<T>(read: () => T, tell: (value: T) => unknown, quietStart = false): void {
  let before: T | undefined;
  let first = true;
  $effect(() => {
    const value = read();
    untrack(() => {
      const start = first || (quietStart && before === null);
      if (!start && value !== before) tell(value);
      before = value;
      first = false;
    });
  });
}
