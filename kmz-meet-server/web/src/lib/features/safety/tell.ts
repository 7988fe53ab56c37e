import type { Safety } from '../../../generated/Safety';
import { address, ask } from '../../api/http';
import { isolate } from '../../i18n/isolate';
import { i18n } from '../../i18n/index.svelte';
import { notices } from '../../state/notices.svelte';
import type { Room } from '../feature';
import { w } from './words';

/** The record is written beside the conference: it may be there a moment later. */
const WRITTEN = 1_500;

/** To moderators: somebody says that something is wrong. */
export function reported({ conference, say }: Room, name: string): void {
  if (!conference.isModerator) return;
  const { report } = w();
  const action = { label: report.act, run: () => void say({ type: 'stop_everything' }) };
  notices.tell(report.told(isolate(name)), { tone: 'warning', urgent: true, stays: true, action });
}

/** To who said it. Who is held reads it on the calm picture. */
export function thanks({ conference }: Room): void {
  if (!conference.held) notices.tell(w().report.thanks, { tone: 'good', urgent: true });
}

/** What became of a stop or of a closed lesson. */
export function changed({ conference, ticket }: Room, former: Safety, now: Safety): void {
  const { stop, lesson } = w();
  if (former.emergency_stop && !now.emergency_stop) {
    const { incident } = former.emergency_stop;
    notices.tell(conference.isModerator ? stop.overDoor : stop.over, { tone: 'good', urgent: true });
    if (conference.isModerator && incident !== null) {
      const action = { label: stop.record, run: () => void record(incident, ticket) };
      notices.tell(stop.recordOffer, { stays: true, action });
    }
  }
  if (former.lesson_closed && !now.lesson_closed) notices.tell(lesson.opened, { tone: 'good' });
  else if (former.cameras_locked && !now.cameras_locked) notices.tell(lesson.camerasReleased, { tone: 'good' });
}

/** Fetches a record and gives it to the person as a file. */
export async function record(incident: string, ticket: string | null): Promise<void> {
  const fetched = (): Promise<Response> =>
    ask(address('/api/v1/incidents/{id}/document', { id: incident }), {
      headers: ticket === null ? {} : { authorization: `Bearer ${ticket}` },
    });
  const later = async (): Promise<Response> => {
    await new Promise((resolve) => setTimeout(resolve, WRITTEN));
    return fetched();
  };
  try {
    save(await (await fetched().catch(later)).blob(), i18n.language === 'de' ? 'protokoll.pdf' : 'incident.pdf');
  } catch {
    notices.tell(w().stop.recordFailed, { tone: 'warning', urgent: true });
  }
}

function save(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
