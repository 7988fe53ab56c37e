import type { ClientMessage } from '../../generated/ClientMessage';
import type { Door } from '../../generated/Door';
import type { Participant } from '../../generated/Participant';
import type { Policy } from '../../generated/Policy';
import type { ServerMessage } from '../../generated/ServerMessage';
import type { Source } from '../../generated/Source';
import { MediaSession, type MakePeer } from '../media/session.svelte';
import { Sources } from '../media/sources.svelte';
import { dropSeat, keepName, keepSeat, loadName, loadSeat } from '../signal/seat';
import type { Signal } from '../signal/socket';
import { moderatedRoom } from '../api/attendance';
import { Conference } from './conference.svelte';
import { keepEntry, webAddress, type Entry } from './entry';
import { Happenings } from './happenings';
import { closeWindow, hasOpener } from './own-window';
import { overOf, wasTaken, type Over } from './over';
import type { Ui } from './ui.svelte';

export type Phase = 'ready' | 'connecting' | 'waiting' | 'lobby' | 'inside' | 'over';

/** One visit to one room: from the name in the pre-join to leaving. */
export class Meeting {
  phase = $state<Phase>('ready');
  over = $state<Over | null>(null);
  /** The name was refused: shown beside the field. */
  badName = $state(false);
  /** False while the connection is being restored. */
  online = $state(true);
  conference = $state.raw<Conference | null>(null);
  /** What is open on the conference screen, while it is shown. */
  ui = $state.raw<Ui | null>(null);
  /** A moderator asks to turn something on. */
  asked = $state.raw<{ source: Source; by: string } | null>(null);
  /** The policy before everything was stopped, to release it again. */
  beforeStop = $state.raw<Policy | null>(null);
  /** Where 'leave' leads, if a platform sent this person and the server has read so from the ticket. */
  back = $state<string | null>(null);
  /** When the conference began that this visit was in last. */
  began: number | null = null;
  /** What the door was before it was closed. */
  private doorBefore: Door | null = null;
  /** How often this visit came in: 1 at first, one more after every reconnection. */
  entries = $state(0);
  /** The name that an embedding page proposes. */
  proposedName = $state('');
  /** What an embedding page calls the room; only this person sees it. */
  subject = $state<string | null>(null);
  /** Told of each button that is pressed, by Jitsi's name for it; true when the page around does itself what it does. */
  onPress: ((key: string) => boolean) | null = null;
  /** The page around can take this room away; set by what embeds it. */
  onClose = $state.raw<(() => void) | null>(null);
  /** In a frame: the origin of the page around, as soon as it has said something. */
  pageAround = $state<string | null>(null);
  /** In a frame: whether the pages around are those of the room's own school, as the server says. */
  ownPage = $state(false);
  /** Someone may be signed in here: then the form is shown, whatever the page around wants. */
  mayBeSignedIn = $state(false);
  readonly sources = new Sources();
  readonly media: MediaSession;

  private isAway = false;
  private name = '';
  private password: string | null = null;
  /** From an embedding page; what the person types comes before it. */
  private offered: string | null = null;
  /** What the last `join` said: the same password again is no new try. */
  private tried: string | null = null;
  /** What the server has confirmed to be on. */
  private confirmed = new Set<Source>();
  private readonly happenings = new Happenings(
    () => this.conference,
    () => {
      if (this.ui) this.ui.panel = 'safety';
    },
  );

  constructor(
    readonly room: string,
    private readonly signal: Signal,
    makePeer?: MakePeer,
    /** Sent here by a course or another platform. */
    readonly entry: Entry | null = null,
    /** Sent here just now: perhaps someone else than the person who sat here before. */
    readonly sent = false,
  ) {
    this.back = entry?.leave ?? null;
    this.media = new MediaSession(this.sources, (message) => this.say(message), makePeer);
    this.sources.onEnded = (source) => {
      this.confirmed.delete(source);
      this.tellSource(source, false);
    };
  }

  /**
   * Whether this tab sat here before: then it goes straight back to its seat. Who was sent here anew says first who they
   * are; the server gives them the seat if it is theirs.
   */
  get returning(): boolean {
    return !this.sent && loadSeat(this.room) !== null;
  }

