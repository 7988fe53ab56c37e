import { tick } from 'svelte';

/**
 * Keeps in sight what the keyboard goes to (WCAG 2.2, 2.4.11). Firefox does not scroll to a control of which a part can be
 * seen already, be it the upper edge.
 */
export function keepFocusInSight(page: Pick<Document, 'addEventListener'>): void {
  page.addEventListener('focusin', (event) => {
    const focused = event.target;
    // A pointer is where it presses already: nothing must move under it.
    if (focused instanceof Element && focused.matches(':focus-visible'))
      focused.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  });
}

/**
 * For what goes away while the keyboard may be in it, such as a banner. The focus would be nowhere then, and the next Tab
 * would begin at the top (WCAG 2.2, 2.4.3): it goes back to where it came from, else to the main part of the page.
 * @param next where it goes instead, if that is there
 */
export function returnsFocus(
  element: HTMLElement,
  next: () => HTMLElement | null | undefined = () => null,
): { destroy(): void } {
  let inside = false;
  let before: HTMLElement | null = null;
  const came = ({ relatedTarget: from }: FocusEvent): void => {
    if (from instanceof Node && element.contains(from)) return;
    inside = true;
    before = from instanceof HTMLElement ? from : null;
  };
  const went = ({ relatedTarget: to }: FocusEvent): void => {
    if (to instanceof Node) inside = element.contains(to);
    // To nowhere: by a press beside it, or because it is being taken away. That is known when this event is over.
    else queueMicrotask(() => (inside &&= !element.isConnected || element.contains(document.activeElement)));
  };
  element.addEventListener('focusin', came);
  element.addEventListener('focusout', went);
  return {
    destroy() {
      if (!inside) return;
      // What comes in its place may have taken the focus by then.
      void tick().then(() => {
        for (const place of [next(), before, document.querySelector('main')]) {
          const now = document.activeElement;
          if (now !== null && now !== document.body) return;
          if (place?.isConnected) place.focus();
        }
      });
    },
  };
}
