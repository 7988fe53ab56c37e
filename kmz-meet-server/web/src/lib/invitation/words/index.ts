import { i18n, type Language } from '../../i18n/index.svelte';
import { de } from './de';
import { en, type Words } from './en';

export const WORDS: Record<Language, Words> = { de, en };

/** The texts of the dialog, in the language in use. Reactive, as `t()` is. */
export const w = (): Words => WORDS[i18n.language];
