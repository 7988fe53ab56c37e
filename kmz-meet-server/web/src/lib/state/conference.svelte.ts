import { SvelteMap } from 'svelte/reactivity';
import type { LeaveReason } from '../../generated/LeaveReason';
import type { Participant } from '../../generated/Participant';
import type { Right } from '../../generated/Right';
import type { RoomInfo } from '../../generated/RoomInfo';
import type { ServerMessage } from '../../generated/ServerMessage';
import { makeFeatures, type Features } from '../features';
import { NO_CAMERA, receive, type Feature, type Visit } from '../features/feature';
import { Memory } from '../features/memory.svelte';
import { holds } from '../features/safety/safety.svelte';
import { guestsStandOut, guestsStandOutInChat, marks, spokenName, type Mark, type Standing } from './marks';
import { may } from './rights';

type Joined = Extract<ServerMessage, { type: 'joined' }>;

/** Everything that is known of the running conference. Only messages of the server change it. */
export class Conference {
  you = $state('');
  room = $state.raw<RoomInfo>() as RoomInfo;
  readonly people = new SvelteMap<string, Participant>();
  readonly me = $derived(this.people.get(this.you));
  readonly isModerator = $derived(this.me?.role === 'moderator');
  /** Whether the emergency stop holds this person: nothing of the conference is shown to them. */
  readonly held = $derived(this.me !== undefined && holds(this.room, this.you, this.me.role));
  /** In the order in which they came. */
  readonly list = $derived([...this.people.values()]);
  /** Whether it is known here who belongs to the class: by a list, or because moderators said it of some. */
  readonly knowsClass = $derived(this.room.has_list || (this.isModerator && this.list.some((person) => person.marked)));
  private readonly standOut = $derived(guestsStandOut(this.room.has_list, this.people.values()));
  private readonly standOutInChat = $derived(guestsStandOutInChat(this.room.has_list, this.people.values()));
  /** Who was taken out; for embedding pages. */
  readonly removed = new Set<string>();
  readonly features: Features;

  constructor(joined: Joined, visit: Partial<Visit> = {}) {
    const nothing: Visit = {
      say: () => false,
      memory: new Memory(),
      ticket: null,
      show: () => undefined,
      own: NO_CAMERA,
    };
    this.features = makeFeatures({ ...nothing, ...visit, conference: this });
    this.reset(joined);
  }

  /** A message that is a feature's own. */
  receive(message: ServerMessage): void {
    receive(this.all, message);
  }

  /** The complete state, at the first entry and after every reconnection. */
  reset(joined: Joined): void {
    this.you = joined.you;
    this.room = joined.room;
    this.people.clear();
    for (const person of joined.participants) this.people.set(person.id, person);
    for (const feature of this.all) feature.reset?.(joined);
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

  /** A name as it is read aloud: what a person is stands before what they call themselves. */
  spoken(who: Standing & { name: string }): string {
    return spokenName(who.name, this.marks(who));
  }

  personChanged(person: Participant): void {
    const former = this.people.get(person.id);
    this.put(person);
    if (former) for (const feature of this.all) feature.personChanged?.(former, person);
  }

  roomChanged(now: RoomInfo): void {
    for (const feature of this.all) feature.roomChanged?.(this.room, now);
    this.room = now;
  }

  put(person: Participant): void {
    this.people.set(person.id, person);
  }

  gone(id: string, reason: LeaveReason = 'left'): void {
    if (reason === 'removed') this.removed.add(id);
    this.people.delete(id);
    for (const feature of this.all) feature.personLeft?.(id);
  }

  private get all(): Feature[] {
    return Object.values<Feature>(this.features);
  }
}
