import { problemText } from './problem';

/** What an area shows of the server: read at once, and again after each change. */
export class Loaded<T> {
  data = $state.raw<T | null>(null);
  problem = $state<string | null>(null);
  /** When it was read. */
  at = $state(0);
  private turn = 0;

  constructor(private readonly read: () => Promise<T>) {
    void this.again();
  }

  async again(): Promise<void> {
    const turn = ++this.turn;
    try {
      const data = await this.read();
      if (turn !== this.turn) return;
      this.data = data;
      this.at = Date.now();
      this.problem = null;
    } catch (error) {
      if (turn === this.turn) this.problem = problemText(error);
    }
  }
}

/** Pages that are read of one list at most: more than a county has of anything. */
const MAX_PAGES = 20;

/** All pages of a list. */
export async function allOf<Row>(
  read: (after: string | undefined) => Promise<{ rows: Row[]; next: string | undefined }>,
): Promise<Row[]> {
  const all: Row[] = [];
  let after: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { rows, next } = await read(after);
    all.push(...rows);
    if (next === undefined) break;
    after = next;
  }
  return all;
}
