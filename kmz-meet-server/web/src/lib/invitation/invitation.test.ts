import { describe, expect, it } from 'vitest';
import type { Policy } from '../../generated/Policy';
import { de as germanMessages } from '../i18n/de';
import { fileName, html, mailAddress, plainText } from './formats';
import { blocksOf, oneLine, readableUrl, rulesOf, testUrl, type Invitation, type Rule } from './invitation';
import { pictureOf, qrPicture } from './qr';
import { INVITATION_LANGUAGES, TEXTS } from './texts';
import { WORDS } from './words';

const POLICY: Policy = {
  microphone: 'everyone',
  camera: 'everyone',
  screen: 'moderators',
  chat: 'everyone',
  door: 'open',
  microphone_on_at_join: false,
  camera_on_at_join: false,
  capacity: 70,
};
const invitation = (more: Partial<Invitation> = {}): Invitation => ({
  language: 'de',
  topic: 'Mathe 7b',
  url: 'https://meet.example/mutiger-dachs',
  password: 'Sonne 7',
  policy: POLICY,
  schedule: { date: '2026-11-30', time: '08:00', minutes: 45, until: null },
  zone: 'Europe/Berlin',
  namesZone: false,
  guide: 'https://kmz.example/hilfe',
  help: 'meet@kmz.example',
  ...more,
});
const text = (more: Partial<Invitation> = {}): string => plainText(blocksOf(invitation(more)));

