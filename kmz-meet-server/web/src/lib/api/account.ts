import type { AccountSession, OpenedLink, OwnAccount, SecondFactorSetup } from '../../generated/api';
import { call } from './http';
import { type OwnerProof, proofBody } from './passkeys';

export const listSessions = async (): Promise<AccountSession[]> =>
  (await call('get', '/api/v1/account/sessions')).sessions;
export const endSession = (id: string): Promise<null> =>
  call('delete', '/api/v1/account/sessions/{id}', { path: { id } });
export const endOtherSessions = (): Promise<null> => call('delete', '/api/v1/account/sessions');
export const changePassword = (current: string, fresh: string): Promise<null> =>
  call('put', '/api/v1/account/password', { body: { current_password: current, new_password: fresh } });

export const ownAccount = (): Promise<OwnAccount> => call('get', '/api/v1/account');
export const changeAddress = (email: string, current: string): Promise<unknown> =>
  call('put', '/api/v1/account/address', { body: { email, current_password: current } });
export const confirmAddress = (token: string): Promise<unknown> =>
  call('post', '/api/v1/account/address/confirmation', { body: { token } });

export const forgotPassword = (user: string): Promise<unknown> =>
  call('post', '/api/v1/password/forgotten', { body: { user } });
export const openLink = (token: string): Promise<OpenedLink> =>
  call('post', '/api/v1/password/link', { body: { token } });
export const choosePassword = (token: string, fresh: string): Promise<unknown> =>
  call('put', '/api/v1/password', { body: { token, new_password: fresh } });

export const beginSecondFactor = async (own: OwnerProof | null): Promise<SecondFactorSetup> =>
  call('post', '/api/v1/account/second-factor', { body: await proofBody(own) });
export const confirmSecondFactor = async (code: string): Promise<string[]> =>
  (await call('put', '/api/v1/account/second-factor', { body: { code } })).recovery_codes;
