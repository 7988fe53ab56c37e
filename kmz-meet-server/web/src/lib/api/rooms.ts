import type { NewRoom, Room, RoomChange } from '../../generated/api';
import { call } from './http';

/** What is wrong with a name at first sight. Whether it can be guessed, the server knows. */
export function nameProblem(name: string): 'length' | 'signs' | null {
  const { length } = [...name];
  if (length < 3 || length > 80) return 'length';
  return /^[\p{L}\p{M}\p{N}-]+$/u.test(name) ? null : 'signs';
}

export const listRooms = async (): Promise<Room[]> => (await call('get', '/api/v1/rooms')).rooms;
export const createRoom = (room: NewRoom): Promise<Room> => call('post', '/api/v1/rooms', { body: room });
export const changeRoom = (id: string, change: RoomChange): Promise<Room> =>
  call('patch', '/api/v1/rooms/{id}', { path: { id }, body: change });
export const deleteRoom = (id: string): Promise<null> => call('delete', '/api/v1/rooms/{id}', { path: { id } });
export const suggestName = async (): Promise<string> => (await call('get', '/api/v1/rooms/suggested-name')).name;
