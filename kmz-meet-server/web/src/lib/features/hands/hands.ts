import type { Participant } from '../../../generated/Participant';
import type { Target } from '../../../generated/Target';
import type { Feature, Room } from '../feature';

/** Who wants to speak. A hand's place in the queue is a part of its person. */
export class Hands implements Feature {
  readonly receives: Feature['receives'] = {
    hands_changed: ({ hands }, tell) => tell.hands(this.setQueue(hands)),
  };

  constructor(private readonly room: Room) {}

  raise(raised: boolean): boolean {
    return this.room.say({ type: 'set_hand', raised });
  }

  lower(target: Target): boolean {
    return this.room.say({ type: 'lower_hand', target });
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
