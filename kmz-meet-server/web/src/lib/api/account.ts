import { call } from './http';

/** Where the account is signed in. */
export interface AccountSession {
  id: string;
  browser: string | null;
  created_at: number;
  used_at: number;
  current: boolean;
}

export const listSessions = async (): Promise<AccountSession[]> =>
  (await call<{ sessions: AccountSession[] }>('GET', '/account/sessions')).sessions;
export const endSession = (id: string): Promise<null> => call('DELETE', `/account/sessions/${encodeURIComponent(id)}`);
export const endOtherSessions = (): Promise<null> => call('DELETE', '/account/sessions');
export const changePassword = (current: string, fresh: string): Promise<null> =>
  call('PUT', '/account/password', { current_password: current, new_password: fresh });
