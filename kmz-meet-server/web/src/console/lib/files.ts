import { ask } from '../../lib/api/http';

/** Longer than a browser needs to begin to save. */
const KEPT = 10_000;

/** Saves bytes as a file of this name. */
export function save(bytes: BlobPart, name: string, type = 'application/octet-stream'): void {
  const address = URL.createObjectURL(new Blob([bytes], { type }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), KEPT);
}

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
