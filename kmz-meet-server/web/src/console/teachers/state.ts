import type { Teacher } from '../../generated/api';

export type AccountState = 'active' | 'fresh' | 'locked';

/** How an account stands. */
export const stateOf = (one: Teacher): AccountState =>
  one.locked_at != null ? 'locked' : one.has_password || one.made_by_provider ? 'active' : 'fresh';
