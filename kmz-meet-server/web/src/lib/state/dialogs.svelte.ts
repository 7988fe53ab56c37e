import { untrack } from 'svelte';

/** The dialogs that are open. All behind the topmost one is out of reach, for eyes, keyboards and screen readers. */
class Dialogs {
  private stack = $state.raw<readonly string[]>([]);

  /** The one above all others; `null`: the page itself is in reach. */
  get top(): string | null {
    return this.stack.at(-1) ?? null;
  }

  /** A dialog opens above the others. Gives what closes it. May be called from an effect without becoming its cause. */
  open(id: string): () => void {
    this.stack = [...untrack(() => this.stack), id];
    return () => {
      this.stack = untrack(() => this.stack).filter((one) => one !== id);
    };
  }
}

export const dialogs = new Dialogs();
