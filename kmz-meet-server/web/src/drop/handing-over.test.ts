import { afterEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../lib/api/http';
import { makeKey, unlockKey } from '../lib/sealed/keys';
import { open } from '../lib/sealed/seal';
import { handOver, troubleOf, wrongWith } from './handing-over';

const MAX_BYTES = 1_000;
const chosen = (name: string, size: number): { name: string; size: number } => ({ name, size });

describe('choice', () => {
  it('is refused with its reason before anything is read', () => {
    expect(wrongWith(null, null, MAX_BYTES)).toBe('noFile');
    expect(wrongWith(chosen('list.pdf', 5), null, MAX_BYTES)).toBe('kind');
    expect(wrongWith(chosen('list.csv', 0), null, MAX_BYTES)).toBe('empty');
    expect(wrongWith(chosen('list.csv', MAX_BYTES + 1), null, MAX_BYTES)).toBe('tooLarge');
    expect(wrongWith(chosen('list.csv', 5), 'short', MAX_BYTES)).toBe('shortPassphrase');
    expect(wrongWith(chosen('list.csv', 5), '            x', MAX_BYTES)).toBe('shortPassphrase');
    for (const name of ['list.csv', 'LIST.XLSX', 'a.b.txt'])
      expect(wrongWith(chosen(name, MAX_BYTES), null, MAX_BYTES)).toBeNull();
    expect(wrongWith(chosen('list.csv', 5), 'long enough it is', MAX_BYTES)).toBeNull();
  });
});

describe('hand-over', () => {
  afterEach(() => vi.unstubAllGlobals());

  async function key(id: string): Promise<{ id: string; label: string; recipient: string; secret: string }> {
    const made = await makeKey('drei kleine Igel', 1);
    return { id, label: id, recipient: made.recipient, secret: await unlockKey(made, 'drei kleine Igel') };
  }
  const file = new File(['Nachname;Vorname\nMüller;Änne\n'], 'Kollegium.csv');

  it('sends ciphertext and ids of keys, and nothing else', async () => {
    const one = await key('one');
    const sent = vi.fn(() => Promise.resolve(new Response(null, { status: 204 })));
    vi.stubGlobal('fetch', sent);
    const steps: string[] = [];
    await handOver({ token: 'token', keys: [one] }, file, null, (step) => steps.push(step));
    expect(steps).toEqual(['sealing', 'sending']);
    const [path, request] = sent.mock.calls[0] as unknown as [
      string,
      { method: string; body: Uint8Array; headers: Record<string, string> },
    ];
    expect([path, request.method]).toEqual(['/api/v1/drop-link/content?keys=one', 'PUT']);
    expect(Object.keys(request.headers)).toEqual(['content-type', 'drop-token', 'accept-language']);
    expect(request.headers['drop-token']).toBe('token');
    const opened = await open(request.body, one.secret);
    expect(opened.kind === 'file' && opened.file.name).toBe('Kollegium.csv');
  });

  it('seals anew where a key was deleted meanwhile, once', async () => {
    const [old, fresh] = [await key('old'), await key('fresh')];
    const answers = [
      Response.json({ code: 'keys_changed' }, { status: 409 }),
      Response.json({ school: 'x', state: 'waiting', expires_at: 0, max_file_bytes: 1, keys: [fresh] }),
      new Response(null, { status: 204 }),
    ];
    const sent = vi.fn<(path: string, request: RequestInit) => Promise<Response>>(() =>
      Promise.resolve(answers.shift() ?? Response.error()),
    );
    vi.stubGlobal('fetch', sent);
    await handOver({ token: 't', keys: [old] }, file, null, () => undefined);
    const last = sent.mock.calls.at(-1);
    expect(last?.[0]).toContain('keys=fresh');
    await open(last?.[1].body as Uint8Array, fresh.secret);
  });

  it('to no key is not tried', async () => {
    vi.stubGlobal('fetch', vi.fn());
    const tried = handOver({ token: 't', keys: [] }, file, null, () => undefined);
    await expect(tried).rejects.toThrow('noKeys');
    expect(fetch).not.toHaveBeenCalled();
  });

  it('that fails is told in words', () => {
    const failed = (status: number, code: string): string => troubleOf(new ApiError(status, code, {}, 0));
    expect(failed(0, 'offline')).toBe('offline');
    expect(failed(409, 'too_many')).toBe('full');
    expect(failed(429, 'too_many_attempts')).toBe('tooManyTries');
    expect(failed(429, 'too_many_requests')).toBe('busy');
    expect(failed(403, 'no_contract')).toBe('noContract');
    expect(failed(422, 'invalid')).toBe('other');
    expect(troubleOf(new TypeError('x'))).toBe('other');
  });
});
