import { afterEach, expect, it, vi } from 'vitest';
import { beginning, shownProviders } from './providers';
import { de } from './words/de';
import { en } from './words/en';

const provider = { school: 'Schule', label: { de: 'A', en: 'B' }, sign_in_path: '/sign-in/oidc/1' };

afterEach(() => vi.unstubAllGlobals());

it('what is typed is sent as it is, and nothing where nothing is', async () => {
  const answer = { providers: [provider], more: true };
  const asked = vi.fn<(path: string) => Promise<Response>>(() => Promise.resolve(Response.json(answer)));
  vi.stubGlobal('fetch', asked);
  const { signal } = new AbortController();
  expect((await shownProviders(' ', signal)).providers).toEqual([provider]);
  expect(asked.mock.lastCall?.[0]).toBe('/api/v1/sign-in-providers');
  await shownProviders('Käthe & Co', signal);
  expect(asked.mock.lastCall?.[0]).toBe('/api/v1/sign-in-providers?q=K%C3%A4the+%26+Co');
});

it('providers that cannot be had are none', async () => {
  const { signal } = new AbortController();
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('offline')));
  expect(await shownProviders('', signal)).toEqual({ providers: [], more: false });
  vi.stubGlobal('fetch', () => Promise.resolve(new Response('busy', { status: 503 })));
  expect(await shownProviders('', signal)).toEqual({ providers: [], more: false });
});

it('a beginning carries where it ends', () => {
  expect(beginning(provider, '/mathe-7b?x=1#y')).toBe('/sign-in/oidc/1?next=%2Fmathe-7b%3Fx%3D1%23y');
});

it('both languages count schools', () => {
  expect(de.found(1)).not.toBe(de.found(2));
  expect(en.found(3)).toContain('3');
});
