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

/**
 * All pages of a list, however many. The server bounds how much there is of anything.
 *
 * @throws {Error} when a page leads to itself
 */
export async function allOf<Row>(
  read: (after: string | undefined) => Promise<{ rows: Row[]; next: string | undefined }>,
): Promise<Row[]> {
  const all: Row[] = [];
  let after: string | undefined;
  for (;;) {
    const { rows, next } = await read(after);
    all.push(...rows);
    if (next === undefined) return all;
    if (next === after) throw new Error(`the page after ${next} leads to itself`);
    after = next;
  }
}
