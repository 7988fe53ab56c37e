import { describe, expect, it } from 'vitest';
import { hard, sentences } from '../../testing/easy-language';
import { easy as account } from '../account/words/de-simple';
import { easy as request } from '../request/words/de-simple';
import { easy as selfTest } from '../self-test/words/de-simple';
import { easy as signIn } from '../sign-in/words/de-simple';
import { easy as substitute } from '../substitute/words/de-simple';
import { easy } from './de-simple';

/** Foreign words that stay, each for a reason. */
const KNOWN: Record<string, string> = {
  Chat: 'what children call it; the empty chat explains it',
  Link: 'stands so in every invitation, and there is no other word for it',
  Links: 'as Link',
  Browser: 'the page names Firefox and the others beside it',
  Server: 'a word that children hear; where something does not answer, it has to have a name',
  Video: 'as common as a German word',
  Code: 'as common as a German word',
  WLAN: 'what is written on the device',
  Laptop: 'an example for a name that people give a device',
  PIN: 'what is written on the device',
  App: 'what it is called in every shop for telephones',
  Authenticator: 'part of the name of such an app, under which it is found',
  Passkey: 'what browsers call it in their own dialogs; the page explains it',
  Passkeys: 'as Passkey',
  Spam: 'what is written on the folder',
  Port: 'for the technician who is called to help, beside a sentence without it',
};

/** Texts that may break a rule, each for a reason. */
const EXCEPTIONS: Record<string, string> = {
  '.media.system': 'the path through the menus of a system, word by word as it stands there',
  '.media.screenSystem': 'as above',
  '.you': 'a mark behind the name of a person, not a sentence',
};

/** Every text with its path; functions are called with sample arguments. */
function texts(value: unknown, path = ''): [string, string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value === 'function') {
    const names = /^\.(live|person\.removeTitle)/.test(path);
    const call = value as (...given: unknown[]) => string;
    return names
      ? [
          [path, call(['Anna'])],
          [path, call(['Anna', 'Ben'])],
        ]
      : [
          [path, call(1, 1, 1)],
          [path, call(3, 4, 5)],
          [path, call('', 0, 0)],
        ];
  }
  return Object.entries(value as Record<string, unknown>).flatMap(([key, inner]) => texts(inner, `${path}.${key}`));
}

/** What the network's people read: their note stays as it is. */
const own = ({ note: { button, print, back, title, languageHint }, ...rest }: typeof selfTest) => ({
  ...rest,
  note: { button, print, back, title, languageHint },
});

const ALL = { easy, account, request, selfTest: own(selfTest), signIn, substitute };

const isKnown = (found: string): boolean => {
  const word = /^the foreign word '(.+)'$/.exec(found)?.[1];
  return word !== undefined && word in KNOWN;
};

describe('easy German', () => {
  it.each(Object.entries(ALL))('%s: no text is hard', (_, area) => {
    const found = texts(area).flatMap(([path, text]) =>
      path in EXCEPTIONS
        ? []
        : hard(text)
            .filter((one) => !isKnown(one))
            .map((one) => `${path}: ${one}`),
    );
    expect(found).toEqual([]);
  });

  it('has no exception that nobody needs', () => {
    const all = Object.values(ALL).flatMap((area) => texts(area));
    for (const path of Object.keys(EXCEPTIONS))
      expect(
        all.some(([at, text]) => at === path && hard(text).some((one) => !isKnown(one))),
        path,
      ).toBe(true);
    for (const word of Object.keys(KNOWN))
      expect(
        all.some(([, text]) => hard(text).includes(`the foreign word '${word}'`)),
        word,
      ).toBe(true);
  });

  it('says du to whoever learns and Sie to whoever teaches, never both in one text', () => {
    const mixed = Object.values(ALL)
      .flatMap((area) => texts(area))
      .filter(
        ([, text]) =>
          /\b([Dd]u|[Dd]ich|[Dd]ir|[Dd]eine?[mnrs]?)\b/.test(text) &&
          /\b(Sie|Ihnen|Ihre?[mnrs]?)\b(?! (kommt|muss|kann))/.test(text),
      );
    expect(mixed.filter(([, text]) => !/(\.|:|^) ?(Sie|Ihr)\b/.test(text))).toEqual([]);
  });

  it('is counted in sentences of at most twelve words, seven on average', () => {
    const lengths = Object.values(ALL)
      .flatMap((area) => texts(area))
      .filter(([path]) => !(path in EXCEPTIONS))
      .flatMap(([, text]) => sentences(text).map((one) => one.split(/\s+/).length));
    expect(lengths.reduce((sum, one) => sum + one, 0) / lengths.length).toBeLessThan(7);
  });
});

describe('the checker', () => {
  it.each([
    ['Wir lassen dich herein, sobald die Lehrkraft da ist.', /comma/],
    ['Sag uns bitte ob es geht.', /conjunction 'ob'/],
    ['Das ist der Name des Raums.', /genitive/],
    ['Das ist die Liste der Lehrkräfte.', /genitive/],
    ['Das könnte klappen.', /subjunctive/],
    ['Du wirst hereingelassen.', /passive/],
    ['Deine Einstellungsmöglichkeiten stehen hier.', /long word/],
    ['Das Meeting beginnt.', /foreign word 'Meeting'/],
    ['Ein sehr langer Satz hat mehr Wörter als ein Kind sich merken kann heute.', /14 words/],
    ['Das geht (vielleicht).', /sign/],
  ])('finds what is hard in: %s', (text, what) => expect(hard(text).join('\n')).toMatch(what));

  it('finds nothing in an easy text', () => {
    expect(hard('Bitte warte einen Moment. Sag der Lehrkraft: Ich bin da.')).toEqual([]);
  });
});
