import type { Alert } from '../../../generated/Alert';
import type { Participant } from '../../../generated/Participant';
import type { PolicyChange } from '../../../generated/PolicyChange';
import type { Right } from '../../../generated/Right';
import type { Role } from '../../../generated/Role';
import type { RoomInfo } from '../../../generated/RoomInfo';
import type { Source } from '../../../generated/Source';
import type { Target } from '../../../generated/Target';
import { t } from '../../i18n/index.svelte';
import { isolate } from '../../i18n/isolate';
import { notices } from '../../state/notices.svelte';
import type { Feature, Room } from '../feature';

/** What moderators do with others and with the rules of the room, and what everyone hears of it. */
export class Moderation implements Feature {
  readonly receives: Feature['receives'] = {
    alert: ({ alert }) => this.tellAlert(alert),
    // Many devices come by one account, which throws them out one after the other.
    shared_account: ({ name }) => {
      if (this.room.conference.isModerator)
        notices.tell(t().notice.alert.shared_account(isolate(name)), { tone: 'warning', stays: true });
    },
  };

  constructor(private readonly room: Room) {}

  mute(target: Target, source: Source): boolean {
    return this.room.say({ type: 'mute', target, source });
  }

  /** Asks a person to turn something on; nothing is turned on by it. */
  ask(participant: string, source: Source): boolean {
    return this.room.say({ type: 'ask', participant, source });
  }

  grant(participant: string, right: Right, granted: boolean): boolean {
    return this.room.say({ type: 'grant', participant, right, granted });
  }

  setRole(participant: string, role: Role): boolean {
    return this.room.say({ type: 'set_role', participant, role });
  }

  remove(target: Target): boolean {
    return this.room.say({ type: 'remove', target });
  }

  rename(participant: string, name: string): boolean {
    return this.room.say({ type: 'rename', participant, name });
  }

  mark(participant: string, marked: boolean): boolean {
    return this.room.say({ type: 'mark', participant, marked });
  }

  sendToLobby(target: Target): boolean {
    return this.room.say({ type: 'send_to_lobby', target });
  }

  setPolicy(change: PolicyChange): boolean {
    return this.room.say({ type: 'set_policy', change });
  }

  personChanged(former: Participant, person: Participant): void {
    if (person.id !== this.room.conference.you) return;
    if (former.role === 'participant' && person.role === 'moderator') {
      notices.tell(t().notice.role, { tone: 'good', urgent: true });
    }
    if (person.renamed && former.name !== person.name)
      notices.tell(t().notice.renamed(isolate(person.name)), { urgent: true });
    for (const right of person.grants) {
      if (!former.grants.includes(right)) notices.tell(t().notice.granted[right], { tone: 'good', urgent: true });
    }
  }

  roomChanged(former: RoomInfo, now: RoomInfo): void {
    if (former.policy.door === now.policy.door) return;
    // A closed lesson and a stop are told as what they are.
    const { lesson_closed: closed, emergency_stop: stop } = former.safety;
    if (closed !== now.safety.lesson_closed || (stop === null) !== (now.safety.emergency_stop === null)) return;
    if (this.room.conference.isModerator) notices.tell(doorText(now.policy.door));
    else notices.announce('door', '');
  }

  /** Stays until it was seen. */
  private tellAlert(alert: Alert): void {
    if (!this.room.conference.isModerator) return;
    const words = t().notice.alert;
    const text = (words as Partial<Record<string, unknown>>)[alert];
    if (typeof text !== 'string') return; // said by a newer server
    if (alert === 'wrong_passwords') {
      const action = { label: words.act, run: () => this.room.show('safety') };
      notices.tell(text, { tone: 'warning', urgent: true, stays: true, action });
    } else notices.tell(text, { stays: true });
  }
}

function doorText(door: RoomInfo['policy']['door']): string {
  const words = t().door;
  return { open: words.nowOpen, knock: words.nowKnock, closed: words.nowClosed }[door];
}
