import type { Knocker } from '../../../generated/Knocker';
import type { Target } from '../../../generated/Target';
import type { Feature, Room } from '../feature';

/** Who waits at the door; only moderators are told. */
export class Lobby implements Feature {
  knockers = $state.raw<Knocker[]>([]);

  readonly receives: Feature['receives'] = {
    lobby_changed: ({ knockers }, tell) => {
      tell.lobby(this.knockers, knockers);
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
}
