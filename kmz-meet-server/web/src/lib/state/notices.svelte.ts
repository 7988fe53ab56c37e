import { untrack } from 'svelte';
import { t } from '../i18n/index.svelte';
import { plain } from '../i18n/isolate';
import { Announcer, type Batch } from './announcer';

export interface Notice {
  id: number;
  text: string;
  tone: 'info' | 'good' | 'warning';
  /** There until it is used or closed. */
  stays: boolean;
  action?: { label: string; run: () => void };
}

type LiveKind = keyof ReturnType<typeof t>['live'];

/** How long a notice stays, in milliseconds; one with an action much longer. What `stays` is there until it is used or closed. */
const STAY = 6_000;
const STAY_WITH_ACTION = 20_000;

/** What a person is told: short notices on the screen, and the live regions for screen readers. */
class Notices {
  list = $state.raw<Notice[]>([]);
  /** A text that could not be copied for the person. */
  copying = $state<string | null>(null);
  /** Text of the polite live region; changes at most every three seconds. */
  polite = $state('');
  /** Text of the assertive live region: what was done to oneself. */
  assertive = $state('');
  private next = 1;
  private readonly announcer = new Announcer({
    phrase: (batch: Batch) => t().live[batch.kind as LiveKind](batch.names),
    say: (text) => this.say(text),
    now: () => performance.now(),
    later: (run, after) => void setTimeout(run, after),
  });

  /** Something that happened to others: told together with what else happened. */
  announce(kind: LiveKind, name: string): void {
    this.announcer.add(kind, name);
  }

  /** Something for this person; on the screen and to the screen reader. */
  tell(
    text: string,
    options: Partial<Pick<Notice, 'tone' | 'action'>> & { urgent?: boolean; stays?: boolean } = {},
  ): number {
    const id = this.next++;
    const { tone = 'info', action, urgent = false, stays = false } = options;
    // The same text twice is one notice.
    const others = untrack(() => this.list).filter((notice) => notice.text !== text);
    const notice = { id, text, tone, stays, ...(action ? { action } : {}) };
    this.list = [...fitting(others), notice];
    if (urgent) this.shout(text);
    else this.say(text);
    if (!stays) setTimeout(() => this.dismiss(id), action ? STAY_WITH_ACTION : STAY);
    return id;
  }

  dismiss(id: number): void {
    this.list = this.list.filter((notice) => notice.id !== id);
  }

  clear(): void {
    this.list = [];
  }

  /** Only to the screen reader. Like the others here it may be called from an effect without becoming its cause. */
  say(text: string): void {
    // A region that holds the same text again would stay silent.
    const words = plain(text);
    this.polite = words === untrack(() => this.polite) ? `${words}\u00a0` : words;
  }

  shout(text: string): void {
    const words = plain(text);
    this.assertive = words === untrack(() => this.assertive) ? `${words}\u00a0` : words;
  }
}

/** Three beside the new one; what passes by itself gives way first. */
function fitting(list: readonly Notice[]): Notice[] {
  const staying = list.filter((notice) => notice.stays).slice(-3);
  const passing = list.filter((notice) => !notice.stays).slice(-3);
  const room = Math.max(0, 3 - staying.length);
  const kept = new Set([...staying, ...passing.slice(passing.length - room)]);
  return list.filter((notice) => kept.has(notice));
}

export const notices = new Notices();

/** Copies a text and says so. */
export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    notices.tell(t().copied, { tone: 'good' });
  } catch {
    // Frames of course pages do not permit it. The text is shown, to be copied by hand.
    notices.copying = text;
  }
}
