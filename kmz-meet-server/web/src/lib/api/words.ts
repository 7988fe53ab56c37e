import type { Messages } from '../i18n/en';
import { ApiError } from './http';

/** A failed call in words for the person who made it. */
export function errorText(messages: Messages, error: unknown): string {
  if (!(error instanceof ApiError)) return messages.problem.other;
  if (error.status === 0) return messages.problem.offline;
  switch (error.code) {
    case 'wrong_credentials':
      return messages.signIn.wrong;
    case 'account_locked':
      return messages.signIn.locked;
    case 'wrong_password':
      return messages.account.wrong;
    case 'weak_password':
      return messages.account.weak;
    case 'too_many_attempts':
      return messages.signIn.tooMany(error.retryAfter);
    case 'no_turn':
      return messages.signIn.noTurn;
    case 'weak_name':
      return messages.rooms.weak(typeof error.body['suggestion'] === 'string' ? error.body['suggestion'] : '');
    case 'name_taken':
      return messages.rooms.taken;
    case 'no_contract':
      return messages.problem.noContract;
    case 'room_running':
      return messages.problem.roomRunning;
    default:
      if (error.status === 401) return messages.problem.signedOut;
      if (error.status === 404) return messages.problem.notFound;
      return messages.problem.other;
  }
}
