import type { AccountSession } from '../../generated/api';
import { call } from './http';

export const listSessions = async (): Promise<AccountSession[]> =>
  (await call('get', '/api/v1/account/sessions')).sessions;
export const endSession = (id: string): Promise<null> =>
  call('delete', '/api/v1/account/sessions/{id}', { path: { id } });
export const endOtherSessions = (): Promise<null> => call('delete', '/api/v1/account/sessions');
export const changePassword = (current: string, fresh: string): Promise<null> =>
  call('put', '/api/v1/account/password', { body: { current_password: current, new_password: fresh } });
