import type { Conference } from './conference.svelte';

/*
 * The pupil's view: few large buttons with pictures. A link asks for it (`?view=simple`), the room asks for it, or the person
 * at this browser does. What they chose themselves holds, in both directions: nobody is kept in a view that does not help.
 */
const KEY = 'kmz-meet.view';
type Choice = 'simple' | 'normal';

/** Where the browser stores nothing, as long as the page is open. */
let held: string | null = null;

function read(): Choice | null {
  try {
    held = localStorage.getItem(KEY) ?? held;
  } catch {
    // see above
  }
  return held === 'simple' || held === 'normal' ? held : null;
}

/** Whether a link asks for it. */
export const asksForSimple = (search: string): boolean => new URLSearchParams(search).get('view') === 'simple';

class View {
  #own = $state<Choice | null>(read());
  #linked = $state(false);

  /** Whether the link of this page asks for it. */
  arrive(search: string): void {
    this.#linked ||= asksForSimple(search);
  }

  /** Before the room is known. */
  get simple(): boolean {
    return this.#own === null ? this.#linked : this.#own === 'simple';
  }

  /** In the room. Moderators have buttons that this view does not have. */
  isSimpleIn(conference: Pick<Conference, 'isModerator' | 'room'>): boolean {
    if (conference.isModerator) return false;
    return this.#own === null ? this.#linked || conference.room.policy.simple_view : this.#own === 'simple';
  }

  choose(simple: boolean): void {
    this.#own = simple ? 'simple' : 'normal';
    held = this.#own;
    try {
      localStorage.setItem(KEY, held);
    } catch {
      // see above
    }
  }
}

export const view = new View();
