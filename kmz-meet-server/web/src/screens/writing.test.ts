// @vitest-environment node
import { render } from 'svelte/server';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { Participant } from '../generated/Participant';
import { person as someone } from '../lib/signal/fakes';
import type { Signal, SignalEvents } from '../lib/signal/socket';
import type { ServerMessage } from '../generated/ServerMessage';
import { parts } from '../lib/i18n/isolate';
import Words from '../components/Words.svelte';
import Tile from '../components/conference/Tile.svelte';
import NoticeList from '../components/NoticeList.svelte';
import RoomCard from '../components/RoomCard.svelte';
import RoomSettings from '../components/RoomSettings.svelte';
import { session } from '../lib/api/session.svelte';
import { linking } from '../lib/state/linking.svelte';
import { Meeting } from '../lib/state/meeting.svelte';
import { notices } from '../lib/state/notices.svelte';
import { Ui } from '../lib/state/ui.svelte';
import { attributes, shown } from '../testing/rendered';
import Account from './Account.svelte';
import Conference from './Conference.svelte';
import PreJoin from './PreJoin.svelte';
import Rooms from './Rooms.svelte';
import Waiting from './Waiting.svelte';

/** Sentences that end in characters without a direction: these go to the wrong end when the text has none. */
const WRITINGS = {
  Arabic: 'هل قرأتم الصفحة 12؟!',
  Hebrew: 'שלום, כיתה 7 (ב)!',
  Persian: 'می‌خواهم صفحهٔ ۱۲ را بخوانم.',
};

class FakeSignal implements Signal {
  events: SignalEvents | null = null;
  open(_: unknown, events: SignalEvents): void {
    this.events = events;
  }
  send(): boolean {
    return true;
  }
  close(): void {
    this.events = null;
  }
  tell(message: ServerMessage): void {
    this.events?.message(message);
  }
}

const person = (id: string, name: string, more: Partial<Participant> = {}): Participant =>
  someone({ id, name, ...more });

/** What rendering a page needs of a browser. */
function browser(): void {
  const media = { matches: false, addEventListener: () => undefined, removeEventListener: () => undefined };
  vi.stubGlobal('screen', { width: 1366, height: 768 });
  vi.stubGlobal('devicePixelRatio', 1);
  vi.stubGlobal('matchMedia', () => media);
  vi.stubGlobal('window', globalThis);
  vi.stubGlobal('parent', globalThis);
  vi.stubGlobal('location', new URL('https://meet.example/raum'));
  vi.stubGlobal('document', { fullscreenEnabled: false });
  const storage = { getItem: () => null, setItem: () => undefined, removeItem: () => undefined };
  vi.stubGlobal('sessionStorage', storage);
  vi.stubGlobal('localStorage', storage);
  vi.stubGlobal('MediaStream', class {});
  vi.stubGlobal('HTMLMediaElement', class {});
  vi.stubGlobal('navigator', {
    mediaDevices: { addEventListener: () => undefined, removeEventListener: () => undefined },
    permissions: undefined,
  });
  vi.stubGlobal('fetch', () => new Promise(() => undefined));
}

/** A conference in which people write only this text. */
function lesson(words: string) {
  const signal = new FakeSignal();
  const peer = {
    audio: [],
    video: [],
    screen: {} as MediaStream,
    offer: () => Promise.resolve({ sdp: '', sections: { audio_slots: [], video_slots: [] } }),
    answer: () => Promise.resolve(),
    attach: () => Promise.resolve(),
    watch: () => Promise.resolve(),
    way: () => Promise.resolve('direct' as const),
    close: () => undefined,
  };
  const meeting = new Meeting('raum', signal, () => peer, null);
  meeting.join('x', null);
  const policy = {
    microphone: 'everyone',
    camera: 'everyone',
    screen: 'everyone',
    chat: 'everyone',
    door: 'knock',
    microphone_on_at_join: false,
    camera_on_at_join: false,
    simple_view: false,
    capacity: 70,
  } as const;
  const message = (id: number, from: string) =>
    ({
      id,
      from,
      name: words,
      role: 'participant',
      verified: false,
      listed: false,
      typed_name: true,
      text: words,
      at: id * 1_000_000,
    }) as const;
  signal.tell({
    type: 'joined',
    conference: 'c',
    you: 'me',
    seat: 's',
    room: {
      name: 'raum',
      title: words,
      welcome: words,
      policy,
      has_list: false,
      has_password: true,
      floor: 'a',
      speakers_only: { on: true, speaker: 'a' },
      started_at: 0,
    },
    participants: [
      person('me', words, { role: 'moderator' }),
      person('a', words, { sources: ['camera', 'screen', 'microphone'] }),
      person('b', words),
    ],
    chat: [message(1, 'a'), message(2, 'me')],
    media_kept: false,
  });
  signal.tell({ type: 'password', password: words });
  signal.tell({
    type: 'lobby_changed',
    knockers: [{ id: 'k', name: words, verified: false, listed: false, typed_name: true, suspicious: true }],
  });
  const { conference } = meeting;
  if (!conference) throw new Error('not inside');
  conference.features.chat.draft = words;
  return { meeting, conference };
}

