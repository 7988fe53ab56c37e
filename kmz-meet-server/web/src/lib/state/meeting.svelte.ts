import type { ClientMessage } from '../../generated/ClientMessage';
import type { RefusalReason } from '../../generated/RefusalReason';
import type { ServerMessage } from '../../generated/ServerMessage';
import type { Source } from '../../generated/Source';
import type { ScreenTracks } from '../media/capture';
import { MediaSession, type MakePeer } from '../media/session.svelte';
import { Sources } from '../media/sources.svelte';
import { dropSeat, keepSeat, loadSeat } from '../signal/seat';
import type { Signal } from '../signal/socket';
import { moderatedRoom } from '../features/attendance/attendance';
import { Memory } from '../features/memory.svelte';
import { Admission } from './admission.svelte';
import { tellBack, tellFailed, tellTurnedOff } from './announcements';
import { Conference } from './conference.svelte';
import { Embedding } from './embedding.svelte';
import type { Entry } from './entry';
import { OwnSources } from './own-sources';
import { wasTaken, type Over } from './over';
import { ReturnWay } from './return-way.svelte';
import type { Ui } from './ui.svelte';

export type Phase = 'ready' | 'connecting' | 'waiting' | 'lobby' | 'inside' | 'over';

/** One visit to one room: from the name in the pre-join to leaving. */
export class Meeting {
  phase = $state<Phase>('ready');
  over = $state<Over | null>(null);
  /** False while the connection is being restored. */
  online = $state(true);
  conference = $state.raw<Conference | null>(null);
  /** What is open on the conference screen, while it is shown. */
  ui = $state.raw<Ui | null>(null);
  /** A moderator asks to turn something on. */
  asked = $state.raw<{ source: Source; by: string } | null>(null);
  /** When the conference began that this visit was in last. */
  began: number | null = null;
  /** A moderator sent this person out, and may let them in again. */
  sentOut = $state(false);
  /** How often this visit came in: 1 at first, one more after every reconnection. */
  entries = $state(0);
  /** Someone may be signed in here: then the form is shown, whatever the page around wants. */
  mayBeSignedIn = $state(false);
  readonly sources = new Sources();
  readonly media: MediaSession;
  readonly embedding = new Embedding();
  readonly returnWay: ReturnWay;

  private isAway = false;
  private readonly admission: Admission;
  private readonly own = new OwnSources(
    this.sources,
    () => this.phase === 'inside',
    (message) => this.say(message),
  );
  private readonly memory = new Memory();

  constructor(
    readonly room: string,
    private readonly signal: Signal,
    makePeer?: MakePeer,
    /** Sent here by a course or another platform. */
    readonly entry: Entry | null = null,
    /** Sent here just now: perhaps someone else than the person who sat here before. */
    readonly sent = false,
  ) {
    this.admission = new Admission(room, entry);
    this.returnWay = new ReturnWay(room, entry);
    this.media = new MediaSession(this.sources, (message) => this.say(message), makePeer);
  }

  /**
   * Whether this tab sat here before: then it goes straight back to its seat. Who was sent here anew says first who they
   * are; the server gives them the seat if it is theirs.
   */
  get returning(): boolean {
    return !this.sent && loadSeat(this.room) !== null;
  }

  join(name: string, password: string | null): void {
    this.admission.introduce(name, password);
    this.open();
  }

  /** What the room is called on this screen. */
  get title(): string {
    return (
      this.embedding.subject ??
      this.conference?.room.title ??
      this.conference?.room.name ??
      this.entry?.title ??
      this.room
    );
  }

  /** Whether this person has said a name and been on the way in. */
  get named(): boolean {
    return this.admission.named;
  }

  /** The name was refused: shown beside the field. */
  get badName(): boolean {
    return this.admission.badName;
  }

  /** A password that an embedding page knows, before coming in. */
  offerPassword(password: string): void {
    this.admission.offer(password);
    if (this.named && this.phase === 'waiting' && this.admission.hasNewPassword) this.open();
  }

  /** Straight back to the seat of before, after a reload. */
  resume(): void {
    if (this.admission.recallSeat()) this.open();
  }

