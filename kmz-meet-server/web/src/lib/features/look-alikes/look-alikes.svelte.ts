import type { LookAlike } from '../../../generated/LookAlike';
import { notices } from '../../state/notices.svelte';
import type { Feature, Room } from '../feature';

/** Whose typed name looks like somebody else's; only moderators are told. */
export class LookAlikes implements Feature {
  private all = $state.raw<ReadonlyMap<string, LookAlike>>(new Map());
  /** Of whom it was told. Who is renamed and flagged again is told of again. */
  private readonly told = new Set<string>();

  readonly receives: Feature['receives'] = {
    look_alikes_changed: ({ people }) => {
      this.all = new Map(people.map((one) => [one.participant, one]));
      void this.tell(people);
    },
  };

  constructor(private readonly room: Room) {}

  reset(): void {
    this.all = new Map();
  }

  /** Whose name this one's looks like. */
  of(id: string): LookAlike | undefined {
    return this.all.get(id);
  }

  /** Who is inside is told of, for nobody may be looking at the list. Who knocks is looked at before they come in. */
  private async tell(people: readonly LookAlike[]): Promise<void> {
    const { conference, show } = this.room;
    const fresh = people.filter(({ participant, name }) => {
      const key = `${participant} ${name}`;
      if (this.told.has(key) || !conference.people.has(participant)) return false;
      return this.told.add(key);
    });
    const [first] = fresh;
    if (!first || !conference.isModerator) return;
    const words = await import('../moderation/words').catch(() => null);
    if (!words) return; // the list says it, too
    const w = words.w();
    const text =
      fresh.length === 1 ? w.alikeInside(conference.name(first.participant) ?? '', first) : w.alikeMany(fresh.length);
    notices.tell(text, { tone: 'warning', action: { label: w.look, run: () => show('people') } });
  }
}
