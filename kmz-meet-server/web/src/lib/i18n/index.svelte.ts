import { untrack } from 'svelte';
import type { Messages } from './en';
import type { Joining } from './joining';
import { ALL, isWhole, LANGUAGES, type Language, type Official, type Whole, type WayIn } from './languages';

export type { Messages } from './en';
export { chooseLanguage, LANGUAGES, OFFICIAL, type Language } from './languages';

/** One download for each language: nobody loads one that is not theirs. */
const WHOLE: Record<Whole, () => Promise<Messages>> = {
  de: async () => (await import('./de')).de,
  'de-simple': async () => (await import('./de-simple')).easy,
  en: async () => (await import('./en')).en,
};

const WAY_IN: Record<WayIn, () => Promise<Joining>> = {
  ar: async () => (await import('./ar')).ar,
  ru: async () => (await import('./ru')).ru,
  tr: async () => (await import('./tr')).tr,
  uk: async () => (await import('./uk')).uk,
};

/** Texts that come with a part of the client, such as the self test. A language that has none of its own names another. */
export type Sources<T> = Record<Whole, () => Promise<T>> & Partial<Record<WayIn, () => Promise<T>>>;

/** Reactive, as `t()` is. */
export interface Texts<T> {
  (): T;
  /** The texts of another language than that of the page. */
  in(language: Whole): Promise<T>;
}

interface Area {
  load(language: Language): Promise<void>;
}

class I18n {
  #chosen = $state<Language>('en');
  #texts = $state.raw<Partial<Record<Language, Messages>>>({});
  /** How many parts of the page are written in whole languages only. */
  #whole = $state(0);
  #areas: Area[] = [];
  /** The languages that this page offers. */
  offered = $state.raw<readonly Language[]>(ALL);

  /** In which language the page is now: not the chosen one where that ends at the door. */
  get language(): Language {
    return this.#whole > 0 ? LANGUAGES[this.#chosen].inside : this.#chosen;
  }

  /** For links to other pages, and for addresses. */
  get chosen(): Language {
    return this.#chosen;
  }

  /** For what there is in German and English only. */
  get official(): Official {
    return LANGUAGES[this.#chosen].official;
  }

  get direction(): 'ltr' | 'rtl' {
    return LANGUAGES[this.language].direction;
  }

  /** What somebody can choose here. */
  get choices(): Language[] {
    return this.offered.filter((language) => this.#whole === 0 || isWhole(language));
  }

  get t(): Messages {
    const texts = this.#texts[this.language];
    if (!texts) throw new Error(`the texts of '${this.language}' are not loaded`);
    return texts;
  }

  /**
   * Loads a language, then changes to it: the page never has two.
   *
   * @throws what the import throws; the language stays as it was
   */
  async use(language: Language): Promise<void> {
    await this.#load(language);
    await Promise.all(this.#areas.map((area) => area.load(language)));
    this.#chosen = language;
  }

  async #load(language: Language): Promise<void> {
    if (this.#texts[language]) return;
    if (isWhole(language)) {
      const texts = await WHOLE[language]();
      this.#texts = { ...this.#texts, [language]: texts };
    } else {
      const { inside } = LANGUAGES[language];
      const [joining] = await Promise.all([WAY_IN[language](), this.#load(inside)]);
      this.#texts = { ...this.#texts, [language]: { ...this.#texts[inside], ...joining } as Messages };
    }
  }

  /** What a part of the client needs, once it is loaded itself: `await withTexts(import('./screens/SelfTest.svelte'))`. */
  async withTexts<T>(part: Promise<T>): Promise<T> {
    const loaded = await part;
    await Promise.all(this.#areas.map((area) => area.load(this.#chosen)));
    return loaded;
  }

  /** Texts of a part of the client. */
  area<T extends object>(sources: Sources<T>): Texts<T> {
    let texts = $state.raw<Partial<Record<Language, T>>>({});
    const load = async (language: Language): Promise<void> => {
      const wanted = new Set([language, LANGUAGES[language].inside]);
      for (const one of wanted) {
        const source = texts[one] ? undefined : sources[one];
        if (source) texts = { ...texts, [one]: await source() };
      }
    };
    this.#areas.push({ load });
    const get = (): T => {
      const found = texts[this.language] ?? texts[LANGUAGES[this.language].inside];
      if (!found) throw new Error(`texts of a part of the page are not loaded in '${this.language}'`);
      return found;
    };
    return Object.assign(get, { in: (language: Whole) => sources[language]() });
  }

  /** For the script of a screen that is no part of the way in: as long as it is there, the page is in a whole language. */
  onlyWhole(): void {
    $effect.pre(() => this.holdWhole());
  }

  /** Answers how to let go. */
  holdWhole(): () => void {
    untrack(() => (this.#whole += 1));
    return () => {
      this.#whole -= 1;
    };
  }

  /** Keeps the document's language and direction, for screen readers and the order of everything. */
  follow(root: HTMLElement): void {
    $effect.root(() => {
      $effect.pre(() => {
        root.lang = this.language;
        root.dir = this.direction;
      });
    });
  }

  time(at: number): string {
    return new Intl.DateTimeFormat(this.language, { hour: '2-digit', minute: '2-digit' }).format(at);
  }
}

export const i18n = new I18n();

/** The texts of the language in use. Reactive: components that call it change with the language. */
export const t = (): Messages => i18n.t;

export const withTexts = <T>(part: Promise<T>): Promise<T> => i18n.withTexts(part);
