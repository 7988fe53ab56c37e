import type { Participant } from '../../generated/Participant';
import type { Right } from '../../generated/Right';
import type { RoomInfo } from '../../generated/RoomInfo';

/**
 * Whether a person may do something now. The server decides; this only keeps the client from offering what would be
 * refused.
 */
export function may(person: Participant, room: RoomInfo, right: Right): boolean {
  if (person.role === 'moderator' || person.grants.includes(right)) return true;
  if (right === 'microphone' && room.floor !== null) return room.floor === person.id;
  return room.policy[right] === 'everyone';
}
