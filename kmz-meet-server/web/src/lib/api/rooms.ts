import type { Policy } from '../../generated/Policy';
import type { PolicyChange } from '../../generated/PolicyChange';
import { call } from './http';

export interface Room {
  id: string;
  name: string;
  url: string;
  policy: Policy;
  password: string | null;
  running: boolean;
  participants: number;
  created_at: string | number;
}

export interface RoomDraft {
  name?: string;
  password?: string;
  policy?: PolicyChange;
}

export interface RoomChange {
  /** `null` takes the password away. */
  password?: string | null;
  policy?: PolicyChange;
}

/** What is wrong with a name at first sight. Whether it can be guessed, the server knows. */
export function nameProblem(name: string): 'length' | 'signs' | null {
  const { length } = [...name];
  if (length < 3 || length > 80) return 'length';
  return /^[\p{L}\p{M}\p{N}-]+$/u.test(name) ? null : 'signs';
}

const at = (id: string): string => `/rooms/${encodeURIComponent(id)}`;

export const listRooms = async (): Promise<Room[]> => (await call<{ rooms: Room[] }>('GET', '/rooms')).rooms;
export const createRoom = (draft: RoomDraft): Promise<Room> => call('POST', '/rooms', draft);
export const changeRoom = (id: string, change: RoomChange): Promise<Room> => call('PATCH', at(id), change);
export const deleteRoom = (id: string): Promise<null> => call('DELETE', at(id));
export const suggestName = async (): Promise<string> =>
  (await call<{ name: string }>('GET', '/rooms/suggested-name')).name;