  join(name: string, password: string | null): void {
    this.name = name;
    this.password = password ?? this.offered;
    keepName(name);
    this.open();
  }

  /** What the room is called on this screen. */
  get title(): string {
    return this.subject ?? this.conference?.room.title ?? this.conference?.room.name ?? this.entry?.title ?? this.room;
  }

  /** Whether this person has said a name and been on the way in. */
  get named(): boolean {
    return this.name !== '';
  }

  /** A password that an embedding page knows, before coming in. */
  offerPassword(password: string): void {
    this.offered = password;
    if (!this.named) return;
    this.password = password;
    if (this.phase === 'waiting' && this.tried !== password) this.open();
  }

  /** A button was pressed; false when the page around does itself what it is for. */
  press(key: string): boolean {
    return !(this.onPress?.(key) ?? false);
  }

  /** Straight back to the seat of before, after a reload. */
  resume(): void {
    const seat = loadSeat(this.room);
    if (!seat) return;
    this.name = seat.name;
    this.open();
  }

  /** Takes the place back that another window of the same person took. */
  comeBackHere(): void {
    this.name ||= loadSeat(this.room)?.name ?? loadName();
    if (this.name === '' && !this.entry) this.backToForm();
    else this.open();
  }

  /**
   * The page is closed, reloaded or put aside: the others hear it at once, and the seat stays this tab's. Nothing is
   * captured by a page that nobody sees.
   */
  away(): void {
    if (this.phase === 'ready' || this.phase === 'over') return;
    this.say({ type: 'away' });
    this.signal.close();
    this.media.stop();
    this.sources.stopAll();
    this.confirmed.clear();
    this.isAway = true;
  }

  /** The browser shows the page again that it had put aside: back to the seat, or to the door. */
  backFromAway(): void {
    if (!this.isAway) return;
    this.isAway = false;
    this.open();
  }

  leave(): void {
    this.say({ type: 'leave' });
    this.finish('left');
  }

  /** Gone from the door, on the way to another page. */
  stopWaiting(): void {
    this.say({ type: 'leave' });
    this.dispose();
  }

  endForAll(): void {
    this.say({ type: 'end_for_all' });
  }

  /** Back to the form, for example to type another password. */
  backToForm(): void {
    this.signal.close();
    this.phase = 'ready';
    this.over = null;
  }

  /** Ends everything without giving the seat back; for leaving the page. */
  dispose(): void {
    this.signal.close();
    this.media.stop();
    this.sources.stopAll();
  }

  say(message: ClientMessage): boolean {
    return this.signal.send(message);
  }

  async setSource(source: Source, on: boolean): Promise<void> {
    if (!on) {
      this.sources.turnOff(source);
      this.confirmed.delete(source);
      this.tellSource(source, false);
    } else if (await this.sources.turnOn(source)) {
      this.tellSource(source, true);
    }
  }

  /** Before coming in, devices are only tried; `reconcile` tells what stayed on. */
  private tellSource(source: Source, on: boolean): void {
    if (this.phase === 'inside') this.say({ type: 'set_source', source, on });
  }

  stopEverything(): void {
    // Once more, and what held before is still what held before the first time.
    if (this.say({ type: 'stop_everything' })) this.beforeStop ??= this.conference?.room.policy ?? null;
  }

  /** What held before the stop, or what a room starts with; the door stays for the moderator to open. */
  release(): void {
    const { microphone, camera, screen, chat } = this.beforeStop ?? {
      microphone: 'everyone',
      camera: 'everyone',
      screen: 'moderators',
      chat: 'everyone',
    };
    this.say({ type: 'set_policy', change: { microphone, camera, screen, chat } });
    this.beforeStop = null;
  }

  /** Closes the door, or opens it as far as it was open before. */
  toggleDoor(): void {
    const { room } = this.conference ?? {};
    if (!room) return;
    // Whoever knows who belongs to a room lets the others knock.
    const before = this.doorBefore ?? (room.has_list ? 'knock' : 'open');
    this.say({ type: 'set_policy', change: { door: room.policy.door === 'closed' ? before : 'closed' } });
  }

