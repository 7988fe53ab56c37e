import type { HttpMethod, PathsWithMethod, RequestBodyJSON, SuccessResponseJSON } from 'openapi-typescript-helpers';
import type { paths } from '../../generated/api';
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

/** The operation with this method and path in the server's own description of its API. */
type Operation<M extends HttpMethod, P extends keyof paths> = M extends keyof paths[P] ? paths[P][M] : never;

type IfAny<T, Fields> = [T] extends [never] ? unknown : Fields;
type PathValues<O> = O extends { parameters: { path: infer Values extends Record<string, string> } } ? Values : never;
type Options<O> = { token?: string; query?: Query } & IfAny<PathValues<O>, { path: PathValues<O> }> &
  IfAny<RequestBodyJSON<O>, { body: RequestBodyJSON<O> }>;
/** `null` where the server answers without a body. */
type Answer<O> = O extends Record<string, unknown> ? NonNullable<SuccessResponseJSON<O>> | Nothing<O> : never;
type Nothing<O extends Record<string, unknown>> = undefined extends SuccessResponseJSON<O> ? null : never;

/** What is `undefined` is left out. */
export type Query = Record<string, string | undefined>;

interface Request {
  query?: Query;
  path?: Record<string, string>;
  body?: unknown;
  token?: string;
}

/** Fills in the values of a path such as `/api/v1/rooms/{id}`. */
export function address<P extends keyof paths>(path: P, values: Record<string, string> = {}): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ''));
}

function search(query: Query = {}): string {
  const given = Object.entries(query).filter((one): one is [string, string] => one[1] !== undefined);
  return given.length > 0 ? `?${new URLSearchParams(given)}` : '';
}

/** What the server writes for people is in the language of this page, not in that of the browser. */
function inOurLanguage(): Record<string, string> {
  return { 'accept-language': i18n.official };
}

/** One call of the server's own API. `status` 0 means that the server was not reached. */
export async function call<M extends HttpMethod, P extends PathsWithMethod<paths, M>>(
  method: M,
  path: P,
  ...[options]: Record<never, never> extends Options<Operation<M, P>>
    ? [options?: Options<Operation<M, P>>]
    : [options: Options<Operation<M, P>>]
): Promise<Answer<Operation<M, P>>> {
  const { path: values, query, body, token }: Request = options ?? {};
  const response = await ask(address(path, values) + search(query), {
    method: method.toUpperCase(),
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const json: unknown = response.status === 204 ? null : await response.json().catch(() => null);
  return json as Answer<Operation<M, P>>;
}

/**
 * One request of a path of this server; gives an answer that is no refusal, as it comes. For what is JSON on both ways there is
 * `call`.
 *
 * @throws {ApiError} when the server refuses, or is not reached
 */
export async function ask(
  path: string,
  request: RequestInit & { headers?: Record<string, string> } = {},
): Promise<Response> {
  let response: Response;
  try {
    const headers = { ...request.headers, ...inOurLanguage() };
    response = await fetch(path, { credentials: 'same-origin', ...request, headers });
  } catch {
    throw new ApiError(0, 'offline', {}, 0);
  }
  if (response.ok) return response;
  const json: unknown = await response.json().catch(() => null);
  const problem = (typeof json === 'object' && json !== null ? json : {}) as Record<string, unknown>;
  const code = typeof problem['code'] === 'string' ? problem['code'] : `http_${response.status}`;
  throw new ApiError(response.status, code, problem, Number(response.headers.get('retry-after')) || 0);
}
