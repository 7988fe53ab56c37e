import type { DropLink, OperatorKey, SealedDrop, SealedDropList } from '../../generated/api';
import { address, ask, call } from '../api/http';
import type { ProtectedKey } from './keys';

export const listKeys = async (): Promise<OperatorKey[]> => (await call('get', '/api/v1/operator-keys')).keys;
export const addKey = (label: string, key: ProtectedKey): Promise<OperatorKey> =>
  call('post', '/api/v1/operator-keys', { body: { label, ...key } });
export const setRetired = (id: string, retired: boolean): Promise<OperatorKey> =>
  call('patch', '/api/v1/operator-keys/{id}', { path: { id }, body: { retired } });
export const deleteKey = (id: string): Promise<null> => call('delete', '/api/v1/operator-keys/{id}', { path: { id } });

export const listDrops = async (): Promise<SealedDrop[]> => {
  const drops: SealedDrop[] = [];
  let after = '';
  do {
    const page = await get<SealedDropList>(`/api/v1/sealed-drops?limit=200${after && `&after=${after}`}`);
    drops.push(...page.drops);
    after = page.next ?? '';
  } while (after !== '');
  return drops;
};
export const invite = (school: string): Promise<{ drop: SealedDrop; url: string }> =>
  call('post', '/api/v1/schools/{school_id}/sealed-drops', { path: { school_id: school } });
export const deleteDrop = (id: string): Promise<null> => call('delete', '/api/v1/sealed-drops/{id}', { path: { id } });
/** What a link is for. Its token is in no address: those come into logs. */
export const linkOf = (token: string): Promise<DropLink> => get<DropLink>('/api/v1/drop-link', { 'drop-token': token });

/** The ciphertext of a drop. */
export async function contentOf(id: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await ask(address('/api/v1/sealed-drops/{id}/content', { id }));
  return new Uint8Array(await response.arrayBuffer());
}

/** Hands ciphertext over; the link is used up by it. */
export async function send(token: string, sealed: Uint8Array, keys: readonly string[]): Promise<void> {
  await ask(`/api/v1/drop-link/content?keys=${keys.join(',')}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/octet-stream', 'drop-token': token },
    // A copy that nobody else has: what is sent is exactly the ciphertext.
    body: new Uint8Array(sealed),
  });
}

async function get<T>(path: string, headers: Record<string, string> = {}): Promise<T> {
  return (await (await ask(path, { headers })).json()) as T;
}
