import type { Knocker } from '../../../generated/Knocker';
import type { Target } from '../../../generated/Target';
import { t } from '../../i18n/index.svelte';
import { isolate } from '../../i18n/isolate';
import { notices } from '../../state/notices.svelte';
import type { Feature, Room } from '../feature';

/** Who waits at the door; only moderators are told. */
export class Lobby implements Feature {
  knockers = $state.raw<Knocker[]>([]);

  readonly receives: Feature['receives'] = {
    lobby_changed: ({ knockers }) => {
      this.announce(knockers);
      this.knockers = knockers;
    },
  };

  constructor(private readonly room: Room) {}

  reset(): void {
    this.knockers = [];
  }

  admit(target: Target): boolean {
    return this.room.say({ type: 'admit', target });
  }

  refuse(target: Target): boolean {
    return this.room.say({ type: 'refuse', target });
  }

  /** Whoever was not there before. */
  private announce(now: readonly Knocker[]): void {
    for (const knocker of now) {
      if (this.knockers.some((known) => known.id === knocker.id)) continue;
      if (knocker.second_use !== undefined)
        notices.tell(t().people.secondUseNow(isolate(knocker.second_use)), { tone: 'warning', urgent: true });
      else notices.announce('knock', this.room.conference.spoken(knocker));
    }
  }
}
