// What a page says, seen and read aloud, and whether it is in the language that it claims.
import assert from 'node:assert/strict';

/** Small words that no text of the language goes without, and that none of the others has. */
const SIGNS = {
  en: ['the', 'and', 'your', 'you', 'with', 'is', 'of', 'please', 'turn', 'sign', 'leave', 'teacher', 'again', 'try'],
  de: ['und', 'der', 'nicht', 'bitte', 'ist', 'dein', 'deine', 'oder', 'mit', 'ein', 'lehrkraft', 'warten', 'einschalten'],
};

/** Every text that can be seen or heard, outside of elements with a language of their own and of what people wrote. */
function texts() {
  const found = [];
  const isOther = (element) => element.closest('[translate=no], [lang]:not(html), script, style, option') !== null;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode())
    if (!isOther(node.parentElement)) found.push(node.textContent);
  for (const element of document.querySelectorAll('[aria-label], [title], [placeholder], [alt]'))
    if (!isOther(element))
      for (const name of ['aria-label', 'title', 'placeholder', 'alt']) found.push(element.getAttribute(name) ?? '');
  return { title: document.title, lang: document.documentElement.lang, dir: document.documentElement.dir, found };
}

/** Fails where the page has another language than `lang`, a word of `strange` languages, or no text where one belongs. */
export async function assertSpeaks(person, state, lang, strange) {
  const page = await person.page.evaluate(texts);
  assert.equal(page.lang, lang, `${state}: the page says that it is in '${page.lang}'`);
  assert.equal(page.dir, lang === 'ar' ? 'rtl' : 'ltr', `${state}: its direction`);
  const all = [page.title, ...page.found].join('\n');
  assert.ok(all.trim().length > 20, `${state}: there is no text`);
  assert.doesNotMatch(all, /\bundefined\b|\[object|\bNaN\b/, `${state}: a text is missing`);
  const words = all.toLowerCase().match(/[\p{L}]+/gu) ?? [];
  const wrong = words.filter((word) => strange.some((language) => SIGNS[language].includes(word)));
  assert.deepEqual([...new Set(wrong)], [], `${state}: words of another language`);
}
