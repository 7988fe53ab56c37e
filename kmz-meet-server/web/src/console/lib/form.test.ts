import { afterEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../../lib/api/http';
import { Form } from './form.svelte';

const RULES = { signed_on: 'Which day?', last_day: 'Until when?' };

/** A page with these fields; those that are said are half typed. */
function page(...half: string[]): { focused: string[] } {
  const focused: string[] = [];
  const field = (id: string): object => ({ focus: () => focused.push(id), validity: { badInput: half.includes(id) } });
  const there = ['contract-signed_on', 'contract-last_day'];
  vi.stubGlobal('document', { getElementById: (id: string) => (there.includes(id) ? field(id) : null) });
  return { focused };
}

describe('form', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('whose field is half typed sends nothing and goes to that field', async () => {
    const { focused } = page('contract-last_day');
    const form = new Form('contract', () => RULES);
    const request = vi.fn(() => Promise.resolve());
    expect(await form.send(request)).toBe(false);
    expect(request).not.toHaveBeenCalled();
    expect(form.errors).toEqual({ last_day: RULES.last_day });
    expect(focused).toEqual(['contract-last_day']);
  });

  it('whose fields are whole or are not there is sent', async () => {
    page();
    const form = new Form('contract', () => ({ ...RULES, document_id: 'Which file?' }));
    expect(await form.send(() => Promise.resolve())).toBe(true);
    expect(form.errors).toEqual({});
  });

  it('that is refused because of a field shows its rule there', async () => {
    const { focused } = page();
    const form = new Form('contract', () => RULES);
    const refusal = new ApiError(422, 'invalid', { detail: 'signed_on: it lies in the future.' }, 0);
    expect(await form.send(() => Promise.reject(refusal))).toBe(false);
    expect(form.errors).toEqual({ signed_on: RULES.signed_on });
    expect(focused).toEqual(['contract-signed_on']);
  });
});
