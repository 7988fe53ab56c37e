import type { Participant } from '../../generated/Participant';

export type ViewMode = 'tiles' | 'speaker';

/** What fills the large place, if there is one. */
export type Main = { kind: 'screen'; id: string } | { kind: 'person'; id: string } | null;

export interface StageInput {
  people: readonly Participant[];
  you: string;
  mode: ViewMode;
  pinned: string | null;
  /** Who spoke last, already steadied (see `Dominant`). */
  speaker: string | null;
  /** Whose screen is received. */
  screen: string | null;
}

export interface StagePlan {
  main: Main;
  /** Whose shared screen is a tile beside the large picture, before the others. */
  screen: string | null;
  /** Everyone else, in order. Includes oneself. */
  others: Participant[];
}

/**
 * The order of tiles: moderators, oneself, whoever shows a picture, the others; within these as they came.
 * Speaking does not change it, because tiles that jump about are what makes people look for each other.
 */
export function orderTiles(people: readonly Participant[], you: string): Participant[] {
  const rank = (person: Participant): number => {
    if (person.id === you) return 1;
    if (person.role === 'moderator') return 0;
    return person.sources.includes('camera') ? 2 : 3;
  };
  return people
    .map((person, index) => ({ person, index, rank: rank(person) }))
    .sort((a, b) => a.rank - b.rank || a.index - b.index)
    .map(({ person }) => person);
}

/** Who is large and who is beside. A person pinned by hand comes before a shared screen, which stays in sight as a tile. */
export function planStage(input: StageInput): StagePlan {
  const ordered = orderTiles(input.people, input.you);
  const here = (id: string | null): id is string => id !== null && input.people.some((person) => person.id === id);
  const shared = here(input.screen) && input.screen !== input.you ? input.screen : null;
  let main: Main = null;
  if (here(input.pinned)) main = { kind: 'person', id: input.pinned };
  else if (shared !== null) main = { kind: 'screen', id: shared };
  else if (input.mode === 'speaker' && ordered.length > 1) {
    const remote = ordered.filter((person) => person.id !== input.you);
    const speaker = here(input.speaker) && input.speaker !== input.you ? input.speaker : null;
    const id = speaker ?? remote[0]?.id;
    if (id) main = { kind: 'person', id };
  }
  const others = ordered.filter((person) => !(main?.kind === 'person' && main.id === person.id));
  return { main, screen: main?.kind === 'screen' ? null : shared, others };
}

/** Keeps the large picture from flickering: a new speaker takes over only after the former one had a moment. */
export class Dominant {
  private current: string | null = null;
  private since = Number.NEGATIVE_INFINITY;

  constructor(private readonly hold = 1_500) {}

  /** `speaking` is loudest first. Returns whose turn it is. */
  update(speaking: readonly string[], you: string, now: number): string | null {
    const loudest = speaking.find((id) => id !== you);
    if (loudest === undefined) return this.current;
    if (loudest === this.current) {
      this.since = now;
    } else if (now - this.since >= this.hold || !speaking.includes(this.current ?? '')) {
      this.current = loudest;
      this.since = now;
    }
    return this.current;
  }

  forget(id: string): void {
    if (this.current === id) this.current = null;
  }
}
