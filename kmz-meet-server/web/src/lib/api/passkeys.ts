import type { OwnPasskeys } from '../../generated/api';
import { type Answer, answerQuestion, type Question, registerBy } from '../account/webauthn';
import { call } from './http';

/** What adds a second factor: with a code or a passkey where there is one already (`beside`). */
export interface OwnerProof {
  password: string;
  code: string;
  beside: boolean;
}

/** `null`: somebody has just signed in to set up a second factor. */
export const proofBody = async (own: OwnerProof | null): Promise<{ current_password?: string; code?: string }> => {
  if (own === null) return {};
  return own.beside ? await both(own.password, own.code) : { current_password: own.password };
};

/** What takes both factors: with a code, or, where there is none, with a passkey of this browser. */
async function both(current: string, code: string): Promise<{ current_password: string; code?: string }> {
  if (code !== '') return { current_password: current, code };
  const { public_key } = await call('post', '/api/v1/account/passkeys/proof');
  const assertion = await answerQuestion(public_key as unknown as Question);
  return { current_password: current, assertion } as { current_password: string };
}

export const ownPasskeys = (): Promise<OwnPasskeys> => call('get', '/api/v1/account/passkeys');

/** Has the browser make a passkey, which the account does not know yet. */
export async function createPasskey(own: OwnerProof | null): Promise<Answer> {
  const { public_key } = await call('post', '/api/v1/account/passkeys/options', { body: await proofBody(own) });
  return registerBy(public_key as unknown as Question);
}

/** Gives the recovery codes, if it is the first second factor. */
export const addPasskey = async (name: string, credential: Answer): Promise<string[]> =>
  (await call('post', '/api/v1/account/passkeys', { body: { name, credential } })).recovery_codes;

export const removePasskey = async (id: string, current: string, code: string): Promise<unknown> =>
  call('post', '/api/v1/account/passkeys/{id}/removal', { path: { id }, body: await both(current, code) });
export const removeApp = async (current: string, code: string): Promise<unknown> =>
  call('post', '/api/v1/account/second-factor/removal', { body: await both(current, code) });
export const newRecoveryCodes = async (current: string, code: string): Promise<string[]> =>
  (await call('post', '/api/v1/account/second-factor/recovery-codes', { body: await both(current, code) }))
    .recovery_codes;

/** The second step of signing in. */
export async function signInByPasskey(token: string): Promise<void> {
  const body = { step_token: token };
  const { public_key } = await call('post', '/api/v1/session/passkey/options', { body });
  const assertion = await answerQuestion(public_key as unknown as Question);
  await call('post', '/api/v1/session/passkey', { body: { step_token: token, assertion } });
}
