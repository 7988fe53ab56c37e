import type { Source } from '../../generated/Source';
import { t } from '../i18n/index.svelte';
import { canShareScreen } from '../media/capture';
import type { Meeting } from './meeting.svelte';
import { notices } from './notices.svelte';

/** Turns a source of one's own on or off, and says why where that does not go: the bar, the menu and embedding pages. */
export function toggleSource(meeting: Meeting, source: Source): void {
  const { conference, ui } = meeting;
  const on = !meeting.sources.isOn(source);
  if (on && conference && !conference.may(source)) {
    notices.tell(t().bar.locked(source === 'screen' ? t().bar.share : t().media[source]), { tone: 'warning' });
  } else if (on && source === 'screen' && !canShareScreen()) {
    if (ui) ui.dialog = 'no-share';
  } else {
    void meeting.setSource(source, on);
  }
}
