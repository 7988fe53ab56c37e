/** What is shown when no language could be loaded: the line broke while the page began. Texts of its own, therefore. */
export function showNoTexts(target: HTMLElement | null): void {
  const again = document.createElement('button');
  again.type = 'button';
  again.className = 'button';
  again.textContent = 'Noch einmal / Try again';
  again.addEventListener('click', () => location.reload());
  const text = (lang: string, words: string): HTMLElement => {
    const line = document.createElement('p');
    line.lang = lang;
    line.textContent = words;
    return line;
  };
  const main = document.createElement('main');
  main.className = 'stack card';
  main.setAttribute('role', 'alert');
  main.append(
    text('de', 'Die Seite wurde nicht ganz geladen. Bitte noch einmal versuchen.'),
    text('en', 'The page was not loaded completely. Please try again.'),
    again,
  );
  target?.replaceChildren(main);
}