  /** Takes the place back that another window of the same person took. */
  comeBackHere(): void {
    if (this.admission.recallName()) this.open();
    else this.backToForm();
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
    this.own.forget();
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

  setSource(source: Source, on: boolean): Promise<void> {
    return this.own.set(source, on);
  }

  /** Shares a photo or a camera as others share a screen: phones cannot share theirs. */
  showInstead(tracks: ScreenTracks): Promise<void> {
    return this.own.showInstead(tracks);
  }

  private open(): void {
    this.phase = 'connecting';
    this.over = null;
    this.admission.badName = false;
    this.online = true;
    this.signal.open(() => this.admission.joinMessage(this.conference?.room.name ?? this.room), {
      message: (message) => this.receive(message),
      link: (up) => this.link(up),
    });
    // After the way to the server has been begun, and while it is made.
    this.media.prepare();
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
        this.returnWay.learn(message.url);
        break;
      case 'framed':
        this.embedding.ownPage = message.own;
        break;
      case 'waiting':
        // The page around has said another password since.
        if (this.admission.hasNewPassword) this.open();
        else this.phase = 'waiting';
        break;
      case 'lobby':
      case 'sent_to_lobby':
        this.waits(message.type === 'sent_to_lobby');
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
      case 'probe_answer':
        void this.media.probed(message.sdp);
        break;
      case 'slots':
        this.media.slots = message;
        break;
      case 'watched':
        void this.media.watched(message);
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

  /** Changes of the conference. */
  private change(conference: Conference, message: ServerMessage): void {
    switch (message.type) {
      case 'participant_changed':
        conference.personChanged(message.participant);
        if (message.participant.id === conference.you) this.own.changed(message.participant);
        break;
      case 'room_changed':
        conference.roomChanged(message.room);
        break;
      default:
        // Of a feature, or said by a newer server.
        conference.receive(message);
    }
  }

  private joined(message: Extract<ServerMessage, { type: 'joined' }>): void {
    const first = this.phase !== 'inside' || !this.conference;
    keepSeat(this.room, message.seat, this.admission.name);
    if (this.conference) this.conference.reset(message);
    else
      this.conference = new Conference(message, {
        say: (answer) => this.say(answer),
        memory: this.memory,
        ticket: this.entry?.token ?? null,
        show: (panel) => {
          if (this.ui) this.ui.panel = panel;
        },
        own: {
          holdCamera: (held) => this.media.holdCamera(held),
          cameraIsOn: () => this.sources.isOn('camera'),
          turnCameraOff: () => void this.setSource('camera', false),
        },
      });
    const wasLost = !this.online;
    this.began = message.room.started_at;
    this.phase = 'inside';
    this.online = true;
    this.entries += 1;
    if (first) this.own.keepOnlyWhatMayStayOn(this.conference);
    this.own.reconcile(this.conference);
    void this.media.start(message.media_kept, message.relay);
    if (!first && wasLost) tellBack();
  }

  private waits(sentOut: boolean): void {
    this.sentOut = sentOut;
    this.phase = 'lobby';
    if (!this.conference) return;
    // From inside: nothing of this person is captured, and nothing of the others is shown any more.
    this.media.stop();
    this.sources.stopAll();
    this.own.forget();
    this.asked = null;
    this.conference = null;
  }

  private turnedOff(source: Source): void {
    this.own.turnedOff(source);
    if (this.asked?.source === source) this.asked = null;
    tellTurnedOff(source);
  }

  private failed(code: Extract<ServerMessage, { type: 'error' }>['code']): void {
    if (code === 'bad_offer') return this.media.refused();
    if (code === 'not_permitted') this.own.refused();
    tellFailed(code);
  }

  private refused(reason: RefusalReason): void {
    const { phase } = this;
    const wasInside = this.conference !== null;
    const meaning = this.admission.refused(reason, {
      first: phase === 'connecting',
      wasInLobby: phase === 'lobby',
      wasInside,
    });
    if (meaning === 'form') this.backToForm();
    else if (meaning === 'again') this.open();
    else this.finish(meaning);
  }

  private finish(over: Over): void {
    if (!wasTaken(over)) dropSeat();
    this.dispose();
    this.own.forget();
    this.conference = null;
    this.asked = null;
    this.over = over;
    this.phase = 'over';
    // Who taught the lesson sees first who was there.
    const moderated = this.entry !== null && moderatedRoom(this.entry.token) !== null;
    if ((over === 'left' || over === 'ended') && !moderated) this.returnWay.depart();
  }
}
