import type { RefusalReason } from '../../generated/RefusalReason';

/** How a visit to a conference came to its end. */
export type Over =
  | 'left'
  | 'ended'
  | 'removed'
  | 'refused'
  | 'closed'
  | 'full'
  | 'server_full'
  | 'no_contract'
  | 'pass_ended'
  | 'card_ended'
  | 'too_many_attempts'
  | 'replaced'
  | 'too_many_places'
  | 'signed_out'
  | 'disputed'
  | 'bad_seat'
  | 'bad_ticket'
  | 'not_yet';

/** `bad_name` is no end: the person types another one. */
export function overOf(reason: Exclude<RefusalReason, 'bad_name'>, wasInLobby: boolean): Over {
  // Who was turned away in the lobby has never been inside, so 'removed' would be a riddle.
  return reason === 'removed' && wasInLobby ? 'refused' : reason;
}

/** Another window of the same person took the place; it may have been closed since. */
export function wasTaken(over: Over): boolean {
  return over === 'replaced' || over === 'too_many_places';
}

/** Whether the way back leads by the sign-in. */
export function needsSignIn(over: Over): boolean {
  return over === 'signed_out';
}

/** Whether coming again from here makes sense. */
export function mayRetry(over: Over): boolean {
  // Whoever gave the ticket gives another one.
  const ticketEnded = over === 'bad_ticket' || over === 'pass_ended' || over === 'card_ended';
  return over !== 'removed' && !wasTaken(over) && over !== 'refused' && !ticketEnded && !needsSignIn(over);
}
