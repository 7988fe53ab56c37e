/**
 * The room's end of `JitsiMeetExternalAPI`: tells the page around what happens, and does what it asks for, through the same
 * actions as the buttons. The page can do nothing that the person could not do.
 */
import { untrack } from 'svelte';
import type { Participant } from '../generated/Participant';
import type { Source } from '../generated/Source';
import type { Meeting } from '../lib/state/meeting.svelte';
import { isEnvelope, type Envelope } from './protocol';

type Answer = (...args: unknown[]) => unknown;

export class EmbedBridge {
  /** The page around; known as soon as it has said hello. */
  private parent: string | null = null;
  private readonly waiting: Envelope[] = [];

  constructor(
    private readonly meeting: Meeting,
    private readonly id: number,
  ) {
    addEventListener('message', (event) => this.received(event));
    // Says nothing about anyone, so it may go to whoever frames us; the policy says who can.
    window.parent.postMessage({ kmzMeet: id, type: 'ready' } satisfies Envelope, '*');
    $effect.root(() => this.watch());
  }

  private received(event: MessageEvent): void {
    if (event.source !== window.parent || !isEnvelope(event.data) || event.data.kmzMeet !== this.id) return;
    if (this.parent !== null && event.origin !== this.parent) return;
    const { type, name, id, data } = event.data;
    if (type === 'hello') {
      this.parent = event.origin;
      for (const envelope of this.waiting.splice(0)) this.post(envelope);
      return;
    }
    if (this.parent === null || !name) return;
    const args = Array.isArray(data) ? (data as unknown[]) : [];
    if (type === 'command') void this.commands[name]?.(...args);
    else if (type === 'request') {
      void Promise.resolve(this.answers[name]?.(...args)).then((answer) =>
        this.post({ kmzMeet: this.id, type: 'response', data: answer ?? null, ...(id === undefined ? {} : { id }) }),
      );
    }
  }

  private post(envelope: Envelope): void {
    if (this.parent === null) this.waiting.push(envelope);
    else window.parent.postMessage(envelope, this.parent);
  }

  private tell(name: string, data: Record<string, unknown> = {}): void {
    this.post({ kmzMeet: this.id, type: 'event', name, data });
  }

  // --- what the page asks for ----------------------------------------------------------------------------------------

  private toggle(source: Source): void {
    void this.meeting.setSource(source, !this.meeting.sources.isOn(source));
  }

