import { SvelteMap } from 'svelte/reactivity';
import type { ClientMessage } from '../../generated/ClientMessage';
import type { LeaveReason } from '../../generated/LeaveReason';
import type { Participant } from '../../generated/Participant';
import type { QualityLevel } from '../../generated/QualityLevel';
import type { Right } from '../../generated/Right';
import type { RoomInfo } from '../../generated/RoomInfo';
import type { ServerMessage } from '../../generated/ServerMessage';
import { makeFeatures, type Features } from '../features';
import { receive, type Feature } from '../features/feature';
import { Dominant } from '../layout/stage';
import type { Happenings } from './happenings';
import { guestsStandOut, guestsStandOutInChat, marks, type Mark, type Standing } from './marks';
import { may } from './rights';

type Joined = Extract<ServerMessage, { type: 'joined' }>;

/** Everything that is known of the running conference. Only messages of the server change it. */
export class Conference {
  you = $state('');
  room = $state.raw<RoomInfo>() as RoomInfo;
  readonly people = new SvelteMap<string, Participant>();
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
  private readonly standOut = $derived(guestsStandOut(this.room.has_list, this.people.values()));
  private readonly standOutInChat = $derived(guestsStandOutInChat(this.room.has_list, this.people.values()));
  /** Who was taken out; for embedding pages. */
  readonly removed = new Set<string>();
  readonly features: Features;
  private dominant = new Dominant();

  constructor(joined: Joined, say: (message: ClientMessage) => boolean = () => false) {
    this.features = makeFeatures({ conference: this, say });
    this.reset(joined);
  }

  /** A message that is a feature's own. */
  receive(message: ServerMessage, tell: Happenings): void {
    receive(Object.values(this.features), message, tell);
  }

  /** The complete state, at the first entry and after every reconnection. */
  reset(joined: Joined): void {
    this.you = joined.you;
    this.room = joined.room;
    this.people.clear();
    for (const person of joined.participants) this.people.set(person.id, person);
    this.speaking = [];
    // How everyone's connection is now, the server will say.
    this.quality.clear();
    for (const feature of Object.values<Feature>(this.features)) feature.reset?.(joined);
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

  speaks(ids: readonly string[], now: number): void {
    this.speaking = ids;
    this.speaker = this.dominant.update(ids, this.you, now);
  }
}
