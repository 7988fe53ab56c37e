import type { Source } from '../generated/Source';
import { devices } from '../lib/media/devices.svelte';
import type { DeviceKind } from '../lib/media/choice';
import type { Features } from '../lib/features';
import type { Meeting } from '../lib/state/meeting.svelte';
import { toggleSource } from '../lib/state/toggle';
import { nameOf, subjectOf } from './options';

export type Answer = (...args: unknown[]) => unknown;

const sourceOf = (kind: unknown): Source =>
  kind === 'video' ? 'camera' : kind === 'desktop' ? 'screen' : 'microphone';
const id = (value: unknown): value is string => typeof value === 'string' && value !== '';

/**
 * What an embedding page may ask for, by Jitsi's names: the same actions as the buttons. `skipPreJoin`: the page wants people
 * to come in without the form, as soon as it has said their name.
 */
export function commandsFor(meeting: Meeting, skipPreJoin: boolean): Record<string, Answer> {
  // Nothing of it goes before one is inside.
  const features = (): Features | undefined => meeting.conference?.features;
  const mute: Answer = (who, kind) => {
    if (id(who)) features()?.moderation.mute({ these: [who] }, sourceOf(kind));
  };
  const pin: Answer = (who) => meeting.ui?.pin(id(who) ? who : null);
  const subject: Answer = (text) => (meeting.embedding.subject = subjectOf(text));
  const people: Answer = (open) => {
    const { ui } = meeting;
    if (!ui) return;
    const wanted = typeof open === 'boolean' ? open : ui.panel !== 'people';
    ui.panel = wanted ? 'people' : ui.panel === 'people' ? null : ui.panel;
  };
  return {
    toggleAudio: () => toggleSource(meeting, 'microphone'),
    toggleVideo: () => toggleSource(meeting, 'camera'),
    toggleShareScreen: () => toggleSource(meeting, 'screen'),
    toggleChat: () => meeting.ui?.toggle('chat'),
    toggleParticipantsPane: people,
    setParticipantsPane: (open) => people(open === true),
    toggleTileView: () => {
      const { ui } = meeting;
      if (ui) ui.mode = ui.mode === 'tiles' ? 'speaker' : 'tiles';
    },
    setTileView: (on) => {
      if (meeting.ui) meeting.ui.mode = on ? 'tiles' : 'speaker';
    },
    pinParticipant: pin,
    setLargeVideoParticipant: pin,
    toggleRaiseHand: () => features()?.hands.raise(!features()?.hands.up),
    sendChatMessage: (text, to) => {
      // What is meant for one person must not be read by all.
      if (to !== undefined && to !== null && to !== '')
        console.warn("kmz-meet: there are no private messages here; 'sendChatMessage' sent nothing.");
      else if (typeof text === 'string' && text.trim() !== '') features()?.chat.send(text);
    },
    hangup: () => meeting.leave(),
    endConference: () => meeting.endForAll(),
    muteEveryone: (kind) => features()?.moderation.mute('all', sourceOf(kind)),
    muteParticipant: mute,
    muteRemoteParticipant: mute,
    askToUnmute: (who) => {
      if (id(who)) features()?.moderation.ask(who, 'microphone');
    },
    approveVideo: (who) => {
      if (id(who)) features()?.moderation.grant(who, 'camera', true);
    },
    rejectParticipant: (who, kind) => {
      if (id(who)) features()?.moderation.grant(who, kind === 'video' ? 'camera' : 'microphone', false);
    },
    toggleModeration: (on, kind) => {
      const who = on ? 'moderators' : 'everyone';
      features()?.moderation.setPolicy(kind === 'video' ? { camera: who } : { microphone: who });
    },
    kickParticipant: (who) => {
      if (id(who)) features()?.moderation.remove({ these: [who] });
    },
    grantModerator: (who) => {
      if (id(who)) features()?.moderation.setRole(who, 'moderator');
    },
    revokeModerator: (who) => {
      if (id(who)) features()?.moderation.setRole(who, 'participant');
    },
    toggleLobby: (on) => {
      const door = meeting.conference?.room.policy.door;
      const knock = typeof on === 'boolean' ? on : door !== 'knock';
      // A closed door is more than a lobby: only its own button opens it.
      if (door === (knock ? 'open' : 'knock')) features()?.moderation.setPolicy({ door: knock ? 'knock' : 'open' });
    },
    answerKnockingParticipant: (who, admit) => {
      const lobby = features()?.lobby;
      if (!id(who) || !lobby) return;
      if (admit) lobby.admit({ these: [who] });
      else lobby.refuse({ these: [who] });
    },
    password: (text) => {
      const password = features()?.password;
      if (password) {
        if (id(text)) password.set(text);
        else password.clear();
      } else if (id(text)) meeting.offerPassword(text);
    },
    displayName: (text) => {
      const name = nameOf(text);
      // A verified name stays, and nobody changes their name on the way.
      if (name === null || meeting.phase !== 'ready' || meeting.entry?.name) return;
      meeting.embedding.proposedName = name;
      if (skipPreJoin && !meeting.named && !meeting.mayBeSignedIn) meeting.join(name, null);
    },
    // What a page calls the room is shown to this person only: the title for all is the platform's.
    subject,
    localSubject: subject,
    setAudioInputDevice: (label, device) => choose(meeting, 'microphone', label, device),
    setAudioOutputDevice: (label, device) => choose(meeting, 'speaker', label, device),
    setVideoInputDevice: (label, device) => choose(meeting, 'camera', label, device),
  };
}

/** By id or, as Jitsi's pages mostly do, by label. Nothing is turned on by it. */
async function choose(meeting: Meeting, kind: DeviceKind, label: unknown, device: unknown): Promise<void> {
  await devices.refresh();
  const found = devices[kind].find((one) => one.id === device) ?? devices[kind].find((one) => one.label === label);
  if (!found) return;
  devices.choose(kind, found.id);
  if (kind !== 'speaker') await meeting.sources.reopen(kind);
}
