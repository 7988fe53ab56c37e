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
