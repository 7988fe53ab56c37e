import type { Messages } from '../i18n/en';
import type { Problem } from './sources.svelte';

/** What went wrong with a device, what it means, and what to do. */
export function problemText(messages: Messages, { source, problem }: Problem): string {
  if (source === 'screen') return problem === 'framed' ? messages.frame.why : messages.media.screenFailed;
  const what = messages.media[source];
  return problem === 'unplugged' ? messages.notice.unplugged(what) : messages.media[problem](what);
}
