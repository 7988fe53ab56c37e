import { i18n } from '../../lib/i18n/index.svelte';

/** Texts in both languages; the German ones come first and say which there are. */
export interface Both<T> {
  de: T;
  en: T;
}

/** The texts in the language in use. Reactive: what calls it in a component changes with the language. */
export function words<T extends object>(both: Both<T>): () => T {
  return () => both[i18n.official];
}
