import { ApiError } from '../api/http';
import { errorText } from '../api/words';
import { t } from '../i18n/index.svelte';
import { w } from './words';

/** What went wrong with a link, an address or a code, in words. */
export function accountProblem(error: unknown): string {
  switch (error instanceof ApiError ? error.code : '') {
    case 'wrong_code':
      return w().factor.wrong;
    case 'second_step_over':
      return w().factor.over;
    case 'second_factor_exists':
      return w().factor.exists;
    case 'second_factor_required':
      return w().factor.required;
    case 'link_over':
      return w().choose.over;
    case 'address_taken':
      return w().address.taken;
    case 'no_mail':
      return w().forgot.noMail;
    case 'invalid':
      return w().address.invalid;
    default:
      return errorText(t(), error);
  }
}
