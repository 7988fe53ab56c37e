import { i18n, type Language } from '../../i18n/index.svelte';
import { de } from './de';
import { en, type Words } from './en';

export const TEXTS: Record<Language, Words> = { de, en };

/** The texts, in the language in use. Reactive, as `t()` is. */
export const w = (): Words => TEXTS[i18n.language];
