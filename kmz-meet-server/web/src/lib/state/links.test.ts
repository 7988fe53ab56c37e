import { describe, expect, it } from 'vitest';
import { linkify } from './links';

const links = (text: string) => linkify(text).flatMap((piece) => piece.href ?? []);

describe('links in chat', () => {
  it('are found without the punctuation after them', () => {
    expect(linkify('Siehe https://example.org/a(b). Danke!')).toEqual([
      { text: 'Siehe ' },
      { text: 'https://example.org/a(b)', href: 'https://example.org/a(b)' },
      { text: '. Danke!' },
    ]);
    expect(links('(http://example.org/x)')).toEqual(['http://example.org/x']);
  });

  it.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'ftp://example.org',
    'https://school.example@evil.example/',
    'https://school.example:443@evil.example/',
    'JaVaScRiPt:https',
    'mailto:anna@school.example',
    'vbscript:https',
    'https://',
    '//example.org',
    '<a href="x">',
  ])('%s is no link', (text) => {
    expect(links(text)).toEqual([]);
    expect(
      linkify(text)
        .map((piece) => piece.text)
        .join(''),
    ).toBe(text);
  });

  const ADDRESS = 'https://padlet.example/klasse7b';

  it.each([
    ['Bitte lest „', '“ bis morgen.'],
    ['»', '«.'],
    ['›', '‹'],
    ['“', '”,'],
    ['‘', '’'],
    ['[', ']'],
    ['(siehe ', ')!'],
    ['{', '}'],
    ['「', '」'],
    ['**', '**'],
    ['*', '*'],
    ['_', '_'],
    ['~~', '~~'],
    ['`', '`'],
    ['<', '>'],
    ["'", "'"],
    ['Link:', '…'],
    ['', ' – ab 8 Uhr'],
    ['', '—'],
    ['', '?!'],
    ['**', '.**'],
    ['__', '__,'],
    ['', '😀'],
    ['', '👍🏽!'],
    ['', '👩‍🏫'],
    ['', '🇩🇪'],
    ['', '❤️'],
    ['', '1️⃣'.slice(1)],
    ['', '。'],
    ['', '\u200b\u2060'],
    ['', '\u202egro'],
    ['\u202e', '\u202c'],
  ])('%s before and %s after an address are not of it', (before, after) => {
    const text = before + ADDRESS + after;
    expect(links(text)).toEqual([ADDRESS]);
    expect(
      linkify(text)
        .map((piece) => piece.text)
        .join(''),
    ).toBe(text);
  });

  it.each([
    ['https://de.wikipedia.org/wiki/Bruch_(Mathematik)', 'https://de.wikipedia.org/wiki/Bruch_(Mathematik)'],
    ['https://müller.example/Übung?x=ö', 'https://xn--mller-kva.example/%C3%9Cbung?x=%C3%B6'],
    ['https://例え.jp/', 'https://xn--r8jz45g.jp/'],
    ['http://meet:8080/raum', 'http://meet:8080/raum'],
    ['https://a.example/x_', 'https://a.example/x_'],
    ['https://a.example/?a=1&b=[2]#c', 'https://a.example/?a=1&b=[2]#c'],
  ])('%s stays whole', (text, href) => expect(linkify(text)).toEqual([{ text, href }]));

  it('keep every character of the message', () => {
    const text = 'a https://x.example/?q=1&r=2, b\nhttp://y.example! <script>';
    expect(
      linkify(text)
        .map((piece) => piece.text)
        .join(''),
    ).toBe(text);
  });

  it('are found fast in hostile text', () => {
    const text = 'https://' + '('.repeat(1000) + ')'.repeat(990);
    const start = performance.now();
    linkify(text);
    expect(performance.now() - start).toBeLessThan(200);
  });
});