  private open(): void {
    this.phase = 'connecting';
    this.over = null;
    this.badName = false;
    this.online = true;
    this.signal.open(() => this.joinMessage(), {
      message: (message) => this.receive(message),
      link: (up) => this.link(up),
    });
  }

  private joinMessage(): ClientMessage {
    const seat = loadSeat(this.room)?.seat;
    this.tried = this.password;
    return {
      type: 'join',
      // Another platform's name for the room led here; its own leads back.
      room: this.conference?.room.name ?? this.room,
      name: this.name,
      ...(this.password ? { password: this.password } : {}),
      ...(seat ? { seat } : {}),
      ...(this.entry ? { token: this.entry.token } : {}),
    };
  }

  private link(up: boolean): void {
    // Being back is told by `joined`; only the loss shows at once.
    if (!up) this.online = false;
    else if (this.phase !== 'inside') this.online = true;
  }

  private receive(message: ServerMessage): void {
    const { conference } = this;
    switch (message.type) {
      case 'way_back':
        this.wayBack(message.url);
        break;
      case 'framed':
        this.ownPage = message.own;
        break;
      case 'waiting':
        // The page around has said another password since.
        if (this.tried !== this.password) this.open();
        else this.phase = 'waiting';
        break;
      case 'lobby':
        this.phase = 'lobby';
        break;
      case 'refused':
        this.refused(message.reason);
        break;
      case 'joined':
        this.joined(message);
        break;
      case 'answer':
        void this.media.answer(message.sdp);
        break;
      case 'slots':
        this.media.slots = message;
        break;
      case 'asked':
        if (!this.sources.isOn(message.source)) this.asked = { source: message.source, by: message.by };
        break;
      case 'turned_off':
        this.turnedOff(message.source);
        break;
      case 'error':
        this.failed(message.code);
        break;
      case 'ended':
        this.finish('ended');
        break;
      case 'removed':
        this.finish('removed');
        break;
      case 'pong':
        break;
      default:
        if (conference) this.change(conference, message);
    }
  }

  private wayBack(url: string): void {
    this.back = webAddress(url);
    if (this.entry) keepEntry(this.room, { ...this.entry, leave: this.back });
  }

  /** Changes of the conference, with what is told about them. */
  private change(conference: Conference, message: ServerMessage): void {
    switch (message.type) {
      case 'participant_joined':
        conference.put(message.participant);
        this.happenings.joined(message.participant);
        break;
      case 'participant_changed':
        this.changed(conference, message.participant);
        break;
      case 'participant_left':
        this.happenings.left(message.participant);
        conference.gone(message.participant, message.reason);
        break;
      case 'room_changed':
        this.happenings.roomChanged(conference.room, message.room);
        if (message.room.policy.door === 'closed' && conference.room.policy.door !== 'closed')
          this.doorBefore = conference.room.policy.door;
        conference.room = message.room;
        break;
      case 'hands_changed':
        this.happenings.hands(conference.handsChanged(message.hands));
        break;
      case 'alert':
        this.happenings.alert(message.alert);
        break;
      case 'shared_account':
        this.happenings.sharedAccount(message.name);
        break;
      case 'chat':
        this.happenings.message(message.message);
        conference.heard(message.message);
        break;
      case 'password':
        conference.password = message.password;
        break;
      case 'lobby_changed':
        this.happenings.lobby(conference.knockers, message.knockers);
        conference.knockers = message.knockers;
        break;
      case 'speaking':
        conference.speaks(message.participants, performance.now());
        break;
      case 'quality':
        conference.quality.set(message.participant, message.level);
        if (message.participant === conference.you) this.happenings.ownQuality(message.level);
        break;
      default:
        break; // said by a newer server
    }
  }

