import type { ClientMessage } from '../../../generated/ClientMessage';
import type { RoomInfo } from '../../../generated/RoomInfo';
import type { Safety as Now } from '../../../generated/Safety';
import type { Feature, Room } from '../feature';
import type * as Tell from './tell';

/** What is told is loaded when it is needed: most lessons need none of it. */
const telling = (): Promise<typeof Tell> => import('./tell');

/** A closed lesson, the emergency stop once it holds, and reports that something is wrong. Its components say what is done. */
export class Safety implements Feature {
  /** Whether this person's last report has arrived. */
  thanked = $state(false);

  readonly receives: Feature['receives'] = {
    reported: ({ name }) => void telling().then((tell) => tell.reported(this.room, name)),
    report_noted: () => {
      this.thanked = true;
      void telling().then((tell) => tell.thanks(this.room));
    },
  };

  constructor(private readonly room: Room) {}

  get now(): Now {
    return this.room.conference.room.safety;
  }

  get ticket(): string | null {
    return this.room.ticket;
  }

  say(message: ClientMessage): boolean {
    return this.room.say(message);
  }

  roomChanged({ safety: former }: RoomInfo, { safety }: RoomInfo): void {
    if (!safety.emergency_stop) this.thanked = false;
    if (JSON.stringify(former) !== JSON.stringify(safety))
      void telling().then((tell) => tell.changed(this.room, former, safety));
  }
}

/** Whether the emergency stop holds a person; it decides as `Safety::holds` of the server does. */
export function holds({ safety }: Pick<RoomInfo, 'safety'>, id: string, role: string): boolean {
  return role === 'participant' && safety.emergency_stop?.released.includes(id) === false;
}
