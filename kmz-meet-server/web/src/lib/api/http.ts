import { i18n } from '../i18n/index.svelte';

/** A refusal by the server, with the code from its problem document. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly body: Record<string, unknown>,
    /** Seconds to wait, where the server says so. */
    readonly retryAfter: number,
  ) {
    super(code);
  }
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** What the server writes for people is in the language of this page, not in that of the browser. */
export function inOurLanguage(): Record<string, string> {
  return { 'accept-language': i18n.language };
}

/** One call of the server's own API. `status` 0 means that the server was not reached. */
export async function call<T>(method: Method, path: string, body?: unknown, token?: string): Promise<T> {
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}`, {
      method,
      credentials: 'same-origin',
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...inOurLanguage(),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch {
    throw new ApiError(0, 'offline', {}, 0);
  }
  const json: unknown = response.status === 204 ? null : await response.json().catch(() => null);
  if (response.ok) return json as T;
  const problem = (typeof json === 'object' && json !== null ? json : {}) as Record<string, unknown>;
  throw new ApiError(
    response.status,
    typeof problem['code'] === 'string' ? problem['code'] : `http_${response.status}`,
    problem,
    Number(response.headers.get('retry-after')) || 0,
  );
}
