import type { RoomInfo } from '../../../generated/RoomInfo';
import type { Feature, Room } from '../feature';

/** What a teacher needs in a hurry: stop everything, close the door, and both undone. */
export class Brake implements Feature {
  constructor(private readonly room: Room) {}

  /** Whether there is something to release. */
  get stopped(): boolean {
    return this.room.conference.room.safety.emergency_stop !== null;
  }

  stopEverything(): void {
    this.room.say({ type: 'stop_everything' });
  }

  /** Releases everyone: what the policy gives holds again; the door stays for the moderator to open. */
  release(): void {
    this.room.say({ type: 'release', target: 'all' });
  }

  /** Closes the door, or opens it as far as it was open before. */
  toggleDoor(): void {
    const { conference, memory, say } = this.room;
    const { room } = conference;
    // Whoever knows who belongs to a room lets the others knock.
    const before = memory.doorBefore ?? (room.has_list ? 'knock' : 'open');
    say({ type: 'set_policy', change: { door: room.policy.door === 'closed' ? before : 'closed' } });
  }

  roomChanged(former: RoomInfo, now: RoomInfo): void {
    if (now.policy.door === 'closed' && former.policy.door !== 'closed')
      this.room.memory.doorBefore = former.policy.door;
  }
}
