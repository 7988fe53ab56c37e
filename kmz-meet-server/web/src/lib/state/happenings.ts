import type { ChatMessage } from '../../generated/ChatMessage';
import type { ErrorCode } from '../../generated/ErrorCode';
import type { Knocker } from '../../generated/Knocker';
import type { Participant } from '../../generated/Participant';
import type { QualityLevel } from '../../generated/QualityLevel';
import type { RoomInfo } from '../../generated/RoomInfo';
import type { Source } from '../../generated/Source';
import { t } from '../i18n/index.svelte';
import type { Conference } from './conference.svelte';
import { notices } from './notices.svelte';

/** Shortest time between two tips about one's own connection, in milliseconds. */
const TIP_EVERY = 120_000;

/** Puts what the server reports into words for this person: on the screen, to the screen reader, or both. */
export class Happenings {
  private lastTip = Number.NEGATIVE_INFINITY;

  constructor(private readonly conference: () => Conference | null) {}

  joined(person: Participant): void {
    notices.happened('joined', person.name);
  }

  left(id: string): void {
    const name = this.conference()?.name(id);
    if (name) notices.happened('left', name);
  }

  message(message: ChatMessage): void {
    if (message.from !== this.conference()?.you) notices.happened('message', message.name);
  }

  lobby(former: readonly Knocker[], now: readonly Knocker[]): void {
    for (const knocker of now) {
      if (!former.some((known) => known.id === knocker.id)) notices.happened('knock', knocker.name);
    }
  }

  changed(former: Participant | undefined, person: Participant): void {
    const conference = this.conference();
    if (!former || !conference) return;
    if (person.id === conference.you) return this.myselfChanged(former, person);
    if (former.hand === null && person.hand !== null) notices.happened('hand', person.name);
    if (!former.sources.includes('screen') && person.sources.includes('screen')) notices.happened('screen', person.name);
  }

  roomChanged(former: RoomInfo, now: RoomInfo): void {
    const conference = this.conference();
    if (!conference) return;
    const mine = conference.you;
    if (former.floor !== mine && now.floor === mine) notices.tell(t().notice.floorYours, { tone: 'good', urgent: true });
    if (former.floor === mine && now.floor !== mine) notices.tell(t().notice.floorOver, { urgent: true });
    if (former.policy.door !== now.policy.door) {
      if (conference.isModerator) notices.tell(doorText(now.policy.door));
      else notices.happened('door', '');
    }
  }

  turnedOff(source: Source): void {
    notices.tell(t().notice.turnedOff[source], { tone: 'warning', urgent: true });
  }

  /** A bad line is told with what helps, but not again and again. */
  ownQuality(level: QualityLevel): void {
    const now = performance.now();
    if (level !== 'poor' || now - this.lastTip < TIP_EVERY) return;
    this.lastTip = now;
    notices.tell(`${t().quality.poor} ${t().quality.poorTip}`, { tone: 'warning' });
  }

  back(): void {
    notices.tell(t().notice.back, { tone: 'good' });
  }

  failed(code: ErrorCode): void {
    const text = t();
    const words: Partial<Record<ErrorCode, string>> = {
      not_permitted: text.notice.notPermitted,
      unknown_participant: text.notice.unknownPerson,
      too_fast: text.chat.tooFast,
      full: text.notice.full,
      busy: text.notice.busy,
    };
    notices.tell(words[code] ?? text.problem.other, { tone: 'warning' });
  }

  private myselfChanged(former: Participant, person: Participant): void {
    if (former.role === 'participant' && person.role === 'moderator') {
      notices.tell(t().notice.role, { tone: 'good', urgent: true });
    }
    for (const right of person.grants) {
      if (!former.grants.includes(right)) notices.tell(t().notice.granted[right], { tone: 'good', urgent: true });
    }
  }
}

function doorText(door: RoomInfo['policy']['door']): string {
  const words = t().door;
  return { open: words.nowOpen, knock: words.nowKnock, closed: words.nowClosed }[door];
}
