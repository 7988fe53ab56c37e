// Firefox looks for a name by asking its accessibility tree about every element of the page, and paints anew for each that is
// not in it, such as the lines of an icon: half a second and more for one button. So the page says first which elements
// may be meant, and the browser is asked about these alone. What counts stays what the browser takes for role and name.
import { setTimeout as sleep } from 'node:timers/promises';

const POLL = 50;
/** How long one element is tried, which a page may replace meanwhile. */
const ONE_TRY = 3_000;

/** The `nth` element that may have this role, and whose texts have this name in them. Runs in the page. */
function mayBe(name, role, nth) {
  const having = { button: 'button, summary, input', link: 'a[href]', textbox: 'input, textarea, [contenteditable]' };
  const flat = (text) => (text ?? '').replace(/\s+/g, ' ');
  const texts = (one) => [
    one.textContent,
    ...['aria-label', 'title', 'placeholder', 'value'].map((attribute) => one.getAttribute(attribute)),
    ...(one.getAttribute('aria-labelledby') ?? '').split(/\s+/).map((id) => id && document.getElementById(id)?.textContent),
    ...[...(one.labels ?? [])].map((label) => label.textContent),
  ];
  const all = document.querySelectorAll(`${having[role] ?? '*'}, [role="${role}"]`);
  return [...all].filter((one) => texts(one).some((text) => flat(text).includes(flat(name))))[nth] ?? null;
}

/** A locator of the element with this role and accessible name, in a page or a frame of it. */
export function locate(place, kind, name, role, patience) {
  if (kind === 'firefox') return new Named(place, name, role, patience);
  return place.locator(`aria/${name}[role="${role}"]`).setTimeout(patience);
}

/** Whether there is such an element now. To say that there is none, ask the browser about all elements. */
export async function sees(place, kind, name, role) {
  const found = await (kind === 'firefox' ? new Named(place, name, role, 0).look() : place.$(`aria/${name}[role="${role}"]`));
  await found?.dispose();
  return found !== null;
}

/** What the stories use of a locator of Puppeteer, for Firefox. */
class Named {
  constructor(place, name, role, patience) {
    Object.assign(this, { place, name, role, patience });
  }

  /** Null if there is none now. */
  async look() {
    for (let nth = 0; ; nth += 1) {
      const element = (await this.place.evaluateHandle(mayBe, this.name, this.role, nth)).asElement();
      if (!element) return null;
      // The element itself counts, too.
      const found = await element.$(`aria/${this.name}[role="${this.role}"]`);
      if (found) return found;
    }
  }

  async #until(act) {
    const end = performance.now() + this.patience;
    let why;
    while (performance.now() < end) {
      try {
        const found = await this.look();
        if (found) return await act(found.asLocator().setTimeout(ONE_TRY), found);
      } catch (error) {
        // The page may be going to another one, or may just have replaced the element.
        why = error;
      }
      await sleep(POLL);
    }
    throw new Error(`no ${this.role} with the name '${this.name}' within ${this.patience} ms`, { cause: why });
  }

  wait() {
    return this.#until((_, found) => found.dispose());
  }

  click() {
    return this.#until((locator) => locator.click());
  }

  fill(text) {
    return this.#until((locator) => locator.fill(text));
  }
}
