import { describe, expect, it } from 'vitest';
import { invitation } from '../state/invitation';
import { ar } from './ar';
import { de } from './de';
import { easy } from './de-simple';
import { en, type Messages } from './en';
import { chooseLanguage, i18n, t } from './index.svelte';
import { JOINING } from './joining';
import { ALL, OFFICIAL } from './languages';
import { ru } from './ru';
import { tr } from './tr';
import { uk } from './uk';

const WHOLE = [
  ['de', de],
  ['de-simple', easy],
  ['en', en],
] as const;
const PARTIAL = [
  ['ar', ar],
  ['ru', ru],
  ['tr', tr],
  ['uk', uk],
] as const;

/** Every text with its path; functions are called with sample arguments. */
function texts(value: unknown, path = ''): [string, string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value === 'function') {
    const names = /^\.(live|person\.removeTitle)/.test(path);
    const result: unknown = names
      ? (value as (n: string[]) => string)(['Anna', 'Ben'])
      : (value as (a: unknown, b: unknown) => string)(3, 4);
    return [[path, String(result)]];
  }
  return Object.entries(value as Record<string, unknown>).flatMap(([key, inner]) => texts(inner, `${path}.${key}`));
}

describe('texts', () => {
  const names = (messages: object): string[] => texts(messages).map(([path]) => path);

  it.each(WHOLE)('%s: exist under the names of English', (_, messages) => {
    expect(names(messages)).toEqual(names(en));
  });

  it.each(PARTIAL)('%s: the way in exists under the names of English, and nothing else', (_, messages) => {
    expect(names(messages).sort()).toEqual(names(Object.fromEntries(JOINING.map((key) => [key, en[key]]))).sort());
  });

  it.each([...WHOLE, ...PARTIAL])('%s: none is empty or broken', (_, messages) => {
    for (const [path, text] of texts(messages)) {
      expect(text.trim(), path).not.toBe('');
      expect(text, path).not.toMatch(/undefined|NaN|\[object/);
    }
  });

  it('keep the accessible names that others rely on', () => {
    expect([en.preJoin.name, en.preJoin.join, en.media.microphoneOn, en.media.microphoneOff]).toEqual([
      'Your name',
      'Join',
      'Turn on microphone',
      'Turn off microphone',
    ]);
    expect([en.media.cameraOn, en.media.cameraOff, en.bar.share, en.bar.shareStop]).toEqual([
      'Turn on camera',
      'Turn off camera',
      'Share screen',
      'Stop sharing',
    ]);
    expect([en.bar.handUp, en.bar.handDown, en.bar.chat, en.bar.people, en.bar.leave]).toEqual([
      'Raise hand',
      'Lower hand',
      'Chat',
      'Participants',
      'Leave',
    ]);
    expect([en.chat.message, en.chat.send, en.signIn.user, en.signIn.password, en.signIn.submit]).toEqual([
      'Message',
      'Send',
      'User name',
      'Password',
      'Sign in',
    ]);
  });
});

/** Every other button of the conference, and of what opens over it. */
function others(m: Messages): string[] {
  const { stage, people, person, safety, more, leave, asked, door, bar, frame, chat } = m;
  const actions = Object.entries(person)
    .filter(([key]) => !/^(removeTitle|removeText)$/.test(key))
    .map(([, text]) => (typeof text === 'function' ? (text as (who: unknown) => string)('Ida') : text));
  return [
    m.close,
    m.cancel,
    stage.screenLarge('Ida'),
    stage.sharingEnd,
    stage.next,
    stage.previous,
    stage.options('Ida'),
    stage.sound,
    people.look,
    people.admit,
    people.admitName('Ida'),
    people.refuse,
    people.refuseName('Ida'),
    people.admitAll,
    people.refuseAll,
    people.lowerAll,
    people.select,
    people.selectDone,
    people.removeUnlisted,
    people.removeNewcomers,
    people.invite,
    ...actions,
    safety.muteAll,
    safety.camerasOff,
    safety.stop,
    safety.release,
    safety.passwordSet,
    safety.passwordClear,
    safety.end,
    more.devices,
    more.fullScreen,
    more.fullScreenLeave,
    leave.justLeave,
    leave.end,
    leave.endYes,
    leave.stay,
    asked.yes,
    asked.no,
    door.close,
    door.reopen,
    m.dismiss,
    bar.safety,
    bar.more,
    frame.open,
    chat.newBelow,
  ];
}

describe('names of the conference’s buttons', () => {
  it.each(WHOLE)('%s: are found by a part of them, and nothing else is', (_, m) => {
    const promised = [
      m.media.microphoneOn,
      m.media.microphoneOff,
      m.media.cameraOn,
      m.media.cameraOff,
      m.bar.share,
      m.bar.shareStop,
      m.bar.handUp,
      m.bar.handDown,
      m.bar.chat,
      m.bar.people,
      m.bar.leave,
      m.chat.send,
    ];
    const has = (name: string, part: string): boolean => name.toLowerCase().includes(part.toLowerCase());
    for (const name of promised)
      expect(
        [...promised, ...others(m)].filter((one) => has(one, name)),
        name,
      ).toEqual([name]);
    expect(has(m.chat.label, m.chat.message)).toBe(false);
  });
});

describe('language', () => {
  it('is the one in the address, else the one that the browser prefers', () => {
    expect(chooseLanguage('?lang=en', ['de-DE'])).toBe('en');
    expect(chooseLanguage('?lang=xx', ['fr', 'de-CH', 'en'])).toBe('de');
    expect(chooseLanguage('', ['fr'])).toBe('en');
  });

  it('of a kind that is not written is the one that it is a kind of', () => {
    expect(chooseLanguage('?lang=de-simple', ['en'])).toBe('de-simple');
    expect(chooseLanguage('', ['de-simple', 'de'])).toBe('de-simple');
    expect(chooseLanguage('', ['TR-tr', 'en'])).toBe('tr');
    expect(chooseLanguage('?lang=de-simple', ['en'], OFFICIAL)).toBe('de');
    expect(chooseLanguage('?lang=ar', ['uk', 'de'], OFFICIAL)).toBe('de');
  });

  it('has a tag that is well-formed and canonical', () => {
    for (const language of ALL) expect(Intl.getCanonicalLocales(language)).toEqual([language]);
  });

  it.each(PARTIAL)('%s ends at the door: inside, everything is in easy German', async (language, messages) => {
    await i18n.use(language);
    expect([t().home.title, i18n.language, i18n.official]).toEqual([messages.home.title, language, 'de']);
    expect(i18n.direction).toBe(language === 'ar' ? 'rtl' : 'ltr');
    expect(i18n.choices).toContain('uk');
    const letGo = i18n.holdWhole();
    expect([t().home.title, t().chat.title, i18n.language]).toEqual([easy.home.title, easy.chat.title, 'de-simple']);
    expect(i18n.direction).toBe('ltr');
    expect(i18n.choices).toEqual(['de', 'de-simple', 'en']);
    letGo();
    expect([i18n.language, i18n.chosen]).toEqual([language, language]);
    await i18n.use('en');
  });

  it('that does not load leaves the former one in use', async () => {
    const area = i18n.area<{ a: string }>({
      de: () => Promise.reject(new TypeError('offline')),
      'de-simple': () => Promise.resolve({ a: 'leicht' }),
      en: () => Promise.resolve({ a: 'easy' }),
    });
    await i18n.use('en');
    expect(area().a).toBe('easy');
    await expect(i18n.use('de')).rejects.toThrow('offline');
    expect([i18n.language, area().a, t().cancel]).toEqual(['en', 'easy', en.cancel]);
    await i18n.use('tr');
    // A part that has no texts of this language says so by its type, and shows those of the door.
    expect(area().a).toBe('leicht');
    await i18n.use('en');
  });
});

describe('invitation', () => {
  it('has the link, the password and the rule', () => {
    expect(invitation(de, 'https://meet.example/mutiger-dachs', 'Sonne 7')).toBe(
      'Einladung zur Videokonferenz\nhttps://meet.example/mutiger-dachs\nPasswort: Sonne 7\n' +
        'Bitte mit stummgeschaltetem Mikrofon und abgeschalteter Kamera beitreten.',
    );
    expect(invitation(en, 'https://x.example/r', null)).toContain('Password: none needed');
  });
});
