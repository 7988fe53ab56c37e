// @vitest-environment node
import { render } from 'svelte/server';
import { afterEach, expect, it } from 'vitest';
import type { Knocker } from '../../../generated/Knocker';
import { i18n, LANGUAGES, type Language } from '../../i18n/index.svelte';
import type { Conference } from '../../state/conference.svelte';
import { shown } from '../../../testing/rendered';
import LobbyList from './LobbyList.svelte';

const knocker = (more: Partial<Knocker>): Knocker => ({
  id: 'k',
  name: 'Kim',
  verified: false,
  listed: false,
  typed_name: true,
  suspicious: false,
  resembles_pupil: false,
  ...more,
});

function texts(...knockers: Knocker[]): string[] {
  const lookAlikes = { of: () => undefined };
  const conference = { marks: () => [], knowsClass: false, features: { lookAlikes } } as unknown as Conference;
  return shown(render(LobbyList, { props: { conference, knockers } }).body).map((one) => one.text);
}

afterEach(() => (i18n.language = 'en'));

it.each(['de', 'en'] as const)(
  'whoever uses a card a second time, or a pupil’s name without a card, is marked (%s)',
  (language) => {
    i18n.language = language;
    const { secondUse, resembles } = LANGUAGES[language].people;
    expect(texts(knocker({ second_use: 'Kim' }))).toContain(secondUse);
    expect(texts(knocker({ resembles_pupil: true }))).toContain(resembles);
    expect(texts(knocker({}))).not.toContain(secondUse);
    expect(texts(knocker({}))).not.toContain(resembles);
  },
);

it.each([
  ['de', /falsche Passwörter.*im selben Netz.*nur hereinlassen, wen man kennt/],
  ['en', /wrong passwords.*same network.*Let in whom you know/],
] as [Language, RegExp][])(
  'whoever may be guessing passwords is marked, with what to do about it (%s)',
  (language, words) => {
    i18n.language = language;
    const { suspicious } = LANGUAGES[language].people;
    expect(suspicious).toMatch(words);
    expect(texts(knocker({ suspicious: true }))).toContain(suspicious);
    expect(texts(knocker({}))).not.toContain(suspicious);
    // Each for themselves.
    expect(
      texts(knocker({ suspicious: true }), knocker({ id: 'l' }), knocker({ id: 'm' })).filter(
        (text) => text === suspicious,
      ),
    ).toHaveLength(1);
  },
);
