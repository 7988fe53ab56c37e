/*
 * The languages of the client, and how much is written in each. Nothing here is a text: texts are loaded with the language that
 * somebody uses. `docs/languages.md` says who wrote and reviewed them.
 */

/** Everything that pupils, parents, guests and teachers meet is written in these. */
export type Whole = 'de' | 'de-simple' | 'en';

/** What administrators, operators and the server itself write is written in these. */
export type Official = 'de' | 'en';

interface Known {
  /** As those who speak it call it. */
  name: string;
  direction: 'ltr' | 'rtl';
  /** What is official is shown in this one. */
  official: Official;
  /** In this one everything is shown that is not on the way in; of a whole language itself. */
  inside: Whole;
}

/**
 * The keys are tags of BCP 47; `simple` is a registered variant ('simplified form'). Of a language in which only the way in is
 * written, everything else is in easy German: whoever needs it is at a German school.
 */
export const LANGUAGES = {
  de: { name: 'Deutsch', direction: 'ltr', official: 'de', inside: 'de' },
  'de-simple': { name: 'Deutsch – einfach', direction: 'ltr', official: 'de', inside: 'de-simple' },
  en: { name: 'English', direction: 'ltr', official: 'en', inside: 'en' },
  ar: { name: 'العربية', direction: 'rtl', official: 'de', inside: 'de-simple' },
  ru: { name: 'Русский', direction: 'ltr', official: 'de', inside: 'de-simple' },
  tr: { name: 'Türkçe', direction: 'ltr', official: 'de', inside: 'de-simple' },
  uk: { name: 'Українська', direction: 'ltr', official: 'de', inside: 'de-simple' },
} as const satisfies Record<string, Known>;

export type Language = keyof typeof LANGUAGES;
/** A language in which only the way in is written. */
export type WayIn = Exclude<Language, Whole>;

export const ALL = Object.keys(LANGUAGES) as Language[];
export const OFFICIAL: Official[] = ['de', 'en'];

export const isWhole = (language: Language): language is Whole => LANGUAGES[language].inside === language;

/** The language of this tag: the very one, else the one that it is a kind of. */
function languageOf(tag: string, offered: readonly Language[]): Language | undefined {
  const asked = tag.toLowerCase();
  return offered.find((language) => language === asked) ?? offered.find((language) => language === asked.split('-')[0]);
}

/** `?lang=` decides, else the browser's languages in their order, else English. */
export function chooseLanguage(
  search: string,
  preferred: readonly string[],
  offered: readonly Language[] = ALL,
): Language {
  const asked = languageOf(new URLSearchParams(search).get('lang') ?? '', offered);
  if (asked) return asked;
  for (const tag of preferred) {
    const language = languageOf(tag, offered);
    if (language) return language;
  }
  return 'en';
}
