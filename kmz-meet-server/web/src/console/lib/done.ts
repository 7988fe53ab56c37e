import { ApiError } from '../../lib/api/http';
import { notices } from '../../lib/state/notices.svelte';
import { problemText } from './problem';

/** Does something that a button asks for; says that it was done, or why not: `notNow` where the state of things refuses it. */
export async function done(request: () => Promise<unknown>, told?: string, notNow?: string): Promise<boolean> {
  try {
    await request();
    if (told !== undefined) notices.tell(told, { tone: 'good' });
    return true;
  } catch (error) {
    const refused = error instanceof ApiError && error.code === 'not_now' ? notNow : undefined;
    notices.tell(refused ?? problemText(error), { tone: 'warning' });
    return false;
  }
}
