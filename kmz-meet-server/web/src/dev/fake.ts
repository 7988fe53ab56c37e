/*
 * Only for `npm run dev`: a conference without a server, to look at the screens (see dev.html). Not in any build.
 */
import type { ChatMessage } from '../generated/ChatMessage';
import type { ClientMessage } from '../generated/ClientMessage';
import type { Participant } from '../generated/Participant';
import type { ServerMessage } from '../generated/ServerMessage';
import type { SpeakersOnly } from '../generated/SpeakersOnly';
import type { Peer } from '../lib/media/peer';
import type { Signal, SignalEvents } from '../lib/signal/socket';

const NAMES = [
  'Frau Weiß',
  'Anna',
  'Ben',
  'Cem Yılmaz',
  'Dilara',
  'Emil',
  'Fatima El-Sayed',
  'Greta',
  'Hannes',
  'Ida',
  'Jonas',
  'Klara-Sophie Baumgärtner-Hohenstein',
  'Leon',
  'Mia',
  'Noah',
  'Olivia',
  'Paul',
  'Quirin',
  'Rosa',
  'Samira',
  'Theo',
  'Ulla',
  'Valentin',
  'Wanda',
  'Xaver',
  'Yara',
  'Zoé',
  'Anton',
  'Bela',
  'Charlotte',
];

export interface FakeOptions {
  people: number;
  moderator: boolean;
  cameras: number;
  screen: boolean;
  knockers: number;
  door: 'open' | 'knock' | 'closed';
  /** 'Speakers only' is on, and this person is the speaker. */
  only: string | null;
  /** It is proposed. */
  proposed: boolean;
}

const name = (index: number): string => NAMES[index] ?? `Kind ${index}`;

export class FakeSignal implements Signal {
  readonly said: ClientMessage[] = [];
  private events: SignalEvents | null = null;
  private roster: Participant[];
  private readonly you: string;
  private speakersOnly: SpeakersOnly;

  constructor(private readonly options: FakeOptions) {
    this.speakersOnly = { on: options.only !== null, speaker: options.only };
    this.you = options.moderator ? 'p0' : 'p1';
    this.roster = Array.from({ length: options.people }, (_, index) => this.person(index));
    if (!this.roster.some((person) => person.id === this.you)) this.roster = [this.person(1)];
  }

  open(_join: () => ClientMessage, events: SignalEvents): void {
    this.events = events;
    setTimeout(() => this.welcome(), 20);
  }

  send(message: ClientMessage): boolean {
    this.said.push(message);
    if (message.type === 'offer') setTimeout(() => this.slots(), 20);
    if (message.type === 'send_chat') {
      this.tell({
        type: 'chat',
        message: this.message(Date.now(), Number(this.you.slice(1)), message.text, Date.now()),
      });
    }
    if (message.type === 'set_speakers_only') {
      this.speakersOnly = { on: message.on, speaker: message.on ? 'p0' : null };
      this.tell({ type: 'speakers_only_changed', speakers_only: this.speakersOnly });
      this.tell({ type: 'speakers_only_proposed', lines: null });
      this.slots();
    }
    if (message.type === 'set_source' || message.type === 'set_hand') this.own(message);
    return true;
  }

  close(): void {
    this.events = null;
  }

  tell(message: ServerMessage): void {
    this.events?.message(message);
  }

  lose(): void {
    this.events?.link(false);
  }

  private own(message: Extract<ClientMessage, { type: 'set_source' | 'set_hand' }>): void {
    const me = this.roster.find((person) => person.id === this.you);
    if (!me) return;
    if (message.type === 'set_hand') me.hand = message.raised ? 3 : null;
    else
      me.sources = me.sources.filter((source) => source !== message.source).concat(message.on ? [message.source] : []);
    this.tell({ type: 'participant_changed', participant: { ...me, sources: [...me.sources] } });
  }

  private person(index: number): Participant {
    const { cameras, screen } = this.options;
    const sources: Participant['sources'] = [];
    if (index < cameras) sources.push('camera');
    if (index === 0 || index === 4) sources.push('microphone');
    if (index === 0 && screen) sources.push('screen');
    return {
      id: `p${index}`,
      name: name(index),
      role: index === 0 ? 'moderator' : 'participant',
      verified: index === 0,
      listed: index !== 3,
      typed_name: index === 3 || index === 7,
      sources: `p${index}` === this.you ? [] : sources,
      grants: [],
      hand: index === 3 ? 1 : index === 6 ? 2 : null,
      connected: index !== 5,
    };
  }

  private message(id: number, from: number, text: string, at: number): ChatMessage {
    const { name, role, verified, listed, typed_name } = this.person(from);
    return { id, from: `p${from}`, name, role, verified, listed, typed_name, text, at };
  }

