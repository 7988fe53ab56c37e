import { t } from '../../i18n/index.svelte';
import { isolate } from '../../i18n/isolate';
import { notices } from '../../state/notices.svelte';
import type { Feature, Room } from '../feature';

/** Who is here without a card, under a name that looks like one on the class list; only moderators are told. */
export class ResemblingPupils implements Feature {
  private ids = $state.raw<ReadonlySet<string>>(new Set());

  readonly receives: Feature['receives'] = {
    resembling_pupils: ({ participants }) => {
      for (const id of participants) if (!this.ids.has(id)) this.announce(id);
      this.ids = new Set(participants);
    },
  };

  constructor(private readonly room: Room) {}

  reset(): void {
    this.ids = new Set();
  }

  has(id: string): boolean {
    return this.ids.has(id);
  }

  private announce(id: string): void {
    const person = this.room.conference.people.get(id);
    if (person) notices.tell(t().people.resemblesNow(isolate(person.name)), { tone: 'warning' });
  }
}
