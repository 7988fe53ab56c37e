import { tick } from 'svelte';
import { fieldOf, problemText } from './problem';
import { unfinished } from './unfinished';

/** What goes wrong in a form stands at its field, and that field takes the focus. */
export class Form {
  busy = $state(false);
  /** What concerns no field of this form. */
  problem = $state<string | null>(null);
  /** By the name that the server has for the field. */
  errors = $state.raw<Record<string, string>>({});

  /**
   * @param id the beginning of the ids of the fields
   * @param fields what may be wrong with a field, in words: by the name that the server has for it
   */
  constructor(
    private readonly id: string,
    private readonly fields: () => Record<string, string>,
  ) {}

  /** Refuses before anything is sent: the first of these fields that has a problem takes the focus. */
  async refuse(errors: Record<string, string>): Promise<void> {
    this.problem = null;
    this.errors = errors;
    await this.focus(Object.keys(errors)[0]);
  }

  /** Sends; says whether it was done. What is only half typed is refused before. */
  async send(request: () => Promise<unknown>): Promise<boolean> {
    if (this.busy) return false;
    const half = unfinished(this.fields(), (name) => this.control(name) as HTMLInputElement | null);
    if (Object.keys(half).length > 0) {
      await this.refuse(half);
      return false;
    }
    this.busy = true;
    this.problem = null;
    this.errors = {};
    try {
      await request();
      return true;
    } catch (error) {
      const field = fieldOf(error);
      const words = field === null ? undefined : this.fields()[field];
      if (field === null || words === undefined) this.problem = problemText(error);
      else this.errors = { [field]: words };
      this.busy = false;
      await this.focus(words === undefined ? undefined : (field ?? undefined));
      return false;
    } finally {
      this.busy = false;
    }
  }

  private async focus(field: string | undefined): Promise<void> {
    if (field === undefined) return;
    await tick();
    this.control(field)?.focus();
  }

  private control(field: string): HTMLElement | null {
    return document.getElementById(`${this.id}-${field}`);
  }
}
