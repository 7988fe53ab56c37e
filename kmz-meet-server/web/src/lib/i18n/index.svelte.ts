import { de } from './de';
import { en, type Messages } from './en';

export type { Messages } from './en';
export type Language = 'de' | 'en';

/** Every language that the client speaks. */
export const LANGUAGES: Record<Language, Messages> = { de, en };

/** `?lang=` decides, else the browser's languages in their order, else English. */
export function chooseLanguage(search: string, preferred: readonly string[]): Language {
  const known = (tag: string | null): Language | undefined =>
    (Object.keys(LANGUAGES) as Language[]).find((language) => tag?.toLowerCase().split('-')[0] === language);
  const asked = known(new URLSearchParams(search).get('lang'));
  if (asked) return asked;
  for (const tag of preferred) {
    const language = known(tag);
    if (language) return language;
  }
  return 'en';
}

class I18n {
  language = $state<Language>('en');

  get t(): Messages {
    return LANGUAGES[this.language];
  }

  /** Also tells the document, so that screen readers pronounce it right. */
  use(language: Language): void {
    this.language = language;
    document.documentElement.lang = language;
  }

  time(at: number): string {
    return new Intl.DateTimeFormat(this.language, { hour: '2-digit', minute: '2-digit' }).format(at);
  }
}

export const i18n = new I18n();

/** The texts of the language in use. Reactive: components that call it change with the language. */
export const t = (): Messages => i18n.t;
