import { i18n } from '../../../lib/i18n/index.svelte';
import { de } from './de';
import { en, type Words } from './en';

export const TEXTS: Record<'de' | 'en', Words> = { de, en };

/** The texts of sealed lists, in the language in use. Reactive, as `t()` is. */
export const w = (): Words => TEXTS[i18n.official];