/** Every place where it is written: in an element with a direction of its own, and nothing else in it; never with bare signs. */
function check(html: string, words: string, places: number): void {
  // Hidden text is read aloud.
  const isSeen = (tag: string): boolean => !/class="[^"]*\bhidden\b/.test(tag);
  const written = shown(html).filter(({ text, within }) => text.includes(words) && within.every(isSeen));
  expect(written.length).toBe(places);
  for (const { text, within } of written) {
    const own = within.findLast((tag) => /^<bdi|dir="auto"/.test(tag));
    expect(own, `'${text}' within ${within.slice(-2).join('')}`).toBeDefined();
    // Our words beside it would take its direction, and it would take theirs.
    const around = shown(html).filter(
      (other) => other.within.length === within.length && other.within.every((tag, at) => tag === within[at]),
    );
    expect(
      around.every((other) => other.text.trim() === words || !other.text.includes(words)),
      text,
    ).toBe(true);
  }
  for (const { text } of shown(html)) expect(text).not.toMatch(/[\u2066-\u2069\u202a-\u202e]/);
  // Its input fields take its direction as well.
  for (const [field] of html.matchAll(/<(?:input|textarea)(?=[^>]*class="input)[^>]*>/g)) {
    if (!/type="(password|number)"/.test(field)) expect(field).toContain('dir="auto"');
  }
  // This is read aloud: direction marks are noise there.
  for (const label of attributes(html, 'aria-label')) expect(label).not.toMatch(/[\u2066-\u2069]/);
}

describe.each(Object.entries(WRITINGS))('%s keeps its order', (_, words) => {
  beforeAll(async () => {
    browser();
    await linking.load();
    session.user = { id: 'u', name: words, username: words, role: 'teacher', school: { id: 's', name: words } };
    session.known = true;
  });

  const inside = (open: Partial<Pick<Ui, 'panel' | 'dialog' | 'person' | 'removing' | 'mode'>>, asked = false) => {
    const { meeting, conference } = lesson(words);
    if (asked) meeting.asked = { source: 'microphone', by: 'a' };
    return render(Conference, { props: { meeting, conference, ui: Object.assign(new Ui(), open) } });
  };

  it.each<[string, Parameters<typeof inside>, number]>([
    ['above the pictures and in the notice of the lobby', [{}], 2],
    ['in the chat: welcome, names and messages', [{ panel: 'chat' }], 8],
    ['in the lists of participants and of those who wait', [{ panel: 'people' }], 6],
    ['in the safety panel: floor and password', [{ panel: 'safety' }], 5],
    ['in the dialog of a person', [{ dialog: 'person', person: 'a' }], 5],
    ['in the question before a removal', [{ dialog: 'remove', removing: ['a', 'b'] }], 4],
    ['in a request', [{}, true], 3],
  ])('%s', (_, [open, asked], places) => check(inside(open, asked).body, words, places));

  it('on tiles', () => {
    const { meeting, conference } = lesson(words);
    const rect = { left: 0, top: 0, width: 300, height: 200 };
    for (const [id, screen] of [
      ['me', false],
      ['a', false],
      ['a', true],
    ] as const) {
      const one = conference.people.get(id);
      if (!one) throw new Error(id);
      check(render(Tile, { props: { meeting, conference, ui: new Ui(), person: one, rect, screen } }).body, words, 1);
    }
  });

  it('in the title of the window', () => {
    const { head } = inside({});
    expect(parts(/<title>(.*?)<\/title>/.exec(head)?.[1] ?? '').some((part) => part.name && part.text === words)).toBe(
      true,
    );
    const { meeting } = lesson(words);
    expect(
      parts(/<title>(.*?)<\/title>/.exec(render(PreJoin, { props: { meeting } }).head)?.[1] ?? '').some(
        (part) => part.name && part.text === words,
      ),
    ).toBe(true);
  });

  it('before a conference', () => {
    const { meeting } = lesson(words);
    check(render(PreJoin, { props: { meeting } }).body, words, 2);
    check(render(Waiting, { props: { meeting } }).body, words, 1);
  });

  it('on the pages of a teacher', () => {
    const { conference } = lesson(words);
    const room = {
      id: 'r',
      name: words,
      url: 'https://meet.example/r',
      origin: 'own' as const,
      policy: conference.room.policy,
      password: words,
      running: true,
      participants: 2,
      created_at: 0,
    };
    check(
      render(RoomCard, { props: { room, onsettings: () => undefined, onsubstitute: () => undefined } }).body,
      words,
      2,
    );
    check(
      render(RoomSettings, {
        props: { room, onclose: () => undefined, onchanged: () => undefined, ondeleted: () => undefined },
      }).body,
      words,
      1,
    );
    check(render(Rooms).body, words, 2);
    check(render(Account).body, words, 2);
  });

  it('in notices', () => {
    notices.list = [{ id: 1, text: `\u2068${words}\u2069 wartet.`, tone: 'info', stays: true }];
    check(render(NoticeList).body, words, 1);
    notices.list = [];
    check(render(Words, { props: { text: `A \u2068${words}\u2069 (2)` } }).body, words, 1);
  });
});
