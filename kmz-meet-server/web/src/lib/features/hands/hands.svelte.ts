import type { Participant } from '../../../generated/Participant';
import type { Target } from '../../../generated/Target';
import { notices } from '../../state/notices.svelte';
import type { Feature, Room } from '../feature';

/** Who wants to speak. A hand's place in the queue is a part of its person. */
export class Hands implements Feature {
  /** Whoever has a hand up, in the order in which they raised it. */
  readonly queue = $derived.by(() =>
    this.room.conference.list.filter((person) => person.hand !== null).sort((a, b) => (a.hand ?? 0) - (b.hand ?? 0)),
  );
  /** Whether one's own is up. */
  readonly up = $derived.by(() => (this.room.conference.me?.hand ?? null) !== null);

  readonly receives: Feature['receives'] = {
    hands_changed: ({ hands }) => {
      for (const person of this.setQueue(hands)) this.announce(person);
    },
  };

  constructor(private readonly room: Room) {}

  raise(raised: boolean): boolean {
    return this.room.say({ type: 'set_hand', raised });
  }

  lower(target: Target): boolean {
    return this.room.say({ type: 'lower_hand', target });
  }

  personChanged(former: Participant, person: Participant): void {
    if (former.hand === null && person.hand !== null) this.announce(person);
  }

  private announce(person: Participant): void {
    const { conference } = this.room;
    if (person.id !== conference.you) notices.announce('hand', conference.spoken(person));
  }

  /** The whole queue, as the server tells it; everyone else's hand is down. Answers who has just raised it. */
  private setQueue(queue: readonly string[]): Participant[] {
    const { conference } = this.room;
    const place = new Map(queue.map((id, index) => [id, index + 1]));
    const raised: Participant[] = [];
    for (const person of conference.list) {
      const hand = place.get(person.id) ?? null;
      if (hand === person.hand) continue;
      if (person.hand === null) raised.push(person);
      conference.put({ ...person, hand });
    }
    return raised;
  }
}
