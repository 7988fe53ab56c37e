import type { OwnPasskeys } from '../../generated/api';
import { answerQuestion, type Question, registerBy } from '../account/webauthn';
import { call } from './http';

/** What takes both factors: with a code, or, where there is none, with a passkey of this browser. */
async function both(current: string, code: string): Promise<{ current_password: string; code?: string }> {
  if (code !== '') return { current_password: current, code };
  const { public_key } = await call('post', '/api/v1/account/passkeys/proof');
  const assertion = await answerQuestion(public_key as unknown as Question);
  return { current_password: current, assertion } as { current_password: string };
}

export const ownPasskeys = (): Promise<OwnPasskeys> => call('get', '/api/v1/account/passkeys');

/** Gives the recovery codes, if it is the first second factor. `current` is not needed right after signing in. */
export async function addPasskey(current: string | null, name: string): Promise<string[]> {
  const { public_key } = await call('post', '/api/v1/account/passkeys/options', {
    body: current === null ? {} : { current_password: current },
  });
  const credential = await registerBy(public_key as unknown as Question);
  return (await call('post', '/api/v1/account/passkeys', { body: { name, credential } })).recovery_codes;
}

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
