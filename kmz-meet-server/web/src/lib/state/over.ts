import type { RefusalReason } from '../../generated/RefusalReason';

/** How a visit to a conference came to its end. */
export type Over =
  | 'left'
  | 'ended'
  | 'removed'
  | 'refused'
  | 'closed'
  | 'full'
  | 'too_many_attempts'
  | 'replaced'
  | 'too_many_places'
  | 'bad_seat'
  | 'bad_ticket';

/** `bad_name` is no end: the person types another one. */
export function overOf(reason: Exclude<RefusalReason, 'bad_name'>, wasInLobby: boolean): Over {
  // Who was turned away in the lobby has never been inside, so 'removed' would be a riddle.
  return reason === 'removed' && wasInLobby ? 'refused' : reason;
}

/** Whether coming again from here makes sense. */
export function mayRetry(over: Over): boolean {
  return over !== 'removed' && over !== 'replaced' && over !== 'refused' && over !== 'bad_ticket';
}
