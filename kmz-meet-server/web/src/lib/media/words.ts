import type { Messages } from '../i18n/en';
import { isolate } from '../i18n/isolate';
import type { News } from './machine';
import type { Problem } from './sources.svelte';

/** What went wrong with a device, what it means, and what to do. */
export function problemText(messages: Messages, { source, problem }: Problem): string {
  if (source === 'screen') {
    if (problem === 'framed') return messages.frame.why;
    return problem === 'system' ? messages.media.screenSystem : messages.media.screenFailed;
  }
  if (problem === 'silenced') return messages.media.silenced[source];
  const what = messages.media[source];
  return problem === 'unplugged' ? messages.notice.unplugged(what) : messages.media[problem](what);
}

/** Whether it is said until someone acts: nobody may go on talking into a microphone that is gone. */
export const stays = ({ problem }: Problem): boolean =>
  problem === 'unplugged' || problem === 'stopped' || problem === 'silenced';

/** What changed with the devices. */
export function newsText({ media }: Messages, news: News): string {
  switch (news.what) {
    case 'taken_over':
      return media.takenOver(media[news.kind], news.label === null ? media.standard : isolate(news.label));
    case 'heard_again':
      return media.heardAgain;
    case 'speaker_gone':
      return media.speakerGone;
  }
}
