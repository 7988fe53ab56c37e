/** A question before something that cannot be taken back. */
export interface Question {
  title: string;
  /** What is lost, in words. */
  loses: string;
  /** The button that does it: what it does, never 'yes'. */
  action: string;
}

class Confirming {
  question = $state.raw<Question | null>(null);
  private answer: (sure: boolean) => void = () => {};

  /** Asks once. */
  ask(question: Question): Promise<boolean> {
    this.answer(false);
    this.question = question;
    return new Promise((resolve) => (this.answer = resolve));
  }

  say(sure: boolean): void {
    this.question = null;
    const { answer } = this;
    this.answer = () => {};
    answer(sure);
  }
}

export const confirming = new Confirming();