  private readonly commands: Record<string, Answer> = {
    toggleAudio: () => this.toggle('microphone'),
    toggleVideo: () => this.toggle('camera'),
    toggleShareScreen: () => this.toggle('screen'),
    toggleChat: () => this.meeting.ui?.toggle('chat'),
    toggleParticipantsPane: () => this.meeting.ui?.toggle('people'),
    setParticipantsPane: (open) => {
      const { ui } = this.meeting;
      if (ui) ui.panel = open ? 'people' : ui.panel === 'people' ? null : ui.panel;
    },
    toggleTileView: () => {
      const { ui } = this.meeting;
      if (ui) ui.mode = ui.mode === 'tiles' ? 'speaker' : 'tiles';
    },
    setTileView: (on) => {
      if (this.meeting.ui) this.meeting.ui.mode = on ? 'tiles' : 'speaker';
    },
    pinParticipant: (id) => this.meeting.ui?.pin(typeof id === 'string' && id !== '' ? id : null),
    setLargeVideoParticipant: (id) => this.meeting.ui?.pin(typeof id === 'string' && id !== '' ? id : null),
    toggleRaiseHand: () => {
      const raised = this.meeting.conference?.me?.hand == null;
      this.meeting.say({ type: 'set_hand', raised });
    },
    sendChatMessage: (text) => {
      if (typeof text === 'string' && text.trim() !== '') this.meeting.say({ type: 'send_chat', text });
    },
    hangup: () => this.meeting.leave(),
    endConference: () => this.meeting.endForAll(),
    muteEveryone: (kind) => {
      const source: Source = kind === 'video' ? 'camera' : kind === 'desktop' ? 'screen' : 'microphone';
      this.meeting.say({ type: 'mute', target: 'all', source });
    },
    muteParticipant: (id, kind) => {
      if (typeof id === 'string') this.meeting.say({ type: 'mute', target: { these: [id] }, source: kind === 'video' ? 'camera' : 'microphone' });
    },
    askToUnmute: (id) => {
      if (typeof id === 'string') this.meeting.say({ type: 'ask', participant: id, source: 'microphone' });
    },
    approveVideo: (id) => {
      if (typeof id === 'string') this.meeting.say({ type: 'grant', participant: id, right: 'camera', granted: true });
    },
    rejectParticipant: (id, kind) => {
      if (typeof id === 'string') this.meeting.say({ type: 'grant', participant: id, right: kind === 'video' ? 'camera' : 'microphone', granted: false });
    },
    toggleModeration: (on, kind) => {
      const who = on ? 'moderators' : 'everyone';
      this.meeting.say({ type: 'set_policy', change: kind === 'video' ? { camera: who } : { microphone: who } });
    },
    kickParticipant: (id) => {
      if (typeof id === 'string') this.meeting.say({ type: 'remove', target: { these: [id] } });
    },
    grantModerator: (id) => {
      if (typeof id === 'string') this.meeting.say({ type: 'set_role', participant: id, role: 'moderator' });
    },
    revokeModerator: (id) => {
      if (typeof id === 'string') this.meeting.say({ type: 'set_role', participant: id, role: 'participant' });
    },
    toggleLobby: (on) => {
      const door = this.meeting.conference?.room.policy.door;
      const knock = typeof on === 'boolean' ? on : door !== 'knock';
      this.meeting.say({ type: 'set_policy', change: { door: knock ? 'knock' : 'open' } });
    },
    answerKnockingParticipant: (id, admit) => {
      if (typeof id === 'string') this.meeting.say({ type: admit ? 'admit' : 'refuse', target: { these: [id] } });
    },
    password: (text) => {
      if (this.meeting.conference) this.meeting.say({ type: 'set_password', ...(typeof text === 'string' && text !== '' ? { password: text } : {}) });
    },
    // Names come from the platform, and titles are the room's: nothing that a page may change on the way.
    displayName: () => undefined,
    subject: () => undefined,
    localSubject: () => undefined,
  };

  private readonly answers: Record<string, Answer> = {
    isAudioMuted: () => !this.meeting.sources.isOn('microphone'),
    isVideoMuted: () => !this.meeting.sources.isOn('camera'),
    isSharingScreen: () => this.meeting.sources.isOn('screen'),
    isAudioAvailable: () => this.has('audioinput'),
    isVideoAvailable: () => this.has('videoinput'),
    isModerationOn: (kind) => {
      const policy = this.meeting.conference?.room.policy;
      return (kind === 'video' ? policy?.camera : policy?.microphone) === 'moderators';
    },
    isParticipantForceMuted: (id, kind) => {
      const person = this.meeting.conference?.people.get(String(id));
      const policy = this.meeting.conference?.room.policy;
      const right = kind === 'video' ? 'camera' : 'microphone';
      return policy?.[right] === 'moderators' && person?.role !== 'moderator' && !person?.grants.includes(right);
    },
    getSessionId: () => this.meeting.conference?.room.name ?? '',
    getRoomsInfo: () => ({
      rooms: [
        {
          isMainRoom: true,
          id: this.meeting.conference?.room.name ?? this.meeting.room,
          jid: this.meeting.conference?.room.name ?? this.meeting.room,
          participants: (this.meeting.conference?.list ?? []).map((person) => ({ id: person.id, jid: person.id, displayName: person.name, role: person.role })),
        },
      ],
    }),
    getAvailableDevices: async () => {
      const devices = await this.devices();
      const of = (kind: MediaDeviceKind): object[] =>
        devices.filter((device) => device.kind === kind).map(({ deviceId, groupId, label }) => ({ deviceId, groupId, kind, label }));
      return { audioInput: of('audioinput'), audioOutput: of('audiooutput'), videoInput: of('videoinput') };
    },
    getCurrentDevices: () => {
      const of = (track: MediaStreamTrack | null): object => (track ? { deviceId: track.getSettings().deviceId ?? '', label: track.label, kind: track.kind } : {});
      return { audioInput: of(this.meeting.sources.microphone), audioOutput: {}, videoInput: of(this.meeting.sources.camera) };
    },
  };

