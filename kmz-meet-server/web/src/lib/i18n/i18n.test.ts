import { describe, expect, it } from 'vitest';
import { de } from './de';
import { en, type Messages } from './en';
import { chooseLanguage } from './index.svelte';

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
  it('exist in both languages, under the same names', () => {
    expect(texts(de).map(([path]) => path)).toEqual(texts(en).map(([path]) => path));
  });

  it.each([
    ['de', de],
    ['en', en],
  ] as const)('%s: none is empty or broken', (_, messages) => {
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
  const { stage, people, person, safety, more, leave, asked, door, notice, bar, frame, chat } = m;
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
    notice.dismiss,
    bar.safety,
    bar.more,
    frame.open,
    chat.newBelow,
    chat.deleteOf('Ida'),
  ];
}

describe('names of the conference’s buttons', () => {
  it.each([
    ['de', de],
    ['en', en],
  ] as const)('%s: are found by a part of them, and nothing else is', (_, m) => {
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
});
