/* Only for tests: a server and a media session that are none. */
import type { ClientMessage } from '../generated/ClientMessage';
import type { Participant } from '../generated/Participant';
import type { Policy } from '../generated/Policy';
import type { ServerMessage } from '../generated/ServerMessage';
import type { Peer } from '../lib/media/peer';
import type { Signal, SignalEvents } from '../lib/signal/socket';

export class FakeSignal implements Signal {
  said: ClientMessage[] = [];
  joins: ClientMessage[] = [];
  private events: SignalEvents | null = null;

  open(join: () => ClientMessage, events: SignalEvents): void {
    this.events = events;
    this.joins.push(join());
  }

  send(message: ClientMessage): boolean {
    this.said.push(message);
    return true;
  }

  close(): void {
    this.events = null;
  }

  tell(message: ServerMessage): void {
    this.events?.message(message);
  }
}

export const peer = (): Peer => ({
  audio: [],
  video: [],
  screen: {} as MediaStream,
  offer: () => Promise.resolve({ sdp: '', sections: { audio_slots: [], video_slots: [] } }),
  answer: () => Promise.resolve(),
  attach: () => Promise.resolve(),
  close: () => undefined,
});

export const me: Participant = {
  id: 'me',
  name: 'Anna',
  role: 'moderator',
  verified: true,
  listed: true,
  typed_name: false,
  sources: [],
  grants: [],
  hand: null,
  connected: true,
};
export const ben: Participant = {
  id: 'ben',
  name: 'Ben',
  role: 'participant',
  verified: false,
  listed: false,
  typed_name: true,
  sources: ['screen'],
  grants: [],
  hand: null,
  connected: true,
};

export const joined = (door: Policy['door'] = 'open'): ServerMessage => ({
  type: 'joined',
  conference: 'c',
  you: 'me',
  seat: 's',
  chat: [],
  media_kept: false,
  room: {
    name: 'r',
    has_list: false,
    has_password: false,
    floor: null,
    started_at: 0,
    policy: {
      microphone: 'everyone',
      camera: 'everyone',
      screen: 'moderators',
      chat: 'everyone',
      door,
      microphone_on_at_join: false,
      camera_on_at_join: false,
      capacity: 70,
    },
  },
  participants: [me, ben],
});

/** What the browser has and Node has not. */
export const BROWSER = {
  screen: { width: 1366, height: 768 },
  devicePixelRatio: 1,
  matchMedia: () => ({ matches: false }),
  navigator: { hardwareConcurrency: 2 },
};
