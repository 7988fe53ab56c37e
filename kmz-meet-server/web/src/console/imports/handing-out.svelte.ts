/** What one step did. */
export interface Step<Place> {
  /** Mails, or files of letters. */
  count: number;
  /** How many got none, though they have no password. */
  leftOut: number;
  /** Where the next step begins; `undefined`: all were looked at. */
  next: Place | undefined;
}

/**
 * Links are handed out in steps, until all of a list were looked at. Where a step fails, the next try goes on there: from the
 * beginning it would make those links void that were handed out already.
 */
export class HandingOut<Place> {
  private after = $state.raw<Place | undefined>();
  private count = 0;
  private leftOut = 0;

  /** Whether some were handed out, and others were not looked at. */
  get isHalfway(): boolean {
    return this.after !== undefined;
  }

  /** Goes on to the end. What was handed out by all tries together, it says; after that it begins anew. */
  async goOn(
    step: (after: Place | undefined, soFar: number) => Promise<Step<Place>>,
  ): Promise<{ count: number; leftOut: number }> {
    do {
      const { count, leftOut, next } = await step(this.after, this.count);
      this.count += count;
      this.leftOut += leftOut;
      this.after = next;
    } while (this.isHalfway);
    const { count, leftOut } = this;
    this.count = this.leftOut = 0;
    return { count, leftOut };
  }
}