  private welcome(): void {
    const { knockers, moderator, door, proposed } = this.options;
    const at = Date.now();
    const chat = [
      'Guten Morgen! Heute geht es um Brüche.',
      'Das Arbeitsblatt: https://schule.example/brueche.pdf',
      'Danke!',
    ].map((text, index) => this.message(index + 1, index < 2 ? 0 : 2, text, at - 300_000 + index * 20_000));
    this.tell({
      type: 'joined',
      conference: 'c',
      you: this.you,
      seat: 'seat',
      room: {
        name: 'mutiger-dachs-lomi-katu-reno',
        policy: {
          microphone: 'everyone',
          camera: 'everyone',
          screen: 'moderators',
          chat: 'everyone',
          door,
          microphone_on_at_join: false,
          camera_on_at_join: false,
          simple_view: false,
          capacity: 70,
        },
        has_list: false,
        has_password: true,
        floor: null,
        speakers_only: this.speakersOnly,
        started_at: at,
      },
      participants: this.roster,
      chat: this.roster.length > 1 ? chat : [],
      media_kept: false,
    });
    if (moderator && proposed) this.tell({ type: 'speakers_only_proposed', lines: { poor: 5, of: 22, together: 4 } });
    if (moderator) {
      this.tell({ type: 'password', password: 'Sonne 7' });
      this.tell({
        type: 'lobby_changed',
        knockers: Array.from({ length: knockers }, (_, i) => ({
          id: `k${i}`,
          name: name(20 + i),
          verified: i === 1,
          listed: i === 1,
          typed_name: i === 0,
          suspicious: i === 2,
        })),
      });
    }
    if (this.roster.length > 4) {
      this.tell({ type: 'speaking', participants: ['p4'] });
      this.tell({ type: 'quality', participant: 'p7', level: 'poor' });
      this.tell({ type: 'quality', participant: 'p2', level: 'fair' });
    }
  }

  private slots(): void {
    const { on, speaker } = this.speakersOnly;
    const others = this.roster.filter((person) => person.id !== this.you && (!on || person.id === speaker));
    this.tell({
      type: 'slots',
      audio: [],
      video: others.filter((person) => person.sources.includes('camera')).map((person) => person.id),
      screen: others.find((person) => person.sources.includes('screen'))?.id ?? null,
    });
  }
}

/** A stream with a drawn picture: something that looks a little like a person before a wall. */
function picture(hue: number, text: string, width = 640, height = 360): MediaStream {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const draw = canvas.getContext('2d');
  const paint = (): void => {
    if (!draw) return;
    const wall = draw.createLinearGradient(0, 0, width, height);
    wall.addColorStop(0, `hsl(${hue} 35% 72%)`);
    wall.addColorStop(1, `hsl(${hue + 40} 30% 45%)`);
    draw.fillStyle = wall;
    draw.fillRect(0, 0, width, height);
    draw.fillStyle = `hsl(${(hue * 7) % 360} 40% 35%)`;
    draw.beginPath();
    draw.ellipse(width / 2, height * 1.08, width * 0.26, height * 0.45, 0, 0, 7);
    draw.fill();
    draw.fillStyle = `hsl(${20 + (hue % 20)} 45% ${55 + (hue % 25)}%)`;
    draw.beginPath();
    draw.ellipse(width / 2, height * 0.42, width * 0.11, height * 0.25, 0, 0, 7);
    draw.fill();
    draw.fillStyle = '#fff';
    draw.font = '700 30px sans-serif';
    draw.fillText(text, 40, 80);
  };
  paint();
  setInterval(paint, 200);
  return canvas.captureStream(5);
}

export class FakePeer implements Peer {
  readonly audio: MediaStream[] = [];
  readonly video: MediaStream[];
  readonly screen: MediaStream;

  constructor(
    slots: number,
    private readonly events: { connected(): void },
  ) {
    this.video = Array.from({ length: slots }, (_, index) => picture((index * 47) % 360, ''));
    this.screen = picture(210, 'Brüche: 1/2 + 1/4 = 3/4', 1280, 720);
  }

  offer(): ReturnType<Peer['offer']> {
    setTimeout(() => this.events.connected(), 10);
    return Promise.resolve({ sdp: '', sections: { audio_slots: [], video_slots: [] } });
  }

  answer(): Promise<void> {
    return Promise.resolve();
  }

  way(): Promise<'direct'> {
    return Promise.resolve('direct');
  }

  attach(): Promise<void> {
    return Promise.resolve();
  }

  watch(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {
    // nothing is open
  }
}
