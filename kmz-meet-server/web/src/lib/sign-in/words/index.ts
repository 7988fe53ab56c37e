import { i18n } from '../../i18n/index.svelte';
import type { Words } from './en';

/** The texts about signing in by a provider, in the language in use. Reactive, as `t()` is. */
export const w = i18n.area<Words>({
  de: async () => (await import('./de')).de,
  'de-simple': async () => (await import('./de-simple')).easy,
  en: async () => (await import('./en')).en,
});
