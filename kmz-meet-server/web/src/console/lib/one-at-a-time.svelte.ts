/** Does one thing at a time: a press of a button while another one is under way does nothing. */
export class OneAtATime {
  busy = $state(false);

  /** Says what it came to; `undefined`: something else is under way. */
  async run<T>(what: () => Promise<T>): Promise<T | undefined> {
    if (this.busy) return undefined;
    this.busy = true;
    try {
      return await what();
    } finally {
      this.busy = false;
    }
  }
}
