import type { Alert } from '../../generated/Alert';
import type { ChatMessage } from '../../generated/ChatMessage';
import type { ErrorCode } from '../../generated/ErrorCode';
import type { Knocker } from '../../generated/Knocker';
import type { Participant } from '../../generated/Participant';
import type { QualityLevel } from '../../generated/QualityLevel';
import type { RoomInfo } from '../../generated/RoomInfo';
import type { Source } from '../../generated/Source';
import { t } from '../i18n/index.svelte';
import { isolate } from '../i18n/isolate';
import type { Conference } from './conference.svelte';
import { spokenName } from './marks';
import { notices } from './notices.svelte';

/** Shortest time between two tips about one's own connection, in milliseconds. */
const TIP_EVERY = 120_000;

/** Puts what the server reports into words for this person: on the screen, to the screen reader, or both. */
export class Happenings {
  private lastTip = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly conference: () => Conference | null,
    /** Shows where a moderator can see to what is told. */
    private readonly seeTo: () => void = () => undefined,
  ) {}

  joined(person: Participant): void {
    notices.happened('joined', this.named(person));
  }

  left(id: string): void {
    const person = this.conference()?.people.get(id);
    if (person) notices.happened('left', this.named(person));
  }

  message(message: ChatMessage): void {
    const conference = this.conference();
    if (!conference || message.from === conference.you) return;
    notices.happened('message', spokenName(message.name, conference.marksInChat(message)));
  }

  hands(raised: readonly Participant[]): void {
    for (const person of raised) {
      if (person.id !== this.conference()?.you) notices.happened('hand', this.named(person));
    }
  }

  /** Stays until it was seen. */
  alert(alert: Alert): void {
    if (!this.conference()?.isModerator) return;
    const words = t().notice.alert;
    const text = (words as Partial<Record<string, unknown>>)[alert];
    if (typeof text !== 'string') return; // said by a newer server
    if (alert === 'wrong_passwords') {
      notices.tell(text, { tone: 'warning', urgent: true, stays: true, action: { label: words.act, run: this.seeTo } });
    } else notices.tell(text, { stays: true });
  }

  /** Many devices come by one account, which throws them out one after the other. */
  sharedAccount(name: string): void {
    if (this.conference()?.isModerator)
      notices.tell(t().notice.alert.shared_account(isolate(name)), { tone: 'warning', stays: true });
  }

  /** As it is read aloud: what a person is stands before what they call themselves. */
  private named(who: Participant | Knocker): string {
    return spokenName(who.name, this.conference()?.marks(who) ?? []);
  }

  lobby(former: readonly Knocker[], now: readonly Knocker[]): void {
    for (const knocker of now) {
      if (!former.some((known) => known.id === knocker.id)) notices.happened('knock', this.named(knocker));
    }
  }

  changed(former: Participant | undefined, person: Participant): void {
    const conference = this.conference();
    if (!former || !conference) return;
    if (person.id === conference.you) return this.myselfChanged(former, person);
    if (former.hand === null && person.hand !== null) notices.happened('hand', this.named(person));
    if (!former.sources.includes('screen') && person.sources.includes('screen'))
      notices.happened('screen', this.named(person));
  }

  roomChanged(former: RoomInfo, now: RoomInfo): void {
    const conference = this.conference();
    if (!conference) return;
    const mine = conference.you;
    if (former.floor !== mine && now.floor === mine)
      notices.tell(t().notice.floorYours, { tone: 'good', urgent: true });
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
