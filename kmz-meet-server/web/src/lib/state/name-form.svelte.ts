import { session } from '../api/session.svelte';
import type { Messages } from '../i18n/index.svelte';
import { loadName } from '../signal/seat';
import { givenName } from './entry';
import type { Meeting } from './meeting.svelte';

/** Who comes in, as it is typed or known, and the password of the room. */
export class NameForm {
  name = $state('');
  password = $state('');
  problem = $state<'missing' | 'bad' | null>(null);
  /** Given by the link, and good: whose given name the server refuses types another one. */
  readonly given = $derived.by(() => givenName(this.meeting.entry, this.meeting.badName) !== null);
  private typed = false;

  constructor(private readonly meeting: Meeting) {
    this.name = meeting.entry?.name ?? (meeting.embedding.proposedName || (meeting.sent ? '' : loadName()));
  }

  /** For the script of a component: names that are known a moment later. */
  follow(): void {
    // The page around may know the name; what the person typed stays.
    $effect(() => {
      const { proposedName } = this.meeting.embedding;
      if (!this.typed && proposedName !== '' && !this.meeting.entry?.name) this.name = proposedName;
    });
    // Who is signed in is already known by name.
    $effect(() => {
      if (!this.meeting.entry && session.user && this.name === '') this.name = session.user.name;
    });
  }

  onInput = (): void => {
    this.typed = true;
  };

  /** What is wrong with the name, in words. */
  problemText({ preJoin }: Messages): string | null {
    if (this.problem === 'missing') return preJoin.nameMissing;
    return this.problem === 'bad' || this.meeting.badName ? preJoin.nameBad : null;
  }

  /** Joins, or answers that the name is no name. */
  join(): boolean {
    const clean = this.name.trim();
    // The server cuts a given name that is too long, and says if it cannot be a name.
    this.problem = clean === '' ? 'missing' : this.given || /[\p{L}\p{N}]/u.test(clean) ? null : 'bad';
    if (this.problem) return false;
    this.meeting.join(clean, this.password.trim() === '' ? null : this.password);
    return true;
  }
}

/** For the script of a component: what the media need takes longer than the way in. Safari knows no idle time. */
export function prepareMedia(meeting: Meeting): void {
  $effect(() => {
    const prepare = (): void => meeting.media.prepare();
    if (!('requestIdleCallback' in window)) {
      const later = setTimeout(prepare, 200);
      return () => clearTimeout(later);
    }
    const idle = requestIdleCallback(prepare, { timeout: 1_000 });
    return () => cancelIdleCallback(idle);
  });
}