  private async devices(): Promise<MediaDeviceInfo[]> {
    return (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  }

  private async has(kind: MediaDeviceKind): Promise<boolean> {
    return (await this.devices()).some((device) => device.kind === kind);
  }

  // --- what the page is told -----------------------------------------------------------------------------------------

  private watch(): void {
    const { meeting } = this;
    let inside = false;
    let known = new Map<string, Participant>();
    let heard = 0;

    $effect(() => {
      const { phase, conference, over } = meeting;
      untrack(() => {
        if (phase === 'inside' && conference && !inside) {
          inside = true;
          const { me, room } = conference;
          this.tell('videoConferenceJoined', { roomName: meeting.room, id: conference.you, displayName: me?.name ?? '', avatarURL: '', breakoutRoom: false });
          this.tell('participantRoleChanged', { id: conference.you, role: conference.isModerator ? 'moderator' : 'participant' });
          if (room.title) this.tell('subjectChange', { subject: room.title });
          heard = conference.chat.at(-1)?.id ?? 0;
        } else if (phase === 'over' && inside) {
          inside = false;
          if (over === 'removed') this.tell('participantKickedOut', { kicked: { id: '', local: true }, kicker: { id: '' } });
          this.tell('videoConferenceLeft', { roomName: meeting.room });
          this.tell('readyToClose');
          known = new Map();
        } else if (phase === 'over') {
          this.tell('errorOccurred', { type: 'CONFERENCE', name: over ?? 'unknown', isFatal: true });
          this.tell('readyToClose');
        }
      });
    });

    $effect(() => {
      const people = [...(meeting.conference?.people.values() ?? [])];
      const you = meeting.conference?.you;
      untrack(() => {
        const now = new Map(people.map((person) => [person.id, person]));
        for (const person of people) {
          const before = known.get(person.id);
          if (!before && person.id !== you) this.tell('participantJoined', { id: person.id, displayName: person.name, formattedDisplayName: person.name });
          if (before && before.role !== person.role) this.tell('participantRoleChanged', { id: person.id, role: person.role });
          if ((before?.hand ?? null) !== person.hand && (before || person.hand !== null)) {
            const changed = (before?.hand ?? null) === null || person.hand === null;
            if (changed) this.tell('raiseHandUpdated', { id: person.id, handRaised: person.hand === null ? 0 : Date.now() });
          }
        }
        for (const id of known.keys()) if (!now.has(id) && meeting.conference) this.tell('participantLeft', { id });
        known = now;
      });
    });

    $effect(() => {
      const chat = meeting.conference?.chat ?? [];
      const you = meeting.conference?.you;
      untrack(() => {
        for (const message of chat.filter((one) => one.id > heard)) {
          heard = message.id;
          if (message.from === you) this.tell('outgoingMessage', { message: message.text, privateMessage: false });
          else this.tell('incomingMessage', { from: message.from, nick: message.name, message: message.text, privateMessage: false, stamp: new Date(message.at).toISOString() });
        }
      });
    });

    this.onChange(() => meeting.sources.isOn('microphone'), (on) => this.tell('audioMuteStatusChanged', { muted: !on }));
    this.onChange(() => meeting.sources.isOn('camera'), (on) => this.tell('videoMuteStatusChanged', { muted: !on }));
    this.onChange(() => meeting.sources.isOn('screen'), (on) => this.tell('screenSharingStatusChanged', { on, details: on ? { sourceType: 'screen' } : {} }));
    this.onChange(() => meeting.ui?.mode === 'tiles', (enabled) => meeting.ui && this.tell('tileViewChanged', { enabled }));
    this.onChange(() => meeting.ui?.panel === 'chat', (isOpen) => this.tell('chatUpdated', { isOpen, unreadCount: meeting.conference?.unread ?? 0 }));
    this.onChange(() => meeting.ui?.panel === 'people', (open) => this.tell('participantsPaneToggled', { open }));
    this.onChange(() => meeting.conference?.speaker ?? null, (id) => id && this.tell('dominantSpeakerChanged', { id }));
    this.onChange(() => (meeting.conference?.knockers ?? []).map((one) => one.id).join(), () => {
      for (const { id, name } of meeting.conference?.knockers ?? []) this.tell('knockingParticipant', { participant: { id, name } });
    });
  }

  /** Only changes are told, not how it is at first. */
  private onChange<T>(read: () => T, tell: (value: T) => unknown): void {
    let before: T | undefined;
    let first = true;
    $effect(() => {
      const value = read();
      untrack(() => {
        if (!first && value !== before) tell(value);
        before = value;
        first = false;
      });
    });
  }
}
