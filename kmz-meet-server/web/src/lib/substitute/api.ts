/** Substitute links of a room, and what one of them opens. */
import type { MadeRoomPass, PassEntry, RoomPass } from '../../generated/api';
import { ApiError, call } from '../api/http';
import { errorText } from '../api/words';
import { t } from '../i18n/index.svelte';
import { w } from './words';

export const listPasses = async (id: string): Promise<RoomPass[]> =>
  (await call('get', '/api/v1/rooms/{id}/substitute-passes', { path: { id } })).passes;
export const makePass = (id: string, label: string, minutes: number): Promise<MadeRoomPass> =>
  call('post', '/api/v1/rooms/{id}/substitute-passes', {
    path: { id },
    body: { valid_minutes: minutes, ...(label === '' ? {} : { label }) },
  });
export const revokePass = (id: string, pass: string): Promise<null> =>
  call('delete', '/api/v1/rooms/{id}/substitute-passes/{pass_id}', { path: { id, pass_id: pass } });
export const enterByPass = (token: string): Promise<PassEntry> =>
  call('post', '/api/v1/substitute-passes/entry', { body: { token } });

/** What went wrong, in words. */
export function passProblem(error: unknown, of: 'room' | 'link'): string {
  if (error instanceof ApiError) {
    if (error.code === 'too_many') return w().tooMany;
    if (of === 'link' && error.code === 'not_found') return w().over;
  }
  return errorText(t(), error);
}
