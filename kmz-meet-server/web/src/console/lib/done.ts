import { notices } from '../../lib/state/notices.svelte';
import { problemText } from './problem';

/** Does something that a button asks for; says that it was done, or why not. */
export async function done(request: () => Promise<unknown>, told?: string): Promise<boolean> {
  try {
    await request();
    if (told !== undefined) notices.tell(told, { tone: 'good' });
    return true;
  } catch (error) {
    notices.tell(problemText(error), { tone: 'warning' });
    return false;
  }
}
