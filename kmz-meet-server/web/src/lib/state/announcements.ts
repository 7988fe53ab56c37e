/** What a person is told about their own connection and commands. What concerns a feature, the feature tells. */
import type { ErrorCode } from '../../generated/ErrorCode';
import type { Source } from '../../generated/Source';
import { t } from '../i18n/index.svelte';
import { notices } from './notices.svelte';

export function tellTurnedOff(source: Source): void {
  notices.tell(t().notice.turnedOff[source], { tone: 'warning', urgent: true });
}

export function tellBack(): void {
  notices.tell(t().notice.back, { tone: 'good' });
}

export function tellFailed(code: ErrorCode): void {
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
