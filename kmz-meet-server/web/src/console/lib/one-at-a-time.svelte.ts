/** Does one thing at a time: a press of a button while another one is under way does nothing. */
export class OneAtATime {
  busy = $state(false);

  /** What it comes to, `what` itself has to keep. */
  async run(what: () => Promise<unknown>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      await what();
    } finally {
      this.busy = false;
    }
  }
}
