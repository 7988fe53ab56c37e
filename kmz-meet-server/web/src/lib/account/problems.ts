import { ApiError } from '../api/http';
import { errorText } from '../api/words';
import { t } from '../i18n/index.svelte';
import { w } from './words';

/** Why the browser gave no passkey (WebAuthn Level 3, 5.1.3 and 5.1.4). */
function passkeyProblem({ name }: DOMException): string {
  // Cancelled, or nobody answered: browsers do not say which.
  if (name === 'NotAllowedError' || name === 'AbortError') return w().passkey.cancelled;
  return name === 'InvalidStateError' ? w().passkey.exists : w().passkey.cannot;
}

/** What else may go wrong where it is asked for, in words: that too is about what is entered there. */
export interface OwnProblems {
  /** Something that was entered cannot be taken. */
  invalid?: string;
  /** There are as many as there may be. */
  too_many?: string;
}

/** What went wrong with a link, an address or a code, in words. */
export function accountProblem(error: unknown, own: OwnProblems = {}): string {
  if (error instanceof DOMException) return passkeyProblem(error);
  switch (error instanceof ApiError ? error.code : '') {
    case 'wrong_code':
      return w().factor.wrong;
    case 'wrong_passkey':
      return w().passkey.wrong;
    case 'passkey_doubtful':
      return w().passkey.doubtful;
    case 'passkey_exists':
      return w().passkey.exists;
    case 'no_passkeys':
      return w().passkey.notHere;
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
    case 'too_many':
      return own.too_many ?? errorText(t(), error);
    case 'invalid':
      return own.invalid ?? errorText(t(), error);
    default:
      return errorText(t(), error);
  }
}
