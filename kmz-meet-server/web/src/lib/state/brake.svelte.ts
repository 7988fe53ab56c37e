import type { ClientMessage } from '../../generated/ClientMessage';
import type { Door } from '../../generated/Door';
import type { Policy } from '../../generated/Policy';
import type { RoomInfo } from '../../generated/RoomInfo';

/** What a teacher needs in a hurry: stop everything, close the door, and both undone. */
export class Brake {
  /** The policy before everything was stopped, to release it again. */
  beforeStop = $state.raw<Policy | null>(null);
  /** What the door was before it was closed. */
  private doorBefore: Door | null = null;

  constructor(
    private readonly room: () => RoomInfo | null,
    private readonly say: (message: ClientMessage) => boolean,
  ) {}

  stopEverything(): void {
    // Once more, and what held before is still what held before the first time.
    if (this.say({ type: 'stop_everything' })) this.beforeStop ??= this.room()?.policy ?? null;
  }

  /** What held before the stop, or what a room starts with; the door stays for the moderator to open. */
  release(): void {
    const { microphone, camera, screen, chat } = this.beforeStop ?? {
      microphone: 'everyone',
      camera: 'everyone',
      screen: 'moderators',
      chat: 'everyone',
    };
    this.say({ type: 'set_policy', change: { microphone, camera, screen, chat } });
    this.beforeStop = null;
  }

  /** Closes the door, or opens it as far as it was open before. */
  toggleDoor(): void {
    const room = this.room();
    if (!room) return;
    // Whoever knows who belongs to a room lets the others knock.
    const before = this.doorBefore ?? (room.has_list ? 'knock' : 'open');
    this.say({ type: 'set_policy', change: { door: room.policy.door === 'closed' ? before : 'closed' } });
  }

  roomChanged(former: RoomInfo, now: RoomInfo): void {
    if (now.policy.door === 'closed' && former.policy.door !== 'closed') this.doorBefore = former.policy.door;
  }
}
