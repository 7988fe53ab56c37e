import { SvelteMap } from 'svelte/reactivity';
import type { ChatMessage } from '../../generated/ChatMessage';
import type { Knocker } from '../../generated/Knocker';
import type { LeaveReason } from '../../generated/LeaveReason';
import type { Participant } from '../../generated/Participant';
import type { QualityLevel } from '../../generated/QualityLevel';
import type { Right } from '../../generated/Right';
import type { RoomInfo } from '../../generated/RoomInfo';
import type { ServerMessage } from '../../generated/ServerMessage';
import { Dominant } from '../layout/stage';
import { guestsStandOut, guestsStandOutInChat, marks, type Mark, type Standing } from './marks';
import { may } from './rights';

type Joined = Extract<ServerMessage, { type: 'joined' }>;

/** Everything that is known of the running conference. Only messages of the server change it. */
export class Conference {
  you = $state('');
  room = $state.raw<RoomInfo>() as RoomInfo;
  readonly people = new SvelteMap<string, Participant>();
  chat = $state.raw<ChatMessage[]>([]);
  /** Messages that came while the chat was not open. */
  unread = $state(0);
  knockers = $state.raw<Knocker[]>([]);
  password = $state<string | null>(null);
  speaking = $state.raw<readonly string[]>([]);
  /** Whose picture is large in the speaker view. */
  speaker = $state<string | null>(null);
  readonly quality = new SvelteMap<string, QualityLevel>();
  readonly me = $derived(this.people.get(this.you));
  readonly isModerator = $derived(this.me?.role === 'moderator');
  /** In the order in which they came. */
  readonly list = $derived([...this.people.values()]);
  readonly hands = $derived(
    this.list.filter((person) => person.hand !== null).sort((a, b) => (a.hand ?? 0) - (b.hand ?? 0)),
  );
  /** What is written and not sent yet: it outlives the panel and a lost line. */
  draft = $state('');
  passwordDraft = $state('');
  private readonly standOut = $derived(guestsStandOut(this.room.has_list, this.people.values()));
  private readonly standOutInChat = $derived(guestsStandOutInChat(this.room.has_list, this.people.values()));
  /** Who was taken out; for embedding pages. */
  readonly removed = new Set<string>();
  private dominant = new Dominant();

  constructor(joined: Joined) {
    this.reset(joined);
  }

  /** The complete state, at the first entry and after every reconnection. */
  reset(joined: Joined): void {
    this.you = joined.you;
    this.room = joined.room;
    this.people.clear();
    for (const person of joined.participants) this.people.set(person.id, person);
    const known = this.chat.at(-1)?.id ?? null;
    if (known !== null) this.unread += joined.chat.filter((message) => message.id > known).length;
    this.chat = joined.chat;
    this.speaking = [];
    this.knockers = [];
    // How everyone's connection is now, the server will say.
    this.quality.clear();
  }

  may(right: Right): boolean {
    return this.me !== undefined && may(this.me, this.room, right);
  }

  name(id: string | null): string | null {
    return id === null ? null : (this.people.get(id)?.name ?? null);
  }

  /** How someone is marked wherever people are shown, in the lobby as well. */
  marks(who: Standing): Mark[] {
    return marks(who, this.standOut, this.isModerator);
  }

  marksInChat(message: Standing): Mark[] {
    return marks(message, this.standOutInChat, this.isModerator);
  }

  /** The whole queue, as the server tells it; everyone else's hand is down. Answers who has just raised it. */
  handsChanged(queue: readonly string[]): Participant[] {
    const place = new Map(queue.map((id, index) => [id, index + 1]));
    const raised: Participant[] = [];
    for (const person of this.list) {
      const hand = place.get(person.id) ?? null;
      if (hand === person.hand) continue;
      if (person.hand === null) raised.push(person);
      this.people.set(person.id, { ...person, hand });
    }
    return raised;
  }

  put(person: Participant): void {
    this.people.set(person.id, person);
  }

  gone(id: string, reason: LeaveReason = 'left'): void {
    if (reason === 'removed') this.removed.add(id);
    this.people.delete(id);
    this.quality.delete(id);
    this.speaking = this.speaking.filter((speaking) => speaking !== id);
    this.dominant.forget(id);
  }

  heard(message: ChatMessage): void {
    if (this.chat.some((known) => known.id === message.id)) return;
    this.chat = [...this.chat, message];
    // The open chat sets this to 0 again.
    if (message.from !== this.you) this.unread += 1;
  }

  speaks(ids: readonly string[], now: number): void {
    this.speaking = ids;
    this.speaker = this.dominant.update(ids, this.you, now);
  }
}
