// @vitest-environment node
import { render } from 'svelte/server';
import { afterEach, expect, it } from 'vitest';
import type { Knocker } from '../../../generated/Knocker';
import { i18n, t, type Language } from '../../i18n/index.svelte';
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
  ...more,
});

function texts(...knockers: Knocker[]): string[] {
  const conference = { marks: () => [], room: { has_list: false } } as unknown as Conference;
  return shown(render(LobbyList, { props: { conference, knockers } }).body).map((one) => one.text);
}

afterEach(() => i18n.use('en'));

it.each([
  ['de', /falsche Passwörter.*im selben Netz.*nur hereinlassen, wen man kennt/],
  ['en', /wrong passwords.*same network.*Let in whom you know/],
] as [Language, RegExp][])(
  'whoever may be guessing passwords is marked, with what to do about it (%s)',
  async (language, words) => {
    await i18n.use(language);
    const { suspicious } = t().people;
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
