import { ask } from '../../lib/api/http';
import { save } from '../../lib/state/save';

export { save };

/**
 * Fetches a file and saves it: in the language of this page, and with a refusal in words instead of a page of its own. Gives the
 * answer, for what its headers say.
 */
export async function download(path: string, name: string, method: 'GET' | 'POST' = 'GET'): Promise<Response> {
  const answer = await ask(path, { method });
  const type = answer.headers.get('content-type') ?? undefined;
  const says = /filename="([^"]+)"/.exec(answer.headers.get('content-disposition') ?? '')?.[1];
  save(await answer.arrayBuffer(), name || says || 'file', type);
  return answer;
}

/** Sends a file as it is. */
export async function send<T>(path: string, file: Blob, headers: Record<string, string> = {}): Promise<T> {
  const type = { 'content-type': 'application/octet-stream' };
  return (await (await ask(path, { method: 'POST', headers: { ...type, ...headers }, body: file })).json()) as T;
}