describe('text of an invitation', () => {
  it('in German has the form of the page of the service', () => {
    expect(text()).toBe(
      `Einladung zur Videokonferenz

Mathe 7b

Montag, 30. November 2026, 8:00 bis 8:45 Uhr

https://meet.example/mutiger-dachs
Passwort: Sonne 7

Den Link in einem aktuellen Browser öffnen. Ein Konto oder eine App ist nicht nötig.

So geht das Hereinkommen
- Bitte mit stummgeschaltetem Mikrofon und abgeschalteter Kamera beitreten. Der Raum beginnt so, dass beides aus ist.
- Bitte den richtigen Vornamen eingeben.
- Das Mikrofon nur zum Sprechen einschalten und danach wieder ausschalten.
- Wer etwas sagen möchte, hebt die Hand.
- Fragen können auch in den Chat geschrieben werden.
- Bitte den Link nicht weitergeben.

Kamera, Mikrofon und Netz lassen sich vor dem ersten Mal ausprobieren:
https://meet.example/test?room=mutiger-dachs

Weitere Informationen:
https://kmz.example/hilfe

Hilfe: meet@kmz.example`,
    );
  });

  it('without a password has no line about one', () => {
    expect(text({ password: null })).toContain('https://meet.example/mutiger-dachs\n\nDen Link');
    expect(text({ password: null })).not.toMatch(/passwort/i);
  });

  it('of a weekly lesson names the last day on which it takes place', () => {
    const schedule = { date: '2026-11-30', time: '13:05', minutes: 90, until: '2027-03-27' };
    expect(text({ schedule })).toContain(
      'Jeden Montag, 13:05 bis 14:35 Uhr\nVom 30. November 2026 bis 22. März 2027\n',
    );
    expect(text({ schedule, language: 'en' })).toContain(
      'Every Monday, 1:05 pm to 2:35 pm\nFrom 30 November 2026 to 22 March 2027\n',
    );
    expect(text({ schedule, language: 'easy' })).toContain('Das letzte Treffen ist am 22. März 2027.');
  });

  it.each([
    ['00:00', '12:00 am'],
    ['00:30', '12:30 am'],
    ['11:59', '11:59 am'],
    ['12:00', '12:00 pm'],
    ['23:15', '11:15 pm'],
  ])('in English %s is %s', (time, shown) => {
    const schedule = { date: '2026-11-30', time, minutes: 20, until: null };
    expect(text({ schedule, language: 'en' })).toContain(`Monday, 30 November 2026, ${shown} to `);
  });

  it('names the time zone where somebody may think of another one', () => {
    expect(text()).not.toContain('Berlin');
    for (const language of INVITATION_LANGUAGES)
      expect(text({ namesZone: true, language }), language).toContain('Europe/Berlin');
  });

  it.each(INVITATION_LANGUAGES)('%s: has no gap and no broken part', (language) => {
    for (const schedule of [null, invitation().schedule])
      for (const guide of [null, 'https://kmz.example/'])
        expect(text({ language, schedule, guide, topic: '' })).not.toMatch(/undefined|null|NaN|\[object|\n{3}|^\n|\n$/);
  });
});

describe('rules', () => {
  const rules = (more: Partial<Policy>): Rule[] => rulesOf({ ...POLICY, ...more });

  it.each([
    [{}, 'mutedByRoom', 'muted'],
    [{ camera_on_at_join: true }, 'muted', 'mutedByRoom'],
    [{ microphone_on_at_join: true }, 'muted', 'mutedByRoom'],
    [{ door: 'knock' }, 'knock', null],
    [{ door: 'open' }, 'mutedByRoom', 'knock'],
    [{ microphone: 'moderators' }, 'hand', 'microphone'],
    [{ camera: 'moderators' }, 'cameraOff', null],
    [{ chat: 'moderators' }, 'chatOff', 'chat'],
  ] as [Partial<Policy>, Rule, Rule | null][])('of a room with %o have %s and not %s', (policy, has, hasNot) => {
    expect(rules(policy)).toContain(has);
    if (hasNot) expect(rules(policy)).not.toContain(hasNot);
  });

  it('always ask for the first name, and to come in muted', () => {
    for (const language of INVITATION_LANGUAGES) expect(text({ language })).toMatch(/first name|Vornamen/);
    expect(text({ policy: { ...POLICY, camera_on_at_join: true } })).toContain(
      'Bitte mit stummgeschaltetem Mikrofon und abgeschalteter Kamera beitreten.\n',
    );
  });
});

describe('easy language', () => {
  // Of everything that it can say.
  const sentences = Object.values(TEXTS.easy.rules)
    .concat(Object.values(TEXTS.easy.sheet), TEXTS.easy.noAccount, TEXTS.easy.test)
    .concat(text({ language: 'easy', namesZone: true }).split('\n').slice(4, 8))
    .flatMap((part) => part.split(/(?<=[.?!:])\s+/));

  it('has short sentences with one thought each', () => {
    for (const sentence of sentences) {
      expect(sentence.split(/\s+/).length, sentence).toBeLessThanOrEqual(10);
      expect(sentence, sentence).not.toMatch(/[,;]\s(?!\d)/);
    }
  });

  it('has no genitive articles and no passive', () => {
    for (const sentence of sentences) expect(sentence).not.toMatch(/\b(des|eines|wird|werden|wurde)\b/);
  });

  it('calls the button as it is called', () => {
    expect(TEXTS.easy.sheet.join).toContain(germanMessages.preJoin.join);
    expect(TEXTS.de.sheet.join).toContain(germanMessages.preJoin.join);
  });
});

describe('HTML', () => {
  it('is the same text, escaped, with links', () => {
    const made = html(blocksOf(invitation({ topic: `<img src=x onerror="alert('1')"> & Co` })), 'de');
    expect(made).toContain('&#60;img src=x onerror=&#34;alert(&#39;1&#39;)&#34;&#62; &#38; Co');
    expect(made).not.toContain('<img');
    expect(made).toContain(
      '<a href="https://meet.example/mutiger-dachs">https://meet.example/mutiger-dachs</a><br>Passwort: <bdi>Sonne 7</bdi>',
    );
  });
});

describe('address of a mail', () => {
  const read = (address: string): { subject: string; body: string } => {
    const { subject, body } = Object.fromEntries(
      new URLSearchParams(address.slice('mailto:?'.length).replace(/\+/g, '%2B')),
    );
    return { subject: subject ?? '', body: body ?? '' };
  };

  it('has subject and text, with the line ends of mails', () => {
    const { subject, body } = read(
      mailAddress(invitation({ topic: 'Rechnen + Üben & „mehr“', guide: null, help: null })),
    );
    expect(subject).toBe('Einladung zur Videokonferenz: Rechnen + Üben & „mehr“');
    expect(body).toContain('\r\nPasswort: Sonne 7\r\n');
  });

  it('that would be too long has the link and the password still', () => {
    const address = mailAddress(invitation({ topic: '😀'.repeat(100) }));
    expect(address.length).toBeLessThan(2_800);
    const { body } = read(address);
    expect(body.endsWith('https://meet.example/mutiger-dachs\r\nPasswort: Sonne 7')).toBe(true);
    expect(body).toContain('8:00 bis 8:45 Uhr');
  });

  it('of odd text is made all the same', () => {
    expect(() => mailAddress(invitation({ topic: '\ud800 x\u0000\n' }))).not.toThrow();
  });
});

describe('small parts', () => {
  it('one line of any text is one line', () => {
    expect(oneLine(' a\r\nb\tc\u0000\ud800  d ')).toBe('a b c d');
    expect([...oneLine('😀'.repeat(200))]).toHaveLength(100);
    expect(oneLine('فصل ٧ب “x”')).toBe('فصل ٧ب “x”');
  });

  it('name of a file has letters that every system takes', () => {
    expect(fileName(invitation({ topic: 'Größe / Übung: “7b”…' }))).toBe('Einladung-Groesse-Uebung-7b');
    expect(fileName(invitation({ topic: '../../x', language: 'en' }))).toBe('Invitation-x');
    expect(fileName(invitation({ topic: 'فصل 😀' }))).toBe('Einladung');
  });

  it('link is shown as people type it', () => {
    expect(readableUrl('https://meet.example/%C3%BCbung-7b')).toBe('meet.example/übung-7b');
    expect(readableUrl('http://localhost:8080/a')).toBe('http://localhost:8080/a');
    expect(readableUrl('https://meet.example/%E0%A4%A')).toBe('meet.example/%E0%A4%A');
    expect(testUrl('https://meet.example/%C3%BCbung-7b')).toBe('https://meet.example/test?room=%C3%BCbung-7b');
  });

  it('picture of a QR code has every dark module once', async () => {
    expect(
      pictureOf(
        [
          [true, true, false],
          [false, true, true],
        ].concat([[false, false, false]]),
      ),
    ).toEqual({
      size: 3,
      path: 'M0 0h2v1h-2zM1 1h2v1h-2z',
    });
    expect((await qrPicture('https://meet.example/mutiger-dachs')).size).toBeGreaterThan(29);
  });

  it('words of the dialog are the same in both languages', () => {
    expect(Object.keys(WORDS.de)).toEqual(Object.keys(WORDS.en));
    expect(Object.keys(WORDS.de.problems)).toEqual(Object.keys(WORDS.en.problems));
  });
});
