import { afterEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../api/http';
import { i18n } from '../i18n/index.svelte';
import { MAX_PROOF_BYTES, requestProblem, sendProof, wrongWithFile } from './api';
import { de } from './words/de';
import { easy } from './words/de-simple';
import { en } from './words/en';

const refused = (code: string, detail = '', retryAfter = 0): ApiError =>
  new ApiError(400, code, { detail }, retryAfter);

describe('a refusal of a request', () => {
  it('is told in words, whatever it is', async () => {
    await i18n.use('en');
    const words = (code: string, detail?: string): string => requestProblem(refused(code, detail), 'request');
    expect(words('invalid', 'email: it must be an address.')).toBe(en.problem.email);
    expect(words('invalid', 'name: it must be a line.')).toBe(en.problem.name);
    expect(words('not_found')).toBe(en.problem.noSchool);
    expect(words('no_mail')).toBe(en.problem.noMail);
    expect(requestProblem(refused('too_many_requests', '', 4_320), 'request')).toContain('72 minutes');
    expect(requestProblem(refused('too_many_requests', '', 5), 'request')).toContain('a minute');
  });

  it('of a file says what is wrong with it', async () => {
    await i18n.use('de');
    for (const [code, text] of [
      ['invalid', de.problem.kind],
      ['too_large', de.problem.tooLarge],
      ['not_now', de.problem.decided],
      ['not_found', de.over],
      ['unreadable', de.problem.unreadable],
    ] as const)
      expect(requestProblem(refused(code), 'file')).toBe(text);
  });
});

describe('a file', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('is looked at before it is sent', () => {
    expect(wrongWithFile(null)).toBe('noFile');
    expect(wrongWithFile({ size: 0 })).toBe('empty');
    expect(wrongWithFile({ size: MAX_PROOF_BYTES + 1 })).toBe('tooLarge');
    expect(wrongWithFile({ size: MAX_PROOF_BYTES })).toBeNull();
  });

  it('goes with its token in a header, never in the address', async () => {
    const fetched = vi.fn<typeof fetch>(() => Promise.resolve(new Response(null, { status: 204 })));
    vi.stubGlobal('fetch', fetched);
    await sendProof('secret', new File(['%PDF-1.7'], 'a.pdf'));
    const [address, options] = fetched.mock.calls[0] ?? [];
    expect(address).toBe('/api/v1/teacher-requests/proof');
    expect(options?.headers).toMatchObject({ 'request-token': 'secret' });
  });

  it('that a proxy finds too large is told so', async () => {
    vi.stubGlobal('fetch', () => Promise.resolve(new Response('<html>', { status: 413 })));
    await expect(sendProof('t', new File(['%PDF'], 'a.pdf'))).rejects.toMatchObject({ code: 'too_large' });
  });

  it('that is refused for now says how long', async () => {
    const body = JSON.stringify({ code: 'too_many_requests' });
    vi.stubGlobal('fetch', () =>
      Promise.resolve(new Response(body, { status: 429, headers: { 'retry-after': '90' } })),
    );
    const sent = sendProof('t', new File(['%PDF'], 'a.pdf'));
    await expect(sent).rejects.toMatchObject({ code: 'too_many_requests', retryAfter: 90 });
  });
});

it('has the same texts in every language', () => {
  const names = (texts: object): string[] =>
    Object.entries(texts).flatMap(([name, text]) => (typeof text === 'object' ? names(text as object) : [name]));
  for (const texts of [de, easy]) expect(names(texts)).toEqual(names(en));
});
