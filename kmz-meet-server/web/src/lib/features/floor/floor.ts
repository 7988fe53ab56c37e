import type { RoomInfo } from '../../../generated/RoomInfo';
import { t } from '../../i18n/index.svelte';
import { notices } from '../../state/notices.svelte';
import type { Feature, Room } from '../feature';

/** The right of one person to speak while the others listen. Who has it is a part of the room. */
export class Floor implements Feature {
  constructor(private readonly room: Room) {}

  give(participant: string): boolean {
    return this.room.say({ type: 'set_floor', participant });
  }

  takeBack(): boolean {
    return this.room.say({ type: 'set_floor' });
  }

  roomChanged(former: RoomInfo, now: RoomInfo): void {
    const { you } = this.room.conference;
    if (former.floor !== you && now.floor === you) notices.tell(t().notice.floorYours, { tone: 'good', urgent: true });
    if (former.floor === you && now.floor !== you) notices.tell(t().notice.floorOver, { urgent: true });
  }
}
