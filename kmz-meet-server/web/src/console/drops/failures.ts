import { ApiError } from '../../lib/api/http';
import { errorText } from '../../lib/api/words';
import { t } from '../../lib/i18n/index.svelte';
import { Unreadable } from '../../lib/sealed/container';
import { WrongKey } from '../../lib/sealed/seal';
import { w } from './words';

/** What failed, in words for an operator. */
export function failure(error: unknown, tooMany: string = w().problem.tooManyLinks): string {
  if (error instanceof WrongKey) return w().problem.wrongKey;
  if (error instanceof Unreadable) return w().problem.unreadable;
  if (!(error instanceof ApiError)) return errorText(t(), error);
  switch (error.code) {
    case 'no_contract':
      return w().problem.noContract;
    case 'too_many':
      return tooMany;
    case 'no_operator_key':
      return w().problem.noKey;
    case 'key_needed':
      return w().problem.needed;
    case 'not_permitted':
      return w().problem.notOperator;
    default:
      return errorText(t(), error);
  }
}
