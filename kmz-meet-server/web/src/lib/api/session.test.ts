import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { session } from './session.svelte';

const user = {
  id: 'u',
  name: 'Frau Weiß',
  username: 'weiss',
  role: 'teacher',
  school: { id: 's', name: 'Schule am Park' },
};
const json = (status: number, body: unknown, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } });
const signedIn = (): Response => json(200, { user });
const nobody = (): Response => json(200, { user: null });

const server = vi.fn<(path: string, how: RequestInit) => Promise<Response>>();
const answers = (...all: (() => Response)[]): void => {
  server.mockReset();
  server.mockImplementation(() => Promise.resolve().then(all.length > 1 ? all.shift() : all[0]));
};
const offline = (): Response => {
  throw new TypeError('NetworkError');
};

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('fetch', server);
  vi.stubGlobal('sessionStorage', undefined);
  vi.stubGlobal('localStorage', undefined);
  session.user = null;
  session.known = false;
  session.trouble = null;
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it.each([
  ['no network', offline, 'unreachable'],
  ['an error of the server', () => json(500, {}), 'unreachable'],
  ['a proxy before a server that is down', () => new Response('<h1>502</h1>', { status: 502 }), 'unreachable'],
  ['the page of a Wi-Fi that wants a sign-in', () => new Response('<h1>Wi-Fi</h1>', { status: 200 }), 'unreachable'],
  ['too many requests', () => json(429, { code: 'too_many_requests' }), 'busy'],
  ['a server that is too busy', () => json(503, {}), 'busy'],
] as const)('%s does not mean that nobody is signed in', async (_, trouble, said) => {
  answers(trouble, trouble, trouble, signedIn);
  void session.load();
  await vi.advanceTimersByTimeAsync(0);
  expect([session.known, session.trouble, session.trying]).toEqual([false, said, true]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect([session.known, session.trouble, session.trying, session.user?.name]).toEqual([true, null, false, user.name]);
  expect(server).toHaveBeenCalledTimes(4);
});

it.each([
  ['nobody', nobody],
  ['a session that is over', () => json(401, { code: 'signed_out' })],
  ['an answer to a question that was wrong', () => json(400, {})],
])('%s is an answer, and it is not asked again', async (_, answer) => {
  answers(answer);
  await session.load();
  await vi.advanceTimersByTimeAsync(600_000);
  expect([session.known, session.user, session.trouble]).toEqual([true, null, null]);
  expect(server).toHaveBeenCalledTimes(1);
});

it('waits longer each time, at most half a minute, and gives up in the end', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(1);
  const at: number[] = [];
  server.mockReset();
  server.mockImplementation(() => {
    at.push(Date.now());
    return Promise.reject(new TypeError('NetworkError'));
  });
  void session.load();
  await vi.advanceTimersByTimeAsync(3_600_000);
  const waits = at.slice(1).map((time, index) => (time - (at[index] ?? 0)) / 1_000);
  expect(waits.slice(0, 6)).toEqual([1, 2, 4, 8, 16, 30]);
  expect(Math.max(...waits)).toBe(30);
  expect(waits).toHaveLength(15);
  expect([session.trying, session.trouble]).toEqual([false, 'unreachable']);
  // A person who wants it asks at once.
  answers(signedIn);
  session.again();
  await vi.advanceTimersByTimeAsync(0);
  expect(session.user).not.toBeNull();
});

it('waits as long as a busy server asks for, within reason', async () => {
  answers(
    () => json(429, {}, { 'retry-after': '40' }),
    () => json(429, {}, { 'retry-after': '99999' }),
    signedIn,
  );
  void session.load();
  await vi.advanceTimersByTimeAsync(39_900);
  expect(server).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(200);
  expect(server).toHaveBeenCalledTimes(2);
  await vi.advanceTimersByTimeAsync(120_000);
  expect(session.user).not.toBeNull();
});

it('a sign-in wins over the answer to an earlier request', async () => {
  let late: (answer: Response) => void = () => undefined;
  const slow = new Promise<Response>((resolve) => (late = resolve));
  server.mockReset();
  server.mockImplementation((_, { method }) => (method === 'POST' ? Promise.resolve(signedIn()) : slow));
  void session.load();
  await session.signIn('weiss', 'x');
  late(nobody());
  await vi.advanceTimersByTimeAsync(60_000);
  expect(session.user?.name).toBe(user.name);
  expect(server).toHaveBeenCalledTimes(2);
});

it('a failed sign-out keeps the person shown as signed in, unless the session is over', async () => {
  session.user = user;
  answers(offline);
  await expect(session.signOut()).rejects.toThrow();
  expect(session.user).not.toBeNull();
  answers(() => json(401, { code: 'signed_out' }));
  await session.signOut();
  expect(session.user).toBeNull();
});

it('who signed in by a provider signs out there, too', async () => {
  answers(() => json(200, { user, sign_out_path: '/sign-in/oidc/sign-out' }));
  await session.load();
  answers(() => new Response(null, { status: 204 }));
  expect(await session.signOut()).toBe('/sign-in/oidc/sign-out');
  answers(signedIn);
  await session.load();
  answers(() => new Response(null, { status: 204 }));
  expect(await session.signOut()).toBeNull();
});
