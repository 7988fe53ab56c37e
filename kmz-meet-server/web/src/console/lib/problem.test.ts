import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../../lib/api/http';
import { i18n } from '../../lib/i18n/index.svelte';
import { confirming } from './confirm.svelte';
import { Form } from './form.svelte';
import { fieldOf, problemText } from './problem';
import { fromField, toField } from './when';

const refusal = (code: string, detail: string, status = 422): ApiError => new ApiError(status, code, { detail }, 0);

beforeEach(async () => {
  await i18n.use('de');
  vi.stubGlobal('document', { getElementById: () => null });
});
afterEach(() => vi.unstubAllGlobals());

describe('problem documents', () => {
  it('stand at the field that their detail begins with', () => {
    expect(fieldOf(refusal('invalid', 'name: it must have from 1 to 200 characters.'))).toBe('name');
    expect(fieldOf(refusal('invalid', 'A value is out of range.'))).toBeNull();
    expect(fieldOf(new TypeError('x'))).toBeNull();
  });

  it('are told in the language in use', async () => {
    expect(problemText(refusal('too_many', 'x', 409))).toContain('Bitte zuerst eins löschen');
    await i18n.use('en');
    expect(problemText(refusal('too_many', 'x', 409))).toContain('Please delete one first');
    expect(problemText(new ApiError(0, 'offline', {}, 0))).toContain('not be reached');
  });

  it('of a form stand at its field in our words, and elsewhere below', async () => {
    const form = new Form('key', () => ({ name: 'Bitte einen Namen.' }));
    expect(await form.send(() => Promise.reject(refusal('invalid', 'name: it must …')))).toBe(false);
    expect([form.errors, form.problem, form.busy]).toEqual([{ name: 'Bitte einen Namen.' }, null, false]);
    expect(await form.send(() => Promise.reject(refusal('invalid', 'other: it must …')))).toBe(false);
    expect(form.errors).toEqual({});
    expect(form.problem).toContain('other: it must …');
    expect(await form.send(() => Promise.resolve())).toBe(true);
    expect([form.errors, form.problem]).toEqual([{}, null]);
  });

  it('a form sends once at a time', async () => {
    const form = new Form('key', () => ({}));
    let done: () => void = () => undefined;
    const first = form.send(() => new Promise<void>((resolve) => (done = resolve)));
    const second = vi.fn(() => Promise.resolve());
    expect(await form.send(second)).toBe(false);
    expect(second).not.toHaveBeenCalled();
    done();
    expect(await first).toBe(true);
  });
});

describe('a dangerous action', () => {
  it('asks once, and another question takes the first one back', async () => {
    const question = { title: 'a', loses: 'b', action: 'c' };
    const first = confirming.ask(question);
    const second = confirming.ask(question);
    expect(await first).toBe(false);
    confirming.say(true);
    expect(await second).toBe(true);
    expect(confirming.question).toBeNull();
  });
});

describe('moments in fields', () => {
  it('are the same after they were shown', () => {
    const at = new Date(2026, 10, 28, 7, 5).getTime();
    expect(toField(at)).toBe('2026-11-28T07:05');
    expect(fromField(toField(at))).toBe(at);
    expect(fromField('')).toBeUndefined();
    expect(fromField('x')).toBeUndefined();
    expect(toField(undefined)).toBe('');
  });
});