  private joined(message: Extract<ServerMessage, { type: 'joined' }>): void {
    const first = this.phase !== 'inside' || !this.conference;
    keepSeat(this.room, message.seat, this.name);
    if (this.conference) this.conference.reset(message);
    else this.conference = new Conference(message);
    const wasLost = !this.online;
    this.began = message.room.started_at;
    this.phase = 'inside';
    this.online = true;
    this.entries += 1;
    if (first) this.keepOnlyWhatMayStayOn(this.conference);
    this.reconcile(this.conference);
    void this.media.start(message.media_kept);
    if (!first && wasLost) this.happenings.back();
  }

  /** Comes in muted with the camera off, unless the room lets stay on what was on before. */
  private keepOnlyWhatMayStayOn(conference: Conference): void {
    const { policy } = conference.room;
    if (!(policy.microphone_on_at_join && conference.may('microphone'))) this.sources.turnOff('microphone');
    if (!(policy.camera_on_at_join && conference.may('camera'))) this.sources.turnOff('camera');
  }

  /** Tells the server what is really on: after a reload nothing is, after a lost connection what was on still is. */
  private reconcile(conference: Conference): void {
    this.confirmed.clear();
    for (const source of ['microphone', 'camera', 'screen'] as const) {
      const known = conference.me?.sources.includes(source) ?? false;
      const on = this.sources.isOn(source);
      if (on !== known) this.say({ type: 'set_source', source, on });
      else if (on) this.confirmed.add(source);
    }
  }

  private changed(conference: Conference, person: Participant): void {
    const former = conference.people.get(person.id);
    conference.put(person);
    this.happenings.changed(former, person);
    if (person.id !== conference.you) return;
    for (const source of ['microphone', 'camera', 'screen'] as const) {
      if (person.sources.includes(source)) this.confirmed.add(source);
      // The server took it away: what is not forwarded is not captured either.
      else if (this.confirmed.delete(source)) this.sources.turnOff(source);
    }
  }

  private turnedOff(source: Source): void {
    this.confirmed.delete(source);
    this.sources.turnOff(source);
    if (this.asked?.source === source) this.asked = null;
    this.happenings.turnedOff(source);
  }

  private failed(code: Extract<ServerMessage, { type: 'error' }>['code']): void {
    if (code === 'bad_offer') return this.media.refused();
    if (code === 'not_permitted') {
      // Whatever is on here without the server's consent goes off again.
      for (const source of ['microphone', 'camera', 'screen'] as const) {
        if (this.sources.isOn(source) && !this.confirmed.has(source)) this.sources.turnOff(source);
      }
    }
    this.happenings.failed(code);
  }

  private refused(reason: Extract<ServerMessage, { type: 'refused' }>['reason']): void {
    if (reason === 'bad_name') {
      this.badName = true;
      this.backToForm();
      return;
    }
    if (reason === 'bad_seat') {
      const hadSeat = loadSeat(this.room) !== null;
      dropSeat();
      // Nothing lost: in by the name or the ticket, as anyone. A person who was inside before sees why.
      if (hadSeat && this.phase === 'connecting' && this.conference === null) return this.open();
      // Not the seat but the ticket is too old: only the platform has a new one.
      if (this.entry) {
        keepEntry(this.room, null);
        return this.finish('bad_ticket');
      }
    }
    this.finish(overOf(reason, this.phase === 'lobby'));
  }

  private finish(over: Over): void {
    if (!wasTaken(over)) dropSeat();
    this.dispose();
    this.confirmed.clear();
    this.conference = null;
    this.asked = null;
    this.over = over;
    this.phase = 'over';
    // Who taught the lesson sees first who was there.
    const moderated = this.entry !== null && moderatedRoom(this.entry.token) !== null;
    if ((over === 'left' || over === 'ended') && !moderated) this.depart();
  }

  /**
   * A window that the platform opened closes itself: what was before is in the other one. A tab without an opener may be all that
   * the person has of the platform: there the way leads back.
   */
  private depart(): void {
    if (this.entry && hasOpener()) closeWindow(() => this.goBack());
    else this.goBack();
  }

  /** To where the person came from, if that was another platform. */
  goBack(): boolean {
    if (!this.back) return false;
    location.assign(this.back);
    return true;
  }
}
