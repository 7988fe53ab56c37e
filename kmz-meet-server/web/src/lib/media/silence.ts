/** What is done about silence. */
interface Told {
  /** Nothing came since the last look. */
  begins(): void;
  /** Nothing came for as long as it may be so. */
  lasts(): void;
}

/** How often it is looked whether something came, in milliseconds. */
export const LOOK_EACH = 500;

/** Tells whether anything still comes over a path that the browser doubts. It looks until it is ended, or has told that the silence lasts. */
export class Silence {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private ended = false;
  private silent = 0;

  /** `received` counts what came so far; silence of `most` milliseconds lasts. */
  constructor(
    private readonly received: () => Promise<number>,
    private readonly most: number,
    private readonly told: Told,
  ) {
    void this.look(null);
  }

  end(): void {
    this.ended = true;
    clearTimeout(this.timer);
  }

  private async look(before: number | null): Promise<void> {
    const now = await this.received().catch(() => before);
    if (this.ended) return;
    if (before !== null && now === before) {
      if (this.silent === 0) this.told.begins();
      this.silent += LOOK_EACH;
    } else {
      this.silent = 0;
    }
    if (this.silent >= this.most) {
      this.end();
      this.told.lasts();
      return;
    }
    this.timer = setTimeout(() => void this.look(now ?? 0), LOOK_EACH);
  }
}
