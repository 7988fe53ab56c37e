/* Only for tests: a server that is none, and what it sends to somebody who joins. */
import type { ClientMessage } from '../../generated/ClientMessage';
import type { Participant } from '../../generated/Participant';
import type { Policy } from '../../generated/Policy';
import type { ServerMessage } from '../../generated/ServerMessage';
import type { SpeakersOnly } from '../../generated/SpeakersOnly';
import type { Signal, SignalEvents } from './socket';

export class FakeSignal implements Signal {
  said: ClientMessage[] = [];
  events: SignalEvents | null = null;
  joins: ClientMessage[] = [];

  open(join: () => ClientMessage, events: SignalEvents): void {
    this.events = events;
    this.joins.push(join());
  }

  send(message: ClientMessage): boolean {
    if (!this.events) return false;
    this.said.push(message);
    return true;
  }

  close(): void {
    this.events = null;
  }

  tell(message: ServerMessage): void {
    this.events?.message(message);
  }

  types(): string[] {
    return this.said.map((message) => message.type);
  }
}

const policy: Policy = {
  microphone: 'everyone',
  camera: 'everyone',
  screen: 'moderators',
  chat: 'everyone',
  door: 'open',
  microphone_on_at_join: false,
  camera_on_at_join: false,
  simple_view: false,
  capacity: 70,
};

/** A guest with the id `me`, unless the test says otherwise. */
export const person = (more: Partial<Participant> = {}): Participant => ({
  id: 'me',
  name: 'Anna',
  role: 'participant',
  verified: false,
  listed: false,
  typed_name: true,
  sources: [],
  grants: [],
  hand: null,
  connected: true,
  ...more,
});

/** The person with the id `me` joined a conference of these people. */
export const joinedAmong = (
  participants: Participant[],
  more: { policy?: Partial<Policy>; kept?: boolean; speakersOnly?: SpeakersOnly } = {},
): ServerMessage => ({
  type: 'joined',
  conference: 'c',
  you: 'me',
  seat: 'seat-1',
  room: {
    name: 'r',
    policy: { ...policy, ...more.policy },
    has_list: false,
    has_password: false,
    floor: null,
    speakers_only: more.speakersOnly ?? { on: false, speaker: null },
    started_at: 0,
  },
  participants,
  chat: [],
  media_kept: more.kept ?? false,
});
