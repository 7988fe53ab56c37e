import type { Participant } from '../../generated/Participant';
import type { Right } from '../../generated/Right';
import type { RoomInfo } from '../../generated/RoomInfo';
import { holds } from '../features/safety/safety.svelte';

/**
 * Whether a person may do something now. The server decides; this only keeps the client from offering what would be
 * refused, so it decides in the same order (`holds` in the server's `room/permission.rs`).
 */
export function may(person: Participant, room: RoomInfo, right: Right): boolean {
  if (person.role === 'moderator') return true;
  if (holds(room, person.id, person.role)) return false;
  if (room.floor === person.id && (right === 'microphone' || right === 'camera')) return true;
  // While someone has the floor the others listen, whatever the policy says and whatever they were granted.
  if (right === 'microphone' && room.floor !== null) return false;
  return room.policy[right] === 'everyone' || person.grants.includes(right);
}
