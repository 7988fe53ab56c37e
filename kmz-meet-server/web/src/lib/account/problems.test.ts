import { expect, it } from 'vitest';
import { ApiError } from '../api/http';
import { t } from '../i18n/index.svelte';
import { accountProblem } from './problems';

const refused = (code: string): ApiError => new ApiError(409, code, {}, 0);

it.each(['invalid', 'too_many'] as const)(
  'that means another thing in each form is told as the form says: %s',
  (code) => {
    expect(accountProblem(refused(code), { [code]: 'Five are enough.' })).toBe('Five are enough.');
    expect(accountProblem(refused(code))).toBe(t().problem.other);
  },
);
