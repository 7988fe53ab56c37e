import { afterEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../../lib/api/http';
import { importer, PasswordNeeded } from './import';

const file = { name: 'Kollegium.xlsx', bytes: new Uint8Array([1, 2, 3]) };
type Sent = [path: string, request: { method: string; body?: unknown; headers: Record<string, string> }];

function answers(response: Response): { mock: { calls: unknown[] } } {
  const sent = vi.fn(() => Promise.resolve(response));
  vi.stubGlobal('fetch', sent);
  return sent;
}

afterEach(() => vi.unstubAllGlobals());

describe('check of a list', () => {
  it('sends the file without its name', async () => {
    const sent = answers(Response.json({ id: 'i', verdicts: { new: 2 } }, { status: 201 }));
    expect(await importer.check('s/1', file, null)).toEqual({ id: 'i', verdicts: { new: 2 } });
    const [path, request] = sent.mock.calls[0] as Sent;
    expect([path, request.method, request.body]).toEqual(['/api/v1/schools/s%2F1/teacher-imports', 'POST', file.bytes]);
    expect(Object.keys(request.headers)).toEqual(['content-type', 'accept-language']);
  });

  it('sends a password as a header can carry it', async () => {
    const sent = answers(Response.json({ id: 'i', verdicts: {} }, { status: 201 }));
    await importer.check('s', file, 'Grüße €');
    const [, request] = sent.mock.calls[0] as Sent;
    expect(request.headers['list-password']).toBe('Gr%C3%BC%C3%9Fe%20%E2%82%AC');
  });

  it.each([
    ['password_needed', false],
    ['wrong_password', true],
  ])('that is refused with %s asks for a password', async (reason, wasWrong) => {
    answers(Response.json({ code: 'unreadable_list', reason }, { status: 422 }));
    const tried = importer.check('s', file, null);
    await expect(tried).rejects.toThrow(PasswordNeeded);
    await expect(tried).rejects.toMatchObject({ wasWrong });
  });

  it('that is refused otherwise keeps its reason', async () => {
    answers(Response.json({ code: 'unreadable_list', reason: 'empty', detail: 'Leer.' }, { status: 422 }));
    await expect(importer.check('s', file, null)).rejects.toThrow(ApiError);
  });
});

describe('import', () => {
  it('is confirmed and discarded by its address', async () => {
    const sent = answers(new Response(null, { status: 202 }));
    await importer.confirm('s', 'i');
    await importer.discard('s', 'i');
    const told = (sent.mock.calls as Sent[]).map(([path, { method }]) => `${method} ${path}`);
    expect(told).toEqual([
      'POST /api/v1/schools/s/teacher-imports/i/confirm',
      'DELETE /api/v1/schools/s/teacher-imports/i',
    ]);
  });
});
